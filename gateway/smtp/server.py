"""All sessions of one process: from the listening sockets to the last goodbye."""

import asyncio
import socket
from collections.abc import Mapping, Sequence

from gateway.smtp.handler import CaptureHandler
from gateway.smtp.options import Options
from gateway.smtp.session import SmtpSession, engine_of

_BACKLOG = 1024
# asyncio accepts as many connections at once as its backlog says: with few, processes on one socket share the load.
_ACCEPTED_AT_ONCE = 16


class SmtpServer:
    def __init__(self, handler: CaptureHandler, options: Options) -> None:
        self._handler = handler
        self._options = options
        self._engine: Mapping[str, object] = {}
        self._sessions: set[SmtpSession] = set()
        self._servers: list[asyncio.Server] = []
        self._stopping = False

    async def start(self, listening: Sequence[socket.socket]) -> None:
        """Serve on bound sockets; other processes may serve on the same ones."""
        loop = asyncio.get_running_loop()
        self._engine = engine_of(self._options)
        for listener in listening:
            server = await loop.create_server(self._new_session, sock=listener, backlog=_ACCEPTED_AT_ONCE)
            listener.listen(_BACKLOG)
            self._servers.append(server)

    async def stop(self, grace_s: float) -> None:
        """Take no more connections, let mails under way finish for grace_s, then cut them off."""
        self._stopping = True
        for server in self._servers:
            server.close()
        for session in tuple(self._sessions):
            session.stop()
        await self._wait(grace_s)
        for session in tuple(self._sessions):
            session.abort()
        await self._wait(1)

    async def _wait(self, at_most_s: float) -> None:
        if self._sessions:
            await asyncio.wait([session.task for session in self._sessions], timeout=at_most_s)

    def _new_session(self) -> SmtpSession:
        return SmtpSession(self._handler, self._options, self._engine, self._begin)

    def _begin(self, session: SmtpSession) -> None:
        if session not in self._sessions:
            self._sessions.add(session)
            session.task.add_done_callback(lambda _task: self._sessions.discard(session))
        if self._stopping:
            session.stop()
