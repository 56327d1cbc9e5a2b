"""Who is a recipient: a snapshot in memory, compared with the database before a mail's first RCPT (design.md 14)."""

import asyncio
import queue
import threading
from collections.abc import Callable, Sequence
from enum import Enum, auto
from math import inf
from typing import Protocol

import structlog

_PAGE = 1000
# Where many come at once they share looks: waking the thread for each of them costs more than the look does.
_GATHER_S = 0.002

log = structlog.get_logger()


class AddressRow(Protocol):
    """address: normalised. answer_until_ms: UTC; it is a recipient before that time, None: without end."""

    @property
    def address(self) -> str: ...
    @property
    def answer_until_ms(self) -> int | None: ...


class AddressSource(Protocol):
    """The addresses in the database. Called from one thread that is not the event loop's."""

    def version(self) -> int:
        """A number that grows with each change. Raises: StoreUnavailable."""

    def changes_since(self, version: int, limit: int) -> tuple[Sequence[AddressRow], int]:
        """Rows changed after version, oldest change first, and the version they reach; fewer than limit: all.

        Raises: StoreUnavailable."""


# Of a normalised address, now (UTC, milliseconds).
ProvesItself = Callable[[str, int], bool]


class Answer(Enum):
    KNOWN = auto()
    UNKNOWN = auto()
    NOT_CHECKABLE = auto()
    """The snapshot does not know it, and the database could not be asked whether it is new."""


class RecipientBook:
    """check() and look_up() belong to the event loop."""

    def __init__(
        self, source: AddressSource, check_limit_s: float = 2, proves_itself: ProvesItself = lambda _, __: False
    ) -> None:
        """proves_itself: whether an address is a recipient by its own words, whatever the database knows."""
        self._source = source
        self._proves_itself = proves_itself
        self._check_limit_s = check_limit_s
        self._answer_until_ms: dict[str, float] = {}
        self._version = 0
        self._looking = False
        self._next: list[asyncio.Future[bool]] = []  # who waits for the look that is about to begin
        self._stuck = False  # a check took too long, and none has ended since
        self._failing = False
        self._loop = asyncio.get_running_loop()
        self._looks: queue.SimpleQueue[list[asyncio.Future[bool]] | None] = queue.SimpleQueue()
        # A daemon: a database that hangs must not keep the process from ending.
        threading.Thread(target=self._run, name="recipients", daemon=True).start()

    async def check(self) -> bool:
        """Whether the snapshot holds what the database held at some moment after this call. check_limit_s at most.

        Callers share one look at the database; who comes when it has begun shares the next."""
        if not self._next:
            self._loop.call_later(self._check_limit_s, self._give_up, self._next)
            if not self._looking:
                self._looking = True
                self._loop.call_soon(self._begin)  # who comes in the same turn of the loop joins
        elif self._stuck:
            return False
        waiting: asyncio.Future[bool] = self._loop.create_future()
        self._next.append(waiting)
        return False if self._stuck else await waiting

    def _begin(self) -> None:
        self._looks.put(self._next)
        self._next = []

    def _give_up(self, waiting: list[asyncio.Future[bool]]) -> None:
        if _answer(waiting, fresh=False):
            self._stuck = True

    def look_up(self, address: str, now_ms: int, checked: bool) -> Answer:
        """address: normalised. checked: what check() said.

        Live, switched off and never heard of: the same steps, so that their time tells nothing."""
        if self._proves_itself(address, now_ms) or self._answer_until_ms.get(address, 0) > now_ms:
            return Answer.KNOWN
        return Answer.UNKNOWN if checked else Answer.NOT_CHECKABLE

    def close(self) -> None:
        """Let the thread end; a look that hangs is not waited for."""
        self._looks.put(None)

    def _run(self) -> None:
        while (waiting := self._looks.get()) is not None:
            fresh = self._look()
            try:
                self._loop.call_soon_threadsafe(self._tell, waiting, fresh)
            except RuntimeError:  # the loop has ended
                return

    def _look(self) -> bool:
        try:
            self._catch_up()
        except Exception:
            if not self._failing:
                self._failing = True
                log.warning("recipients_not_checkable", exc_info=True)
            return False
        self._failing = False
        return True

    def _tell(self, waiting: list[asyncio.Future[bool]], fresh: bool) -> None:
        self._stuck = False
        _answer(waiting, fresh=fresh)
        waiting.clear()
        if self._next:
            self._loop.call_later(_GATHER_S, self._begin)
        else:
            self._looking = False

    def _catch_up(self) -> None:
        version = self._source.version()
        if version == self._version:
            return
        known, reached = self._answer_until_ms, self._version
        if version < self._version:  # the database was set back, say from a backup
            known, reached = {}, 0
        more = True
        while more:
            rows, reached = self._source.changes_since(reached, _PAGE)
            known.update((row.address, inf if row.answer_until_ms is None else row.answer_until_ms) for row in rows)
            more = len(rows) >= _PAGE
        self._answer_until_ms, self._version = known, max(reached, version)


def _answer(waiting: Sequence[asyncio.Future[bool]], *, fresh: bool) -> bool:
    """Whether anybody waited still."""
    still = [one for one in waiting if not one.done()]
    for one in still:
        one.set_result(fresh)
    return bool(still)
