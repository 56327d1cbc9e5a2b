"""Whose turn a lane of the outbox is: which are due, who has them now, and for what they wait.

The row is the truth and a task only a doorbell, as with mailboxes (crm_store/mailboxes.py). A run holds a lane's lease
while it sends, and whatever it writes it writes with that lease or not at all. What it was sending when it died is
unknown to whoever takes the lane next: it is looked for before anything is repeated (E6)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from peewee import SQL

from crm_store import fault_point
from crm_store.database.engine import on_sqlite
from crm_store.database.prepared import Prepared, Statement
from crm_store.database.rows import tuples
from crm_store.database.session import writing
from crm_store.errors import Temporary
from crm_store.models.outbox import Delivery, OutboxLane
from crm_store.outbox_steps import steps
from crm_store.rules.outbox import Ambiguity, LaneKind, OutboxReason, OutboxStep

LEASE_MS = 300_000  # longer than the largest message may take
RING_AGAIN_MS = 30_000  # as of mailboxes
_AT_ONCE = 100
# Literals, as in the indexes.
_WAITS = Delivery.state == SQL("'waiting'")
_IS_UNKNOWN = Delivery.state == SQL("'unknown'")
_IS_SENDING = Delivery.state == SQL("'sending'")


class LeaseLost(Temporary):
    """Another run has the lane; what this one was about to write is rolled back."""


@dataclass(frozen=True, slots=True)
class Lane:
    """See models.outbox.OutboxLane. connection_id: a row's, None of a provider. failures: before this run."""

    id: int
    kind: LaneKind
    connection_id: int | None
    location_id: int
    failures: int


@dataclass(frozen=True, slots=True)
class LaneRing:
    """A lane that is handed out. rung_at_ms: so that a task that comes too late does nothing."""

    lane_id: int
    rung_at_ms: int


@dataclass(frozen=True, slots=True)
class HeldLane:
    """A lane that is this run's until its lease ends."""

    lane: Lane
    holder: str


def hand_out(places: int, *, now_ms: int) -> list[LaneRing]:
    """So many lanes that are due, the longest due first. No two callers get the same one."""
    due = (
        OutboxLane.select(OutboxLane.id)
        .where(OutboxLane.next_run_at_ms <= now_ms, OutboxLane.lease_until_ms <= now_ms)
        .order_by(OutboxLane.next_run_at_ms, OutboxLane.id)
        .limit(places)
    )
    if on_sqlite() and not due.exists():  # most often; and no reason to wait in the writers' line
        return []
    with writing():
        ids = [one for (one,) in tuples(due if on_sqlite() else due.for_update(skip_locked=True))]
        if ids:
            OutboxLane.update(next_run_at_ms=now_ms + RING_AGAIN_MS, rung_at_ms=now_ms).where(
                OutboxLane.id.in_(ids)
            ).execute()
    return [LaneRing(lane_id, now_ms) for lane_id in ids]


def due_in_ms(*, now_ms: int) -> int | None:
    """When the next lane is due: 0 for now, None where none waits."""
    soonest = OutboxLane.select(OutboxLane.next_run_at_ms).where(OutboxLane.next_run_at_ms.is_null(False))
    first = tuples(soonest.order_by(OutboxLane.next_run_at_ms, OutboxLane.id).limit(1))
    return next((max(0, at_ms - now_ms) for (at_ms,) in first), None)


def find_forgotten(*, after: int) -> int | None:
    """The regular sweep: lanes that have something to do, and that nobody would look at, become due. One page of it;
    where the next one begins, None at the end."""
    lanes = OutboxLane.select().where(OutboxLane.id > after).order_by(OutboxLane.id).limit(_AT_ONCE)
    rows = list(lanes)
    for row in rows:
        if row.next_run_at_ms is None and _next_run_at_ms(row) is not None:
            with writing():
                _make_due(row.id)
    return rows[-1].id if rows else None


def free(name: str, *, now_ms: int) -> int:
    """The process of this name was started again: what it held is nobody's; how many those were.

    Should another one of the same name be at work, its writes are refused; what it is sending is looked for."""
    with writing():
        leased = OutboxLane.select(OutboxLane.id, OutboxLane.lease_holder).where(OutboxLane.lease_holder.is_null(False))
        ids = [row_id for row_id, holder in tuples(leased.order_by(OutboxLane.id)) if holder.startswith(name)]
        OutboxLane.update(lease_holder=None, lease_until_ms=0, next_run_at_ms=now_ms).where(
            OutboxLane.id.in_(ids)
        ).execute()
        return len(ids)


def ring_for(lane_id: int, *, now_ms: int) -> LaneRing:
    """Hand out this one, due or not."""
    with writing():
        OutboxLane.update(rung_at_ms=now_ms).where(OutboxLane.id == lane_id).execute()
    return LaneRing(lane_id, now_ms)


def take(ring: LaneRing, holder: str, *, now_ms: int) -> HeldLane | None:
    """The lane, now this run's; None where somebody else has it, or had it since. holder: a name that no other run has.

    What is found in SENDING was begun by a run that died: it may have left, or may be leaving still."""
    free_now = (
        (OutboxLane.id == ring.lane_id)
        & (OutboxLane.rung_at_ms == ring.rung_at_ms)
        & (OutboxLane.lease_until_ms <= now_ms)
    )
    with writing():
        taken = OutboxLane.update(lease_holder=holder, lease_until_ms=now_ms + LEASE_MS, rung_at_ms=0).where(free_now)
        if not taken.execute():
            return None
        row = OutboxLane.get_by_id(ring.lane_id)
        left = Delivery.select(Delivery.id).where(Delivery.lane_id == row.id, _IS_SENDING).order_by(Delivery.id)
        since: dict[str, Any] = {"ambiguity": Ambiguity.SILENCE, "ambiguous_at_ms": now_ms, "due_at_ms": now_ms}
        steps([one for (one,) in tuples(left)], OutboxStep.UNSURE, OutboxReason.INTERRUPTED, **since)
    fault_point.reach("send.after-take")
    return HeldLane(Lane(row.id, LaneKind(row.kind), row.connection_id, row.location_id, row.failures), holder)


def keep(held: HeldLane, *, now_ms: int) -> None:
    """The lease lasts on from now. Raises: LeaseLost."""
    with writing():
        hold(held, now_ms=now_ms)


def hold(held: HeldLane, *, now_ms: int, **changes: Any) -> None:
    """The same, in the caller's transaction: whoever holds the lane no more writes nothing in it. Raises: LeaseLost.

    changes: the lane's columns' values."""
    mine = (OutboxLane.id == held.lane.id) & (OutboxLane.lease_holder == held.holder)
    if not _lease.run(now_ms + LEASE_MS, held.lane.id, held.holder):
        raise LeaseLost(f"lane {held.lane.id}")
    if changes:
        OutboxLane.update(**changes).where(mine).execute()


@Prepared
def _lease(until_ms: int, lane_id: int, holder: str) -> Statement:
    mine = (OutboxLane.id == lane_id) & (OutboxLane.lease_holder == holder)
    return OutboxLane.update(lease_until_ms=until_ms).where(mine)


def pause_lane(held: HeldLane, reason: OutboxReason, until_ms: int | None, *, now_ms: int, detail: str = "") -> None:
    """Nothing of it is begun before; what is unknown is looked for all the same.

    until_ms: None: until somebody wakes it (A5). Raises: LeaseLost."""
    with writing():
        hold(held, now_ms=now_ms, reason=reason, paused_until_ms=until_ms, detail=detail)


def failed_again(held: HeldLane, *, now_ms: int) -> int:
    """How often in a row now. Raises: LeaseLost."""
    with writing():
        hold(held, now_ms=now_ms, failures=OutboxLane.failures + 1)
        return int(OutboxLane.get_by_id(held.lane.id).failures)


def works_again(held: HeldLane, *, now_ms: int) -> None:
    """Raises: LeaseLost."""
    with writing():
        hold(held, now_ms=now_ms, failures=0)


def resume_lane(held: HeldLane, *, now_ms: int) -> None:
    """Whatever it waited for is over. Raises: LeaseLost."""
    with writing():
        hold(held, now_ms=now_ms, reason=None, paused_until_ms=None, detail="")


def leave(held: HeldLane) -> None:
    """The run has ended; the lane is due when its next delivery is. Nothing changes where another run has it."""
    mine = (OutboxLane.id == held.lane.id) & (OutboxLane.lease_holder == held.holder)
    with writing():
        # First, so that who posts from here on waits, and makes it due after us.
        if OutboxLane.update(lease_holder=None, lease_until_ms=0).where(mine).execute():
            _make_due(held.lane.id)


def wake(connection_id: int, *, now_ms: int) -> None:
    """Its user signed in again (A5): what waited for that goes. Call inside a transaction."""
    OutboxLane.update(reason=None, paused_until_ms=None, detail="", next_run_at_ms=now_ms).where(
        OutboxLane.connection_id == connection_id
    ).execute()


def _make_due(lane_id: int) -> None:
    row = OutboxLane.get_by_id(lane_id)
    OutboxLane.update(next_run_at_ms=_next_run_at_ms(row)).where(OutboxLane.id == lane_id).execute()


def _next_run_at_ms(lane: OutboxLane) -> int | None:
    """When there is something to do; None where there is nothing, or somebody has to wake it first."""
    if lane.reason is not None and lane.paused_until_ms is None:
        return None
    looks_at_ms, goes_at_ms = _first_due_ms(lane.id, _IS_UNKNOWN), _first_due_ms(lane.id, _WAITS)
    if goes_at_ms is not None:
        goes_at_ms = max(goes_at_ms, lane.paused_until_ms or 0)
    died_in = Delivery.select(Delivery.id).where(Delivery.lane_id == lane.id, _IS_SENDING).exists()
    return min(
        (at_ms for at_ms in (looks_at_ms, goes_at_ms, 0 if died_in else None) if at_ms is not None), default=None
    )


def _first_due_ms(lane_id: int, state: Any) -> int | None:
    """Any: a condition of peewee's."""
    due = Delivery.select(Delivery.due_at_ms).where(
        Delivery.lane_id == lane_id, state, Delivery.due_at_ms.is_null(False)
    )
    first = tuples(due.order_by(Delivery.due_at_ms, Delivery.id).limit(1))
    return next((int(at_ms) for (at_ms,) in first), None)
