"""One process that is to be kept up: started, heard, restarted."""

import os
import signal
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from crm_store.process import child
from crm_store.process.child import READY
from crm_store.process.forked import Forked, fork
from crm_store.process.service import Service, SocketKind
from crm_store.process.tree import ProcessState

LIVED_WELL_S = 10.0
MAX_RESTART_DELAY_S = 5.0


@dataclass(frozen=True)
class Surroundings:
    """What the processes of one tree have in common. life_fd: the pipe that ends with the supervisor."""

    env_file: Path | None
    environ: Mapping[str, str]
    sockets: Mapping[SocketKind, Sequence[socket.socket]]
    life_fd: int


def restart_delay_s(deaths_in_a_row: int) -> float:
    """At once after the first death, then 0.1 s, doubling up to 5 s."""
    return 0.0 if deaths_in_a_row <= 1 else min(MAX_RESTART_DELAY_S, 0.1 * 2.0 ** min(deaths_in_a_row - 2, 10))


class Slot:
    """A place for one process of a service; processes come and go in it.

    due_at_s: when to start the next one, monotonic clock; None while one runs, or when none is wanted any more."""

    def __init__(self, service: Service, surroundings: Surroundings) -> None:
        self.service = service
        self.due_at_s: float | None = 0.0
        self.ready = False
        self.was_ever_ready = False
        self.alive_at_ms: int | None = None
        self._surroundings = surroundings
        self._process: Forked | None = None
        self._report_fd: int | None = None
        self._started_at_s = 0.0
        self._starts = 0
        self._deaths_in_a_row = 0

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    @property
    def report_fd(self) -> int | None:
        """Readable when the process has something to say."""
        return self._report_fd

    @property
    def state(self) -> ProcessState:
        restarts = max(0, self._starts - 1)
        return ProcessState(pid=self.pid, ready=self.ready, alive_at_ms=self.alive_at_ms, restarts=restarts)

    def start(self, now_s: float) -> None:
        self._report_fd, write_fd = os.pipe()
        os.set_blocking(self._report_fd, False)
        fds = [(kind, sock.fileno()) for kind in self.service.sockets for sock in self._surroundings.sockets[kind]]
        words, kept = self._words(write_fd, fds), [self._surroundings.life_fd, write_fd, *(fd for _, fd in fds)]
        try:
            self._process = fork(lambda: child.main(words), self._surroundings.environ, kept, self.service.name)
        finally:
            os.close(write_fd)
        self._starts += 1
        self._started_at_s = now_s
        self.due_at_s = None

    def hear(self, now_ms: int) -> bool:
        """Take in what the process reported. True where that changed whether it is ready."""
        if self._report_fd is None:
            return False
        try:
            words = os.read(self._report_fd, 4096)
        except BlockingIOError:
            return False
        if not words:  # it ended, or closed everything: either way there is nothing more to hear
            self._stop_hearing()
            return False
        self.alive_at_ms = now_ms
        if READY in words and not self.ready:
            self.ready = self.was_ever_ready = True
            return True
        return False

    def exit_status(self) -> int | None:
        """Minus the signal's number for a killed one; None while it runs, or nothing does."""
        return self._process.poll() if self._process else None

    def vacate(self, now_s: float) -> float:
        """After its process has ended: say when the next is due. Result: in how many seconds."""
        lived_s = now_s - self._started_at_s
        self._deaths_in_a_row = 1 if lived_s >= LIVED_WELL_S else self._deaths_in_a_row + 1
        delay_s = restart_delay_s(self._deaths_in_a_row)
        self.due_at_s = now_s + delay_s
        self._process, self.ready, self.alive_at_ms = None, False, None
        self._stop_hearing()
        return delay_s

    def send(self, number: signal.Signals) -> None:
        if self._process:
            self._process.send(number)

    def _stop_hearing(self) -> None:
        if self._report_fd is not None:
            os.close(self._report_fd)
            self._report_fd = None

    def _words(self, report_fd: int, fds: Sequence[tuple[str, int]]) -> list[str]:
        words = [self.service.name, self.service.run]
        words += [f"--life={self._surroundings.life_fd}", f"--report={report_fd}"]
        words += [f"--socket={kind}={fd}" for kind, fd in fds]
        if self._surroundings.env_file is not None:
            words.append(f"--env-file={self._surroundings.env_file}")
        return words
