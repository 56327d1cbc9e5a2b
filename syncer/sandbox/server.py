"""uvicorn, with a way to cut a connection: a fault on demand, as Google's front ends do by chance."""

import asyncio

from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn import Config
from uvicorn.protocols.http.h11_impl import H11Protocol

from syncer.sandbox.google import Dropped

_KEEP_ALIVE_S = 60
_GRACE_S = 3


def config_of(app: ASGIApp) -> Config:
    return Config(
        app,
        http=_Protocol,
        ws="none",
        lifespan="off",
        log_config=None,
        log_level="warning",
        date_header=False,  # app.py has the stand-in's own
        access_log=False,  # its lines have query strings, and those have codes
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=_KEEP_ALIVE_S,
        timeout_graceful_shutdown=_GRACE_S,
    )


class _Protocol(H11Protocol):
    """One connection, whose application may ask that it be cut without a status line."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as in uvicorn
        super().connection_made(transport)
        self.app = _Cutting(self.app, transport)


class _Cutting:
    def __init__(self, app: ASGIApp, transport: asyncio.Transport) -> None:
        self._app, self._transport = app, transport

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self._app(scope, receive, send)
        except Dropped:
            self._transport.abort()
            while (await receive())["type"] != "http.disconnect":
                pass  # until uvicorn has noticed; it would answer 500 before
