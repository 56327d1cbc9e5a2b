"""How following mailboxes is doing, for who runs the installation; its cost has an end, however many there are."""

from collections import Counter
from dataclasses import dataclass

from crm_store.database.rows import tuples
from crm_store.models.connections import IS_LIVE, Connection
from crm_store.models.mailboxes import Mailbox

MOST_COUNTED = 10_000


@dataclass(frozen=True, slots=True)
class SyncStatus:
    """connections: how many in each state. pending, failed: messages of the mailboxes that are followed.

    is_partial: there are more than MOST_COUNTED connections, and so many were counted; of mailboxes those that have
    waited longest. overdue_ms: for how long the first of them has been due; 0 where none is."""

    connections: dict[str, int]
    pending: int
    failed: int
    overdue_ms: int
    is_partial: bool


def of_sync(*, now_ms: int) -> SyncStatus:
    # By account: that is the index of the live ones.
    live = (
        Connection.select(Connection.state).where(IS_LIVE, Connection.google_sub > "").order_by(Connection.google_sub)
    )
    states = [state for (state,) in tuples(live.limit(MOST_COUNTED + 1))]
    followed = Mailbox.select(Mailbox.pending, Mailbox.failed, Mailbox.next_run_at_ms)
    followed = followed.where(Mailbox.next_run_at_ms.is_null(False)).order_by(Mailbox.next_run_at_ms, Mailbox.id)
    waiting = list(tuples(followed.limit(MOST_COUNTED)))
    soonest_ms = waiting[0][2] if waiting else now_ms
    return SyncStatus(
        connections=dict(sorted(Counter(states[:MOST_COUNTED]).items())),
        pending=sum(pending for pending, _, _ in waiting),
        failed=sum(failed for _, failed, _ in waiting),
        overdue_ms=max(0, now_ms - soonest_ms),
        is_partial=len(states) > MOST_COUNTED,
    )
