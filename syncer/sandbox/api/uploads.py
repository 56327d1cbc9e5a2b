"""Media that comes with a call: simple, multipart and resumable (facts/gmail.md 1.3)."""

import json
from collections.abc import Callable

from crm_store.mail.body import content
from crm_store.mail.limits import Limits
from crm_store.mail.problems import Problems
from crm_store.mail.structure import find_parts
from syncer.sandbox.api.call import ApiReply, ApiRequest
from syncer.sandbox.api.discovery import Method
from syncer.sandbox.api.errors import ApiError, bad_request
from syncer.sandbox.api.upload_sessions import UploadSession, UploadSessions
from syncer.sandbox.json_value import JsonObject

_ANY_SIZE = Limits(raw_bytes=1 << 30)

Run = Callable[[JsonObject, bytes], ApiReply]


def upload(
    request: ApiRequest, method: Method, sessions: UploadSessions, account_id: int, limit_bytes: int, run: Run
) -> ApiReply:
    """Take what came; run(body, media) once all is there. Raises: ApiError 400, 404, 413."""
    query = dict(request.query)
    if session_id := query.get("upload_id"):
        return _go_on(request, sessions, sessions.find(session_id, account_id), limit_bytes, run)
    match query.get("uploadType"):
        case "media":
            return run({}, _bounded(request.body, limit_bytes))
        case "multipart":
            body, media = _related(request)
            return run(body, _bounded(media, limit_bytes))
        case "resumable":
            return _begin(request, method, sessions, account_id, limit_bytes)
    raise bad_request("Invalid upload request: uploadType is needed.", "badRequest")


def json_body(data: bytes) -> JsonObject:
    """{} for no bytes at all. Raises: ApiError 400."""
    if not data:
        return {}
    try:
        found = json.loads(data)
    except ValueError:
        raise bad_request("Invalid JSON payload received.", "parseError") from None
    if not isinstance(found, dict):
        raise bad_request("Invalid JSON payload received. Root element must be a message.", "parseError")
    return found


def _begin(
    request: ApiRequest, method: Method, sessions: UploadSessions, account_id: int, limit_bytes: int
) -> ApiReply:
    length = request.headers.get("x-upload-content-length", "")
    total = int(length) if length.isdecimal() else None
    if total is not None and total > limit_bytes:
        raise ApiError(413, "Media size exceeds the limit.", "uploadTooLarge")
    session = sessions.begin(account_id, method.id, request.path, json_body(request.body), total)
    # The host as the client named it: behind a proxy that is the only one that it reaches.
    location = f"http://{request.headers.get('host', 'localhost')}{request.path}"
    return ApiReply(200, None, {"Location": f"{location}?uploadType=resumable&upload_id={session.id}"})


def _go_on(
    request: ApiRequest, sessions: UploadSessions, session: UploadSession, limit_bytes: int, run: Run
) -> ApiReply:
    session.take(request.headers.get("content-range", ""), request.body, limit_bytes)
    sessions.make_room(session)
    if not session.is_whole:
        return ApiReply(308, None, session.received)
    reply = run(session.body, bytes(session.data))
    sessions.end(session)
    return reply


def _related(request: ApiRequest) -> tuple[JsonObject, bytes]:
    """The two parts of multipart/related: JSON, then the mail (its bytes as they are, or in base64)."""
    whole = f"Content-Type: {request.headers.get('content-type', '')}\r\n\r\n".encode() + request.body
    parts = find_parts(whole, _ANY_SIZE, Problems()).children
    if len(parts) != 2:
        raise bad_request(f"Invalid multipart request with {len(parts)} mime parts.", "badRequest")
    return json_body(content(whole, parts[0], Problems())), content(whole, parts[1], Problems())


def _bounded(data: bytes, limit_bytes: int) -> bytes:
    if len(data) > limit_bytes:
        raise ApiError(413, "Media size exceeds the limit.", "uploadTooLarge")
    return data
