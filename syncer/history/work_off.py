"""Messages that wait, worked off one by one: as many as the slice, the time and the user's quota allow."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from crm_store import mailbox_work
from crm_store.mailbox_work import Waiting
from crm_store.mailboxes import Held, LeaseLost
from syncer.engine import Engine
from syncer.errors import Unreachable

MAX_UNREACHABLE_IN_A_ROW = 3

# Whether a message was settled; else it waits for another look.
LookAt = Callable[[Waiting], bool]


@dataclass(frozen=True)
class Lane:
    """Where messages wait. take: at most so many that are due. wait_s: until the next look may be made; 0.0: now.

    most: messages of a slice. until_s: its end, of time.monotonic."""

    take: Callable[[int], list[Waiting]]
    next_due_ms: Callable[[], int | None]
    wait_s: Callable[[], float]
    most: int
    until_s: float


def work_off(engine: Engine, held: Held, look_at: LookAt, lane: Lane) -> float:
    """A slice of it. How long to wait before there may be another one, for the user's quota.

    Raises: what look_at raises, Unreachable where one message after the other is."""
    left, failures = lane.most, 0
    while left > 0 and not _is_over(engine, lane) and _is_due(engine, lane):
        waiting = lane.take(left)
        left -= len(waiting)
        while waiting:
            wait_s = lane.wait_s()
            if wait_s or _is_over(engine, lane):
                mailbox_work.give_back(held, waiting, now_ms=engine.clock())
                return wait_s
            failures = 0 if _was_settled(engine, held, look_at, waiting) else failures + 1
            if failures >= MAX_UNREACHABLE_IN_A_ROW:
                mailbox_work.give_back(held, waiting, now_ms=engine.clock())
                raise Unreachable("one message after the other")
    return 0.0


def _is_over(engine: Engine, lane: Lane) -> bool:
    return time.monotonic() >= lane.until_s or engine.stopping()


def _is_due(engine: Engine, lane: Lane) -> bool:
    due_ms = lane.next_due_ms()
    return due_ms is not None and due_ms <= engine.clock()


def _was_settled(engine: Engine, held: Held, look_at: LookAt, waiting: list[Waiting]) -> bool:
    """Looks at the first, which is taken off the list. What stops the whole run is no failure of a message."""
    try:
        settled = look_at(waiting[0])
    except LeaseLost:
        raise
    except Exception:
        mailbox_work.give_back(held, waiting, now_ms=engine.clock())
        raise
    del waiting[0]
    return settled
