"""How the outbox is doing, at a cost that grows with what is under way and not with what was sent."""

from collections import Counter
from dataclasses import dataclass

from peewee import SQL, fn

from crm_store.database.rows import tuples
from crm_store.models.outbox import Delivery
from crm_store.rules.outbox import OutboxState


@dataclass(frozen=True, slots=True)
class OutboxStatus:
    """by_state: deliveries that wait, are being sent, or are unknown and looked for; none of them is left out where it
    is 0. oldest_due_ms: for how long the first of them has been due; 0 where none is."""

    by_state: dict[OutboxState, int]
    oldest_due_ms: int


def status(*, now_ms: int) -> OutboxStatus:
    due = Delivery.select(Delivery.state, fn.COUNT(Delivery.id), fn.MIN(Delivery.due_at_ms)).where(
        Delivery.due_at_ms.is_null(False)
    )
    counts = Counter(dict.fromkeys((OutboxState.WAITING, OutboxState.SENDING, OutboxState.UNKNOWN), 0))
    oldest_at_ms = now_ms
    for state, count, at_ms in tuples(due.group_by(Delivery.state)):
        counts[OutboxState(state)] += count
        oldest_at_ms = min(oldest_at_ms, at_ms)
    # A literal, as in the index.
    counts[OutboxState.SENDING] += Delivery.select().where(Delivery.state == SQL("'sending'")).count()
    return OutboxStatus(dict(counts), now_ms - oldest_at_ms)
