"""Fair turns for the writers of one SQLite file.

SQLite lets whoever asks next have the write lock; with several writing processes some got nothing (design.md 13). Two
flocks make it a queue: who holds `queue` is next, who holds `turn` writes. Having written, a process finds the queue
held by the one that waited. The kernel frees both on kill -9. Each thread has its own open files: a flock belongs to
the open file, not to the process."""

import fcntl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


class WriteGate:
    def __init__(self, database_path: Path) -> None:
        self._queue_path = database_path.with_name(database_path.name + ".queue")
        self._turn_path = database_path.with_name(database_path.name + ".turn")
        self._mine = threading.local()

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait in line; the block is this thread's turn. Not re-entrant."""
        queue, turn = self._files()
        fcntl.flock(queue, fcntl.LOCK_EX)
        try:
            fcntl.flock(turn, fcntl.LOCK_EX)
        finally:
            fcntl.flock(queue, fcntl.LOCK_UN)
        try:
            yield
        finally:
            fcntl.flock(turn, fcntl.LOCK_UN)

    def _files(self) -> tuple[BinaryIO, BinaryIO]:
        files: tuple[BinaryIO, BinaryIO] | None = getattr(self._mine, "files", None)
        if files is None:
            # Closed when the thread ends and its locals go.
            files = self._queue_path.open("ab"), self._turn_path.open("ab")
            self._mine.files = files
        return files
