"""Batches: many calls in one request, each answered by itself (facts/gmail.md 1.6)."""

import asyncio
import json
import secrets
from email.message import Message
from email.parser import BytesParser
from email.policy import HTTP
from http.client import responses
from urllib.parse import parse_qsl, unquote, urlsplit

from syncer.sandbox.api.call import ApiReply, ApiRequest
from syncer.sandbox.api.dispatch import answer
from syncer.sandbox.api.errors import ApiError, bad_request
from syncer.sandbox.google import Google

MOST_CALLS = 100


async def answer_batch(google: Google, request: ApiRequest) -> ApiReply:
    """multipart/mixed in, multipart/mixed out; the parts run at once. Raises: Dropped."""
    try:
        parts = _parts(request)
    except ApiError as error:
        return ApiReply(error.status, error.body())
    replies = await asyncio.gather(*(answer(google, inner) for _, inner in parts))
    border = f"batch_{secrets.token_urlsafe(16)}"
    out = bytearray()
    for (content_id, _), reply in zip(parts, replies, strict=True):
        out += f"--{border}\r\nContent-Type: application/http\r\n".encode()
        if content_id:
            out += f"Content-ID: <response-{content_id.strip('<>')}>\r\n".encode()
        out += b"\r\n" + _http(reply) + b"\r\n"
    out += f"--{border}--\r\n".encode()
    return ApiReply(200, bytes(out), {"Content-Type": f"multipart/mixed; boundary={border}"})


def _parts(request: ApiRequest) -> list[tuple[str, ApiRequest]]:
    """(Content-ID, call) of each part."""
    head = f"Content-Type: {request.headers.get('content-type', '')}\r\n\r\n".encode()
    whole = BytesParser(policy=HTTP).parsebytes(head + request.body)
    parts = whole.get_payload() if whole.is_multipart() else []
    if not isinstance(parts, list) or not parts:
        raise bad_request("Failed to parse batch request, error: Failed in parsing MIME.", "badRequest")
    if len(parts) > MOST_CALLS:
        message = f"The batch request could not be processed. The number of calls is over the limit {MOST_CALLS}."
        raise bad_request(message, "badRequest")
    return [(str(part.get("Content-ID", "")), _inner(part, request)) for part in parts if isinstance(part, Message)]


def _inner(part: Message, outer: ApiRequest) -> ApiRequest:
    payload = part.get_payload(decode=True)
    text = payload if isinstance(payload, bytes) else b""
    first, _, rest = text.lstrip().partition(b"\n")
    words = first.decode("utf-8", "replace").split()
    if len(words) < 2:
        raise bad_request("Failed to parse batch request, error: Failed in parsing HTTP.", "badRequest")
    inner = BytesParser(policy=HTTP).parsebytes(rest)
    body = inner.get_payload(decode=True)
    headers = {name.lower(): str(value) for name, value in inner.items()}
    # A part without a token of its own goes with the outer one's.
    headers.setdefault("authorization", outer.headers.get("authorization", ""))
    parts = urlsplit(words[1])
    query = parse_qsl(parts.query, keep_blank_values=True)
    data = body.strip() if isinstance(body, bytes) else b""
    return ApiRequest(words[0].upper(), unquote(parts.path), query, headers, data)


def _http(reply: ApiReply) -> bytes:
    body = b"" if reply.body is None else json.dumps(reply.body).encode()
    head = f"HTTP/1.1 {reply.status} {responses.get(reply.status, 'Unknown')}\r\n"
    headers = {"Content-Type": "application/json; charset=UTF-8", "Content-Length": str(len(body)), **reply.headers}
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"{head}{lines}\r\n".encode() + body
