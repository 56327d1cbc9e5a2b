"""E3: how much an account has sent in the last 24 hours, in Gmail itself and from here, and when it may send again."""

from collections.abc import Sequence

from peewee import JOIN, ModelSelect, fn

from crm_store import mailbox_counts
from crm_store.database.rows import tuples
from crm_store.models.connections import Connection
from crm_store.models.mailboxes import GmailMessage, Mailbox
from crm_store.models.outbox import Delivery, OutboxLane
from crm_store.rules.outbox import WINDOW_MS
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
    since_ms = now_ms - WINDOW_MS
    begun = _not_in_ledger([connection_id], since_ms).select(Delivery.began_at_ms)
    in_ledger = (
        GmailMessage.select(GmailMessage.sent_at_ms)
        .join(Mailbox, on=(Mailbox.id == GmailMessage.mailbox_id))
        .where(Mailbox.connection_id == connection_id, GmailMessage.sent_at_ms > since_ms)
        .order_by(GmailMessage.sent_at_ms.desc())
        .limit(limit)
    )
    return room_of([at_ms for (at_ms,) in (*tuples(begun), *tuples(in_ledger))], limit, now_ms=now_ms)


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
