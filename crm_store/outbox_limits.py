"""E3: how much an account has sent in the last 24 hours, in Gmail itself and from here, and when it may send again."""

from collections.abc import Sequence

from peewee import JOIN, ModelSelect, fn

from crm_store import mailbox_counts
from crm_store.database.rows import tuples
from crm_store.models.connections import Connection
from crm_store.models.mailboxes import GmailMessage, Mailbox
from crm_store.models.outbox import Delivery, OutboxLane
from crm_store.rules.outbox import WINDOW_MS, OutboxReason
from crm_store.rules.outbox import room_at_ms as room_of


def sent_24h(connection_ids: Sequence[int], *, now_ms: int) -> dict[int, int]:
    """By connection: what the mailbox shows as sent, and what was begun here and is not in the ledger yet."""
    since_ms = now_ms - WINDOW_MS
    told = mailbox_counts.sent_since(connection_ids, since_ms)
    begun = _not_in_ledger(connection_ids, since_ms)
    columns = (OutboxLane.connection_id, fn.COUNT(Delivery.id))
    for connection_id, count in tuples(begun.select(*columns).group_by(OutboxLane.connection_id)):
        told[connection_id] = told.get(connection_id, 0) + count
    return told


def room_at_ms(connection_id: int, *, now_ms: int) -> int | None:
    """When the account may send another mail; None: now."""
    limit = Connection.get_by_id(connection_id).daily_limit
    if sent_24h([connection_id], now_ms=now_ms).get(connection_id, 0) < limit:
        return None
    return room_of(sent_at_ms(connection_id, limit, now_ms=now_ms), limit, now_ms=now_ms)


def sent_at_ms(connection_id: int, most: int, *, now_ms: int) -> list[int]:
    """When the account sent what counts, in no order; of what the mailbox shows the newest, and so many at most."""
    since_ms = now_ms - WINDOW_MS
    begun = _not_in_ledger([connection_id], since_ms).select(Delivery.began_at_ms)
    of_mailbox = Mailbox.select(Mailbox.id).where(Mailbox.connection_id == connection_id)
    mailbox_id = next((one for (one,) in tuples(of_mailbox)), 0)  # first, so that PostgreSQL need not sort
    in_ledger = (
        GmailMessage.select(GmailMessage.sent_at_ms)
        .where(GmailMessage.mailbox_id == mailbox_id, GmailMessage.sent_at_ms > since_ms)
        .order_by(GmailMessage.sent_at_ms.desc())
        .limit(most)
    )
    return [at_ms for (at_ms,) in (*tuples(begun), *tuples(in_ledger))]


def changed(connection_id: int, *, now_ms: int) -> None:
    """What waits for room asks anew. Call in the transaction that changes the limit."""
    waits = (OutboxLane.connection_id == connection_id) & (OutboxLane.reason == OutboxReason.DAILY_LIMIT)
    OutboxLane.update(reason=None, paused_until_ms=None, next_run_at_ms=now_ms).where(waits).execute()


def _not_in_ledger(connection_ids: Sequence[int], since_ms: int) -> "ModelSelect[Delivery]":
    """Deliveries that have left, or may have, and that the sync has not seen: no mail is counted twice."""
    seen = (GmailMessage.mailbox_id == Mailbox.id) & (GmailMessage.gmail_id == Delivery.gmail_id)
    return (
        Delivery.select(Delivery.id)
        .join(OutboxLane, on=(OutboxLane.id == Delivery.lane_id))
        .join(Mailbox, JOIN.LEFT_OUTER, on=(Mailbox.connection_id == OutboxLane.connection_id))
        .join(GmailMessage, JOIN.LEFT_OUTER, on=(seen & GmailMessage.sent_at_ms.is_null(False)))
        .where(
            OutboxLane.connection_id.in_(list(connection_ids)),
            Delivery.began_at_ms > since_ms,
            GmailMessage.id.is_null(),
        )
    )
