"""One service's own process, which the supervisor forks."""

import argparse
import contextlib
import os
import signal
import socket
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import structlog

from crm_store import logs, settings
from crm_store.errors import ProductError, SettingsError
from crm_store.process.service import Context, load_run

READY, ALIVE = b"r", b"a"
WRONG_SETTING = 78  # EX_CONFIG of sysexits.h: starting again can't help
STOP_WITHIN_S = 8.8  # with what the supervisor needs itself, a stop takes less than 10 s

log = structlog.get_logger()


def main(argv: Sequence[str]) -> int:
    options = _options().parse_args(argv)
    # Ctrl-C and a closed terminal reach the whole process group; it is the supervisor that stops us, by SIGTERM.
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT, signal.SIGHUP})
    threading.Thread(target=_die_with_the_supervisor, args=(options.life,), daemon=True).start()
    try:
        ours = settings.load(env_file=options.env_file)
        logs.configure(ours.log, options.name)
        report = Report(options.report)
        return _run(options.run, Context(ours, _sockets(options.socket), report.ready, report.alive))
    except SettingsError as error:
        log.error("service_misconfigured", error=str(error))
        return WRONG_SETTING


class Report:
    """Tells the supervisor, one byte a time. Never blocks and never fails: a full pipe is read soon, and a broken one
    means that we are about to stop."""

    EVERY_S = 1.0

    def __init__(self, fd: int) -> None:
        os.set_blocking(fd, False)
        os.set_inheritable(fd, False)
        self._fd = fd
        self._told_at_s = 0.0

    def ready(self) -> None:
        self._tell(READY)

    def alive(self) -> None:
        now_s = time.monotonic()
        if now_s - self._told_at_s >= self.EVERY_S:
            self._told_at_s = now_s
            self._tell(ALIVE)

    def _tell(self, word: bytes) -> None:
        with contextlib.suppress(BlockingIOError, BrokenPipeError):
            os.write(self._fd, word)


def _run(target: str, context: Context) -> int:
    try:
        load_run(target)(context)
    except SettingsError:
        raise
    except ProductError as error:
        log.error("service_failed", error=str(error))
        return 1
    except Exception as error:
        log.error("service_failed", exc_info=error)
        return 1
    return 0


def _die_with_the_supervisor(life_fd: int) -> None:
    """The other end is the supervisor's alone: it ends when that process does, even by SIGKILL."""
    os.read(life_fd, 1)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(STOP_WITHIN_S)
    os._exit(1)


def _sockets(words: Sequence[str]) -> dict[str, list[socket.socket]]:
    by_kind: dict[str, list[socket.socket]] = {}
    for word in words:
        kind, _, fd = word.partition("=")
        os.set_inheritable(int(fd), False)
        by_kind.setdefault(kind, []).append(socket.socket(fileno=int(fd)))
    return by_kind


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="crm_store.process.child")
    parser.add_argument("name")
    parser.add_argument("run", metavar="MODULE:FUNCTION")
    parser.add_argument("--life", type=int, required=True, metavar="FD")
    parser.add_argument("--report", type=int, required=True, metavar="FD")
    parser.add_argument("--socket", action="append", default=[], metavar="KIND=FD")
    parser.add_argument("--env-file", type=Path)
    return parser
