"""A bound on the CPU time that one mail may take from the others."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class TooMuchWork(BaseException):
    """The block took its CPU time and was not done. Not an Exception: libraries catch those at any place."""


@contextmanager
def cpu_limit(seconds: float) -> Iterator[None]:
    """Raises TooMuchWork in the block once the process has computed for so long. Waiting costs nothing.

    For the main thread of a worker process, where alone signals are heard; in another one there is no bound."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGVTALRM, _stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def _stop(_signal: int, _frame: FrameType | None) -> None:
    raise TooMuchWork
