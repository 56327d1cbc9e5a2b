"""How the outbox is doing, at a cost that grows with what is under way and not with what was sent."""

from dataclasses import dataclass

from peewee import SQL, fn

from crm_store.database.rows import tuples
from crm_store.models.outbox import Delivery
from crm_store.rules.outbox import OutboxState

_OPEN = (OutboxState.WAITING, OutboxState.SENDING, OutboxState.UNKNOWN)


@dataclass(frozen=True, slots=True)
class OutboxStatus:
    """by_state: deliveries that wait, are being sent, or are unknown; none of them is left out where it is 0.

    oldest_due_ms: for how long the first of them has been due; 0 where none is."""

    by_state: dict[OutboxState, int]
    oldest_due_ms: int


def status(*, now_ms: int) -> OutboxStatus:
    counts, oldest_at_ms = {}, now_ms
    for state in _OPEN:
        # A literal, as in the index of each state; and a lane, all of them, so that SQLite searches it.
        here = (Delivery.state == SQL(f"'{state}'")) & (Delivery.lane_id > 0)
        ((count, at_ms),) = tuples(Delivery.select(fn.COUNT(Delivery.id), fn.MIN(Delivery.due_at_ms)).where(here))
        counts[state] = count
        oldest_at_ms = min(oldest_at_ms, oldest_at_ms if at_ms is None else at_ms)
    return OutboxStatus(counts, now_ms - oldest_at_ms)
