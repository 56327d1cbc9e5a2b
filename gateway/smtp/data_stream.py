"""The text of one mail behind DATA: the dots undone, its end found, never more than a block in memory."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Protocol

_DOT = b"\r\n."
_END = b"\r\n.\r\n"
_BEGUN = tuple(_END[:size_bytes] for size_bytes in range(len(_END) - 1, 0, -1))


class ClientGone(Exception):
    """The connection ended before the mail did."""


class MailTooLarge(Exception):
    """The mail is larger than the limit that EHLO told."""


class IncomingMail(Protocol):
    """The blocks of one mail. size_bytes: as far as it was read."""

    @property
    def size_bytes(self) -> int: ...
    def __aiter__(self) -> AsyncIterator[bytes]: ...
    async def __anext__(self) -> bytes: ...


class DotDecoder:
    """Undoes dot-stuffing and finds the end of the mail (RFC 5321 §4.5.2), wherever the blocks are cut.

    CRLF.CRLF alone ends it (RFC 5321 §2.3.8); a bare CR or LF is a character like any other."""

    def __init__(self) -> None:
        self.rest: bytes | None = None
        """What came behind the end; None until it was found."""
        # The CRLF of the DATA command can be the first half of the end, and is not part of the mail.
        self._held = b"\r\n"
        self._not_ours = len(self._held)

    def feed(self, block: bytes) -> bytes:
        """The mail as far as it is certain. Not to be called once rest is there."""
        text = self._held + block
        # Most blocks have no line that begins with a dot: one search tells, in place of two passes.
        dot = text.find(_DOT)
        end = -1 if dot < 0 else text.find(_END, dot)
        if end >= 0:
            self.rest = text[end + len(_END) :]
            certain = text[: end + 2]  # the CRLF belongs to the last line
        else:
            held = next((len(begun) for begun in _BEGUN if text.endswith(begun)), 0)
            certain, self._held = text[: len(text) - held], text[len(text) - held :]
        if certain:
            undone = certain if dot < 0 else certain.replace(_DOT, b"\r\n")
            certain, self._not_ours = undone[self._not_ours :], 0
        return certain


class MailStream:
    """The blocks of one mail, to be read once with `async for`."""

    def __init__(self, read: Callable[[], Awaitable[bytes]], max_bytes: int) -> None:
        """read: the next bytes of the connection, b"" when it has ended."""
        self._read = read
        self._max_bytes = max_bytes
        self.size_bytes = 0
        self._decoder = DotDecoder()

    @property
    def rest(self) -> bytes | None:
        """What the client sent behind the mail; None until its end was seen."""
        return self._decoder.rest

    def __aiter__(self) -> "MailStream":
        return self

    async def __anext__(self) -> bytes:
        """Raises: ClientGone, MailTooLarge."""
        while self.rest is None:
            if block := await self._next_block():
                self.size_bytes += len(block)
                if self.size_bytes > self._max_bytes:
                    raise MailTooLarge
                return block
        raise StopAsyncIteration

    async def skip(self, at_most_bytes: int) -> bool:
        """Read on to the end and forget what comes. False: the end did not come within at_most_bytes.

        Raises: ClientGone."""
        skipped_bytes = 0
        while self.rest is None and skipped_bytes <= at_most_bytes:
            skipped_bytes += len(await self._next_block())
        return self.rest is not None

    async def _next_block(self) -> bytes:
        block = await self._read()
        if not block:
            raise ClientGone
        return self._decoder.feed(block)
