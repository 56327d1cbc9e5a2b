"""The sandbox as a process: serves until SIGTERM or Ctrl-C."""

import asyncio
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from uvicorn import Config, Server

from crm_store.errors import Permanent
from crm_store.settings import ListenAddress
from syncer.sandbox.app import make_app
from syncer.sandbox.google import Google
from syncer.sandbox.mailbox import accounts
from syncer.sandbox.server import config_of
from syncer.sandbox.store import Store

_FIRST_ACCOUNTS = (("ana@gmail.sandbox", "Ana Pratama"), ("budi@gmail.sandbox", "Budi Santoso"))


def serve(
    listen: ListenAddress, folder: Path, relay: ListenAddress | None, tell: Callable[[ListenAddress], None]
) -> None:
    """tell: called once it serves, with the port that the system picked for port 0.

    Raises: Permanent where it can't listen there."""
    folder.mkdir(parents=True, exist_ok=True)
    store = Store(folder / "google.sqlite3")
    google = Google(store, relay)
    if not accounts.every(store):
        for email, name in _FIRST_ACCOUNTS:
            accounts.add(store, email, name, google.now_ms())
    try:
        sock = bound(listen)
    except OSError as error:
        store.close()
        raise Permanent(f"--listen {listen}: {error.strerror}") from error
    with sock:
        server = SandboxServer(config_of(make_app(google)), lambda: tell(ListenAddress(*sock.getsockname()[:2])))
        try:
            asyncio.run(server.serve([sock]))
        finally:
            google.stop()
            store.close()


def bound(listen: ListenAddress) -> socket.socket:
    """Raises: OSError."""
    family = socket.AF_INET6 if ":" in listen.host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind(tuple(listen))
        sock.listen(1024)
    except OSError:
        sock.close()
        raise
    return sock


class SandboxServer(Server):
    """uvicorn's, save that it tells when it serves, and that a signal is an orderly end."""

    def __init__(self, config: Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._ready()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, self.stop)
        yield

    def stop(self) -> None:
        """Finish what is under way, then return from serve()."""
        self.should_exit = True
