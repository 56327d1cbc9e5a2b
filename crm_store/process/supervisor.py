"""Keeps the processes of one tree up, and takes them all along when it stops, however it stops."""

import contextlib
import gc
import os
import selectors
import signal
import socket
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

import structlog

from crm_store.clock import now_ms
from crm_store.process.child import STOP_WITHIN_S, WRONG_SETTING
from crm_store.process.service import Service, SocketKind, load_run
from crm_store.process.slot import Slot, Surroundings
from crm_store.process.sockets import address_of, listening, setting_of
from crm_store.process.tree import TREE_VARIABLE, TreeState, not_up, write_tree
from crm_store.settings import Settings

TICK_S = 1.0

log = structlog.get_logger()


@dataclass(frozen=True)
class Plan:
    """What to keep up.

    first       a service that ends when it has done its work, and that the others wait for, but not longer than
                first_within_s: mail is to be taken even while the database that it wants is down
    state_file  where the tree's state is told, see tree.py
    on_ready    called once, when every process is up for the first time
    """

    settings: Settings
    services: Sequence[Service]
    state_file: Path
    env_file: Path | None = None
    first: Service | None = None
    first_within_s: float = 5.0
    on_ready: Callable[[TreeState], None] = lambda _tree: None


def supervise(plan: Plan) -> int:
    """Runs until SIGTERM, SIGINT or SIGHUP; returns the exit status: 0 after a clean stop, 1 when a process had to be
    killed or the start failed.

    Raises: SettingsError where a socket can't be bound."""
    kinds = [kind for service in plan.services for kind in service.sockets]
    sockets = listening(kinds, plan.settings, os.environ)
    for kind, bound in sockets.items():
        for sock in bound:
            log.info("listening", kind=kind, address=str(address_of(sock)))
    life_fd, our_life_fd = os.pipe()
    environ = _environ(plan.state_file, {kind: _addresses(bound) for kind, bound in sockets.items()})
    try:
        return _Supervisor(plan, sockets, Surroundings(plan.env_file, environ, sockets, life_fd)).run()
    finally:
        os.close(our_life_fd)
        os.close(life_fd)
        plan.state_file.unlink(missing_ok=True)


def _addresses(sockets: Sequence[socket.socket]) -> tuple[str, ...]:
    return tuple(str(address_of(sock)) for sock in sockets)


def _environ(state_file: Path, bound: Mapping[SocketKind, Sequence[str]]) -> dict[str, str]:
    """The children's environment: ours, with the addresses as they are, so that none of them sees a port 0."""
    listens = {setting_of(kind): ",".join(addresses) for kind, addresses in bound.items()}
    return {**os.environ, **listens, TREE_VARIABLE: str(state_file.absolute())}


class _Supervisor:
    def __init__(self, plan: Plan, sockets: Mapping[SocketKind, Sequence[socket.socket]], around: Surroundings) -> None:
        self._plan = plan
        self._sockets = sockets
        self._addresses = {kind: _addresses(bound) for kind, bound in sockets.items()}
        self._first = Slot(plan.first, around) if plan.first else None
        self._others = [
            Slot(service, around) for service in plan.services for _ in range(service.processes(plan.settings))
        ]
        self._started_at_s = time.monotonic()
        self._stop_signal: int | None = None
        self._failed = False
        self._was_up = False
        self._told_at_s = 0.0

    @property
    def _slots(self) -> list[Slot]:
        return [self._first, *self._others] if self._first else self._others

    def run(self) -> int:
        with _signals(self._on_signal) as wake:
            try:
                _load([slot.service for slot in self._slots])
                while not (self._stop_signal or self._failed):
                    self._start_due()
                    changed = self._listen(wake) | self._collect()
                    self._tell(changed)
            finally:
                clean = self._stop(wake)
        return 0 if clean and not self._failed else 1

    def _on_signal(self, number: int, _frame: FrameType | None) -> None:
        if number != signal.SIGCHLD:
            self._stop_signal = number

    def _start_due(self) -> None:
        now_s = time.monotonic()
        waiting = self._first and now_s - self._started_at_s < self._plan.first_within_s
        for slot in self._slots:
            if slot.due_at_s is not None and slot.due_at_s <= now_s and (slot is self._first or not waiting):
                slot.start(now_s)
                log.info("process_started", name=slot.service.name, pid=slot.pid)

    def _listen(self, wake: socket.socket) -> bool:
        """Wait for a report, a signal, or until something is due. True where a process became ready."""
        now_s = time.monotonic()
        waits_s = [slot.due_at_s - now_s for slot in self._slots if slot.due_at_s is not None and slot.due_at_s > now_s]
        with selectors.DefaultSelector() as selector:
            selector.register(wake, selectors.EVENT_READ)
            for slot in self._slots:
                if slot.report_fd is not None:
                    selector.register(slot.report_fd, selectors.EVENT_READ, slot)
            heard = [key.data for key, _ in selector.select(min([TICK_S, *waits_s]))]
        with contextlib.suppress(BlockingIOError):
            wake.recv(4096)
        now = now_ms()
        became_ready = [slot.hear(now) for slot in heard if slot]
        return any(became_ready)

    def _collect(self) -> bool:
        """Take notice of processes that have ended. True where there was one."""
        ended = [(slot, status) for slot in self._slots if (status := slot.exit_status()) is not None]
        for slot, status in ended:
            if slot is self._first and status == 0:
                self._first = None
            elif self._ends_the_start(slot, status):
                log.error("start_failed", name=slot.service.name, status=status)
                self._failed = True
            delay_s = slot.vacate(time.monotonic())
            if slot in self._slots and not (self._stop_signal or self._failed):
                log.error("process_died", name=slot.service.name, status=status, restart_in_s=delay_s)
        return bool(ended)

    def _ends_the_start(self, slot: Slot, status: int) -> bool:
        """A wrong setting stops the start, and so does a first service that failed rather than was killed; but what
        has been up once is not given up."""
        if self._was_up or slot.was_ever_ready:
            return False
        others_wait = not any(other.pid for other in self._others)
        return status == WRONG_SETTING or (slot is self._first and status > 0 and others_wait)

    def _tell(self, changed: bool) -> None:
        now_s = time.monotonic()
        if not changed and now_s - self._told_at_s < TICK_S:
            return
        self._told_at_s = now_s
        tree = self._tree()
        write_tree(self._plan.state_file, tree)
        if tree.ready and not self._was_up:
            self._was_up = True
            self._plan.on_ready(tree)

    def _tree(self) -> TreeState:
        services = {
            name: tuple(slot.state for slot in self._slots if slot.service.name == name)
            for name in dict.fromkeys(slot.service.name for slot in self._slots)
        }
        tree = TreeState(
            pid=os.getpid(),
            ready=False,
            smtp=self._addresses.get("smtp", ()),
            http=self._addresses.get("http", ()),
            services=services,
        )
        return tree.model_copy(update={"ready": not not_up(tree, now_ms())})

    def _stop(self, wake: socket.socket) -> bool:
        """SIGTERM, then SIGKILL for those that are still there after 8.8 s. True where nobody had to be killed."""
        log.info("stopping", signal=self._stop_signal)
        for sock in (sock for bound in self._sockets.values() for sock in bound):
            sock.close()  # or callers would wait in a queue that nobody serves
        deadline_s = time.monotonic() + STOP_WITHIN_S
        for slot in self._slots:
            slot.send(signal.SIGTERM)
        while (left_s := deadline_s - time.monotonic()) > 0 and self._running():
            wake.settimeout(min(left_s, TICK_S))
            with contextlib.suppress(TimeoutError):
                wake.recv(4096)
        late = self._running()
        for slot in late:
            log.error("process_killed", name=slot.service.name, pid=slot.pid)
            slot.send(signal.SIGKILL)
        while self._running():
            time.sleep(0.01)
        log.info("stopped")
        return not late

    def _running(self) -> list[Slot]:
        return [slot for slot in self._slots if slot.pid and slot.exit_status() is None]


def _load(services: Sequence[Service]) -> None:
    """Import once what all of them run, so that each starts as a copy that has it already, at once and sharing the
    memory. What does not import tells why in its own process."""
    gc.disable()
    for target in dict.fromkeys(service.run for service in services):
        with contextlib.suppress(Exception):
            load_run(target)
    gc.freeze()  # what modules make stays: to look for garbage in it would only copy its pages
    gc.enable()


@contextlib.contextmanager
def _signals(handler: Callable[[int, FrameType | None], None]) -> Iterator[socket.socket]:
    """Gives a socket that turns readable when a signal comes."""
    wake, woken_by_python = socket.socketpair()
    wake.setblocking(False)
    woken_by_python.setblocking(False)
    numbers = [signal.SIGTERM, signal.SIGINT, signal.SIGCHLD]
    if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:  # nohup
        numbers.append(signal.SIGHUP)
    signal.set_wakeup_fd(woken_by_python.fileno())
    for number in numbers:
        signal.signal(number, handler)  # for good: a Ctrl-C more, at the very end, is harmless too
    try:
        yield wake
    finally:
        signal.set_wakeup_fd(-1)
        wake.close()
        woken_by_python.close()
