"""A mail that comes in chunks: BDAT (RFC 3030). Counted, not searched; never more than a block in memory."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

from gateway.smtp.data_stream import ClientGone, MailTooLarge

_BLOCK_BYTES = 64 * 1024


class ChunkedMail:
    """The blocks of all chunks, to be read once with `async for`, while chunks still come."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._blocks: asyncio.Queue[bytes] = asyncio.Queue(1)
        self.size_bytes = 0

    def __aiter__(self) -> "ChunkedMail":
        return self

    async def __anext__(self) -> bytes:
        """Raises: MailTooLarge."""
        if not (block := await self._blocks.get()):
            raise StopAsyncIteration
        self.size_bytes += len(block)
        if self.size_bytes > self._max_bytes:
            raise MailTooLarge
        return block

    async def feed(self, block: bytes) -> None:
        """b"": that was the last one."""
        await self._blocks.put(block)

    def let_go(self) -> None:
        """Nobody reads any more: who waits in feed() goes on."""
        with suppress(asyncio.QueueEmpty):
            self._blocks.get_nowait()


class Chunks:
    """Chunks on their way into the store, which reads while the dialog goes on from chunk to chunk."""

    def __init__(self, keep: Callable[[ChunkedMail], Awaitable[str]], max_bytes: int) -> None:
        """keep: stores the mail and gives the reply to it."""
        self._mail = ChunkedMail(max_bytes)
        self._keeping: asyncio.Future[str] = asyncio.ensure_future(keep(self._mail))
        self._keeping.add_done_callback(lambda _done: self._mail.let_go())

    async def take(self, size_bytes: int, read: Callable[[int], Awaitable[bytes]]) -> str | None:
        """Take one chunk in whole, whatever becomes of it. read: gives the next bytes, at most as many as asked.

        The reply, where the store has refused the mail; None: it wants more. Raises: ClientGone."""
        left_bytes = size_bytes
        while left_bytes:
            block = await _next_of(left_bytes, read)
            left_bytes -= len(block)
            if not self._keeping.done():
                await self._mail.feed(block)
        return await self._keeping if self._keeping.done() else None

    async def end(self) -> str:
        """The reply to the whole mail."""
        if not self._keeping.done():
            await self._mail.feed(b"")
        return await self._keeping

    def drop(self) -> None:
        """Forget the mail; nothing of it stays on disk."""
        self._keeping.cancel()


async def skip(size_bytes: int, read: Callable[[int], Awaitable[bytes]]) -> None:
    """Read a chunk that is refused: it must not be taken for commands. Raises: ClientGone."""
    while size_bytes:
        size_bytes -= len(await _next_of(size_bytes, read))


async def _next_of(left_bytes: int, read: Callable[[int], Awaitable[bytes]]) -> bytes:
    """Raises: ClientGone."""
    if block := await read(min(left_bytes, _BLOCK_BYTES)):
        return block
    raise ClientGone
