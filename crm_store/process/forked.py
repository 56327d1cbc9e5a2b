"""A process of our own that begins as a copy of this one: what was imported here is there, and the memory is shared.

Only for a process with a single thread, and without connections: nothing of those is safe in a copy."""

import os
import signal
import sys
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress

# Until the copy has put its own handlers in place, or none, a signal for it waits.
_HELD_BACK = {signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD}
# The copy's own affair: whoever wants them lets them in (signal.pthread_sigmask).
OF_THE_TERMINAL = {signal.SIGINT, signal.SIGHUP}


class Forked:
    """One that runs, or has ended."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self._status: int | None = None

    def poll(self) -> int | None:
        """Its exit status, minus the signal's number for a killed one; None while it runs."""
        if self._status is None:
            ended, status = os.waitpid(self.pid, os.WNOHANG)
            if ended:
                self._status = os.waitstatus_to_exitcode(status)
        return self._status

    def send(self, number: signal.Signals) -> None:
        """Nothing where it has ended: its number may be another's by now."""
        if self.poll() is None:
            os.kill(self.pid, number)


def fork(run: Callable[[], int], environ: Mapping[str, str], keep_fds: Iterable[int], name: str) -> Forked:
    """Run it in a copy, which ends with the status that it returns.

    The copy has this environment, standard output and error, an empty standard input, keep_fds and no other file; the
    signals' default actions, with those of the terminal held back. name: what ps and top call it, in 15 octets."""
    sys.stdout.flush()
    sys.stderr.flush()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _HELD_BACK)
    try:
        pid = os.fork()
        if pid == 0:
            _be_the_copy(run, environ, keep_fds, name)
        return Forked(pid)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _be_the_copy(run: Callable[[], int], environ: Mapping[str, str], keep_fds: Iterable[int], name: str) -> None:
    """Never returns: what the stack below would clean up is the other one's."""
    status = 1
    try:
        signal.set_wakeup_fd(-1)
        for number in _HELD_BACK:
            signal.signal(number, signal.SIG_DFL)
        _keep_only(keep_fds)
        _call_it(name)
        os.environ.clear()
        os.environ.update(environ)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _HELD_BACK - OF_THE_TERMINAL)
        status = run()
    except SystemExit as left:
        status = left.code if isinstance(left.code, int) else 1
    except BaseException:  # noqa: BLE001 - whatever it is, it ends here
        sys.excepthook(*sys.exc_info())
    finally:
        try:
            sys.stdout.flush()
            sys.stderr.flush()
        finally:
            os._exit(status)


def _keep_only(keep_fds: Iterable[int]) -> None:
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    kept = {0, 1, 2, *keep_fds}
    for fd in [int(name) for name in os.listdir("/dev/fd")]:
        if fd not in kept:
            with suppress(OSError):  # the listing's own
                os.close(fd)


def _call_it(name: str) -> None:
    with suppress(OSError), open("/proc/self/comm", "w") as comm:  # elsewhere than on Linux it has its parent's name
        comm.write(name[:15])
