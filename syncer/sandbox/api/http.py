"""The API as an ASGI application: bytes in, ApiRequest; ApiReply, bytes out."""

import json
from urllib.parse import parse_qsl

from starlette.types import Receive, Scope, Send

from syncer.sandbox.api.batch import answer_batch
from syncer.sandbox.api.call import ApiReply, ApiRequest
from syncer.sandbox.api.dispatch import answer
from syncer.sandbox.api.errors import too_large
from syncer.sandbox.google import Google

_MOST_UPLOAD_BYTES = 160 * 1024 * 1024  # insert and import take 157 286 400 bytes [D]; the JSON part is small
_MOST_BATCH_BYTES = 64 * 1024 * 1024


class ApiApp:
    """Gmail v1, People v1, uploads and batches."""

    def __init__(self, google: Google) -> None:
        self._google = google

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path: str = scope["path"]
        is_batch = path == "/batch" or path.startswith("/batch/")
        if path.startswith(("/upload/", "/resumable/")):
            limit_bytes = _MOST_UPLOAD_BYTES
        else:
            limit_bytes = _MOST_BATCH_BYTES if is_batch else self._google.limits.json_bytes
        body = await _body(receive, limit_bytes)
        if body is None:
            error = too_large(limit_bytes)
            await _reply(send, ApiReply(413, error.body(), {"Connection": "close"}))
            return
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        verb, query = scope["method"], scope["query_string"].decode("latin-1")
        if override := headers.get("x-http-method-override"):
            # Google's client turns a GET with a long URI into a POST whose body is the query.
            verb, query, body = override.upper(), body.decode("latin-1"), b""
        request = ApiRequest(verb, path, parse_qsl(query, keep_blank_values=True), headers, body)
        await _reply(send, await (answer_batch if is_batch else answer)(self._google, request))


async def _body(receive: Receive, limit_bytes: int) -> bytes | None:
    """None where it is longer than that: the rest is not read."""
    data = bytearray()
    while True:
        message = await receive()
        data += message.get("body", b"")
        if len(data) > limit_bytes:
            return None
        if not message.get("more_body"):
            return bytes(data)


async def _reply(send: Send, reply: ApiReply) -> None:
    if isinstance(reply.body, bytes):
        body = reply.body
    else:
        body = b"" if reply.body is None else json.dumps(reply.body, separators=(",", ":")).encode()
    headers = {"content-type": "application/json; charset=UTF-8", **{k.lower(): v for k, v in reply.headers.items()}}
    headers["content-length"] = str(len(body))
    raw = [(name.encode("latin-1"), value.encode("latin-1", "replace")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": reply.status, "headers": raw})
    await send({"type": "http.response.body", "body": body})
