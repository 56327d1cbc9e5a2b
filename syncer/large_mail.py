"""Of large mails one at a time is in memory, whatever the number of threads."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from syncer.errors import Unreachable

LARGE_BYTES = 8 * 1024 * 1024
_WAIT_S = 120
_ONE = threading.Lock()


def wait_for_turn() -> None:
    """Raises: Unreachable where the others take too long."""
    if not _ONE.acquire(timeout=_WAIT_S):
        raise Unreachable("other large mails are in memory")


def end_turn() -> None:
    _ONE.release()


@contextmanager
def turn(size_bytes: int) -> Iterator[None]:
    """For the block a mail of this size may be in memory. Not to be nested. Raises: Unreachable."""
    is_large = size_bytes > LARGE_BYTES
    if is_large:
        wait_for_turn()
    try:
        yield
    finally:
        if is_large:
            end_turn()
