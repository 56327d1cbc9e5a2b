"""What stands before every endpoint: headers for browsers, a limit for bodies, and an end for our own errors."""

import traceback

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.web import problems
from gateway.web.metrics import route_of

MAX_BODY_BYTES = 1_000_000

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
    """413 to a body over MAX_BODY_BYTES: at once where its length is told, else while it is read."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and int(Headers(scope=scope).get("content-length", "0")) > MAX_BODY_BYTES:
            answer = await problems.refused(Request(scope), 413, _TOO_LARGE)
            await answer(scope, receive, send)
            return
        seen_bytes = 0

        async def receive_some() -> Message:
            nonlocal seen_bytes
            message = await receive()
            seen_bytes += len(message.get("body", b""))
            if seen_bytes > MAX_BODY_BYTES:
                raise HTTPException(413, _TOO_LARGE)
            return message

        await self._app(scope, receive_some, send)


_TOO_LARGE = f"the body has more than {MAX_BODY_BYTES} bytes"
