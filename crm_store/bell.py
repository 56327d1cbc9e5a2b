"""A local doorbell between processes of one machine: ringing never waits, and a ring that nobody hears is no loss.

A named pipe and not a datagram socket: a socket's path ends at 108 octets, a data folder's may be longer."""

import os
import select
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self


def of_capture_worker(data: Path) -> Path:
    """Where the capture worker of this machine listens. data: SUNNYDAY_DATA."""
    return data / "run" / "capture.bell"


def of_syncer(data: Path) -> Path:
    """Where the syncer of this machine listens. data: SUNNYDAY_DATA."""
    return data / "run" / "syncer.bell"


def ring(path: Path) -> None:
    """Wake whoever listens at path. Does nothing where nobody does."""
    try:
        pipe = os.open(path, os.O_WRONLY | os.O_NONBLOCK)
    except OSError:  # ENXIO: nobody listens. ENOENT: nobody ever did. Their own sweep finds the work.
        return
    try:
        os.write(pipe, b"\0")
    except OSError:  # a full pipe has rung already
        pass
    finally:
        os.close(pipe)


class Bell:
    """The listening end. Rings between two waits fold into one."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            with suppress(FileExistsError):
                os.mkfifo(path, 0o600)
        # Read and write: with a writer of its own the pipe never reports end of file.
        self._pipe = os.open(path, os.O_RDWR | os.O_NONBLOCK)

    def wait(self, timeout_s: float) -> bool:
        """Whether it rang before timeout_s went by."""
        ready, _, _ = select.select([self._pipe], [], [], timeout_s)
        if ready:
            os.read(self._pipe, 4096)
        return bool(ready)

    def close(self) -> None:
        os.close(self._pipe)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
