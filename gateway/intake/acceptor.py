"""One process's place in the intake: its folder, and the lock that shows that it lives."""

import fcntl
import os
import threading
from pathlib import Path

from gateway.intake import segment


class Acceptor:
    """Holds the lock from the first ensure() until release(). Usable from any thread."""

    def __init__(self, intake_folder: Path, acceptor_id: str) -> None:
        self.folder = segment.acceptors_folder(intake_folder) / acceptor_id
        self._lock: int | None = None
        self._making = threading.Lock()

    def ensure(self) -> None:
        """Make the folder where it is missing: at the start, or when somebody took the data away under us.

        Raises: OSError."""
        with self._making:
            if self._lock is None or not self._is_in_place(self._lock):
                self._let_go()
                self._lock = self._make()

    def release(self) -> None:
        with self._making:
            self._let_go()

    def _is_in_place(self, lock: int) -> bool:
        try:
            return os.path.samestat(os.fstat(lock), segment.lock_path(self.folder).stat())
        except FileNotFoundError:
            return False

    def _make(self) -> int:
        # Locked before it has its name: a drainer that saw it without a lock would take it for dead.
        unnamed = self.folder.with_name(f".{self.folder.name}")
        segment.spool_folder(unnamed).mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = os.open(segment.lock_path(unnamed), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            segment.sync(unnamed)
            unnamed.rename(self.folder)
            for folder in self.folder.absolute().parents[
                :4
            ]:  # who made the intake and the data folder may not have flushed them
                segment.sync(folder)
        except BaseException:
            os.close(lock)
            raise
        return lock

    def _let_go(self) -> None:
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None
