"""A mail that goes in circles is found by its header while it streams, before it is stored (RFC 5321 §6.3)."""

import re
from collections.abc import AsyncIterator, Collection

_HEADER_END = re.compile(rb"\n\r?\n")
_FIELD_END = re.compile(rb"\n(?![ \t])")
_WATCHED_BYTES = 512 * 1024  # as good as all headers; what is longer is not searched any further


class MailLooped(Exception):
    """It was here before, or at too many places."""


class LoopWatch:
    """Passes on the blocks of a mail as they come. recipients: normalised.

    Its Delivered-To is ours where it names a recipient: somebody delivers to that address, and it comes back to us."""

    def __init__(self, blocks: AsyncIterator[bytes], recipients: Collection[str], max_received_fields: int) -> None:
        self._blocks = blocks
        self._recipients = recipients
        self._max_received_fields = max_received_fields
        self._header: bytearray | None = bytearray(b"\n")  # so that the first line has one before it, too

    def __aiter__(self) -> "LoopWatch":
        return self

    async def __anext__(self) -> bytes:
        """Raises: MailLooped; what the blocks raise."""
        try:
            block = await anext(self._blocks)
        except StopAsyncIteration:
            self._judge(end=None)  # a mail without a body
            raise
        if self._header is not None:
            searched = max(0, len(self._header) - 2)
            self._header += block
            found = _HEADER_END.search(self._header, searched)
            if found or len(self._header) > _WATCHED_BYTES:
                self._judge(found.start() if found else None)
        return block

    def _judge(self, end: int | None) -> None:
        if self._header is None:
            return
        header = bytes(self._header[:end]).lower()
        self._header = None
        if header.count(b"\nreceived:") > self._max_received_fields:
            raise MailLooped
        if b"\ndelivered-to:" in header and any(self._is_ours(field) for field in _FIELD_END.split(header)):
            raise MailLooped

    def _is_ours(self, field: bytes) -> bool:
        name, _, value = field.partition(b":")
        return name == b"delivered-to" and value.decode("utf-8", "replace").strip(" \t\r\n<>") in self._recipients
