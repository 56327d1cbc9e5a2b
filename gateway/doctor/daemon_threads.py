"""Threads that nobody waits for."""

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


class DaemonThreads(ThreadPoolExecutor):
    """A thread for each call. Python waits at its end for the threads of a pool, so for ever for one that hangs."""

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        result: Future[T] = Future()

        def run() -> None:
            result.set_running_or_notify_cancel()
            try:
                result.set_result(fn(*args, **kwargs))
            except BaseException as error:  # noqa: BLE001  it is whoever waits that gets it
                result.set_exception(error)

        threading.Thread(target=run, daemon=True).start()
        return result
