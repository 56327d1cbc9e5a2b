"""What stands before every endpoint: headers for browsers, a limit for bodies, and an end for our own errors."""

import re
import traceback

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.web import problems
from gateway.web.metrics import route_of
from gateway.web.pages import uploads

MAX_BODY_BYTES = 1_000_000
# E4: 26,214,400 bytes of attachments in base64, and as much text as a mail may have.
MAX_BODY_WITH_FILES_BYTES = 40_000_000
_TAKES_FILES = re.compile(r"/api/v1/locations/[0-9]{1,19}/emails")

_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "private, no-store",
}

log = structlog.get_logger()


class SecurityHeaders:
    """On every answer; an endpoint that says otherwise is left as it is."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, send_with_headers)


class OwnErrors:
    """500 without a word of the inside. The log gets the kind of error and the lines of code, never its text: a
    database puts the values of a row into that."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def send_and_note(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, send_and_note)
        except ClientDisconnect:
            pass  # nobody is there to be answered, and whoever leaves often fills no log
        except Exception as error:  # noqa: BLE001  # the last one who can answer
            log.error(
                "request_failed",
                method=scope["method"],
                route=route_of(scope),
                error=type(error).__qualname__,
                where="".join(traceback.format_tb(error.__traceback__)),
            )
            if not started:
                answer = await problems.unexpected(Request(scope))
                await answer(scope, receive, send)


class BodyLimit:
    """413 to a body over its limit: at once where its length is told, else while it is read."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        most = _most_bytes(scope)
        if scope["type"] == "http" and int(Headers(scope=scope).get("content-length", "0")) > most:
            answer = await problems.refused(Request(scope), 413, _too_large(most))
            await answer(scope, receive, send)
            return
        seen_bytes = 0

        async def receive_some() -> Message:
            nonlocal seen_bytes
            message = await receive()
            seen_bytes += len(message.get("body", b""))
            if seen_bytes > most:
                raise HTTPException(413, _too_large(most))
            return message

        await self._app(scope, receive_some, send)


def _most_bytes(scope: Scope) -> int:
    method, path = scope.get("method", ""), scope.get("path", "")
    if uploads.takes_files(method, path):
        return uploads.MOST_FORM_BYTES
    return MAX_BODY_WITH_FILES_BYTES if method == "POST" and _TAKES_FILES.fullmatch(path) else MAX_BODY_BYTES


def _too_large(most: int) -> str:
    return f"the body has more than {most} bytes"
