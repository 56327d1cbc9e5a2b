"""The web as a process: `run` is what the supervisor starts."""

import asyncio
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from socket import socket

import structlog
from fastapi import FastAPI
from uvicorn import Config, Server

from crm_store.database import engine
from crm_store.process.service import Context
from gateway.web.app import make_app

log = structlog.get_logger()

_GRACE_S = 6  # a service returns within 8 s of SIGTERM
_KEEP_ALIVE_S = 30


def run(context: Context) -> None:
    """Serve until SIGTERM; requests under way are finished."""
    engine.configure(context.settings)

    async def alive() -> None:
        context.alive()

    app = make_app(context.settings)
    config = config_of(app)
    config.callback_notify, config.timeout_notify = alive, 0  # each second, from the event loop
    asyncio.run(WebServer(config, context.ready, app.state.live.close).serve(context.sockets["http"]))


def config_of(app: FastAPI) -> Config:
    return Config(
        app,
        http="h11",
        ws="none",
        log_config=None,  # uvicorn's loggers come out of our door
        log_level="warning",  # its news are sentences; ours are events
        access_log=False,  # its lines have query strings, and those have addresses
        server_header=False,
        proxy_headers=False,  # nobody's word for another client's address is taken
        timeout_keep_alive=_KEEP_ALIVE_S,
        timeout_graceful_shutdown=_GRACE_S,
    )


class WebServer(Server):
    """uvicorn's, save that it tells when it serves, and that SIGTERM is an orderly end.

    stopping: is called when it begins to stop, to end what would never end by itself."""

    def __init__(self, config: Config, ready: Callable[[], None], stopping: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready
        self._stopping = stopping

    async def startup(self, sockets: list[socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            log.info("web_serving")
            self._ready()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        # uvicorn's own takes SIGINT as well, which is the supervisor's, and raises SIGTERM again once all is done.
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, self.stop)
        yield

    def stop(self) -> None:
        """Finish what is under way, then return from serve()."""
        log.info("web_stopping")
        self._stopping()
        self.should_exit = True
