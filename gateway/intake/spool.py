"""A mail on its way in: small in memory, large in a file, in memory never more than a block."""

import asyncio
import hashlib
import os
import threading
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Executor
from pathlib import Path
from typing import NamedTuple

from crm_store import fault_point
from gateway.intake.segment import SMALL_MAIL_BYTES

_BLOCK_BYTES = 256 * 1024


class Body(NamedTuple):
    """A mail that has come in whole. body: the mail if it is small; None: it is in the spool file, flushed."""

    size_bytes: int
    sha256: bytes
    body: bytes | None


class SpoolFile:
    """A large mail's file. Blocking, for a thread; the lock lets discard() come while a write is under way."""

    def __init__(self, path: Path) -> None:
        """Raises: OSError, also where the file exists."""
        self._path = path
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        self._open = True
        self._lock = threading.Lock()
        self._digest = hashlib.sha256()
        self._size_bytes = 0

    def write(self, block: bytes | bytearray) -> None:
        """Raises: OSError."""
        with self._lock:
            rest = memoryview(block)
            while rest and self._open:
                rest = rest[os.write(self._file, rest) :]
            self._digest.update(block)
            self._size_bytes += len(block)

    def finish(self, last_block: bytes | bytearray) -> Body:
        """Write the last block and flush the file; its name in the folder is for others to flush. Raises: OSError."""
        self.write(last_block)
        with self._lock:
            fault_point.reach("spool.before-flush")
            os.fsync(self._file)
            fault_point.reach("spool.after-flush")
            self._close()
        return Body(self._size_bytes, self._digest.digest(), None)

    def discard(self) -> None:
        with self._lock:
            self._close()
            self._path.unlink(missing_ok=True)

    def _close(self) -> None:
        if self._open:
            self._open = False
            os.close(self._file)


async def collect(chunks: AsyncIterator[bytes], path: Callable[[], Path], threads: Executor) -> Body:
    """Take in all chunks. path: the spool file that a large mail gets, and only such a one asks for.

    Whatever ends it early (an error of chunks or of the disk, a cancellation) leaves no file.
    Raises: OSError; what chunks raises."""
    pending = bytearray()
    async for chunk in chunks:
        pending += chunk
        if len(pending) > SMALL_MAIL_BYTES:
            return await _collect_in_file(pending, chunks, path(), threads)
    body = bytes(pending)
    return Body(len(body), hashlib.sha256(body).digest(), body)


async def _collect_in_file(pending: bytearray, chunks: AsyncIterator[bytes], path: Path, threads: Executor) -> Body:
    loop = asyncio.get_running_loop()
    # On the loop: a file opened by a thread that nobody waits for any more would belong to nobody.
    file = SpoolFile(path)
    try:
        await loop.run_in_executor(threads, file.write, pending)
        pending = bytearray()
        async for chunk in chunks:
            pending += chunk
            if len(pending) >= _BLOCK_BYTES:
                await loop.run_in_executor(threads, file.write, pending)
                pending = bytearray()
        return await loop.run_in_executor(threads, file.finish, pending)
    except BaseException:
        threads.submit(file.discard)  # waits for the write that may be under way
        raise
