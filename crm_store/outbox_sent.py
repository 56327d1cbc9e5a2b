"""What became of a delivery that has left: by Gmail's word, by its user's, or by that of whoever sent it back."""

from __future__ import annotations

from collections.abc import Collection

import structlog

from crm_store.blobs.store import BlobStore
from crm_store.database.session import lock_location, writing
from crm_store.errors import NotFound
from crm_store.models.outbox import Delivery, OutboxLane
from crm_store.outbox_copies import SentCopy, bcc_field, date_field, sent_delivery
from crm_store.outbox_filing import Said, file_copy, file_sent, note_sent
from crm_store.outbox_steps import require
from crm_store.outbox_turns import HeldLane, hold
from crm_store.rules.outbox import EmailKind, OutboxReason, OutboxState

log = structlog.get_logger()


def sent_through_gmail(
    held: HeldLane,
    delivery_id: int,
    raw: bytes | None,
    blobs: BlobStore,
    capture_domains: Collection[str],
    *,
    gmail_id: str,
    gmail_thread_id: str | None,
    now_ms: int,
) -> int | None:
    """It is in Sent under this id. The entry that shows it; None where none does (yet).

    raw: as Gmail has it; None where it could not be read back: then the sync files it when it sees it.
    Safe to run twice, and where the sync was first. Raises: LeaseLost, StoreUnavailable."""
    own = sent_delivery(delivery_id)
    if raw is None:
        with writing():
            hold(held, now_ms=now_ms)
            note_sent(delivery_id, Said(gmail_id), None, now_ms=now_ms)
        return own.entry_id
    copy = SentCopy.of_ours(raw, capture_domains, gmail_id=gmail_id, gmail_thread_id=gmail_thread_id, now_ms=now_ms)
    return file_sent(own, copy, blobs, settle=lambda _: hold(held, now_ms=now_ms), now_ms=now_ms).entry_id


def came_back(
    held: HeldLane, delivery_id: int, blobs: BlobStore, capture_domains: Collection[str], *, now_ms: int
) -> None:
    """Of one that is unknown: a bounce of it says that it did leave (C7). Where it cannot be filed, that is known all
    the same. Raises: LeaseLost, DeliveryChanged, StoreUnavailable."""
    with writing():
        lock_location(held.lane.location_id)
        hold(held, now_ms=now_ms)
        try:
            taken_as_sent(delivery_id, OutboxReason.BOUNCED, blobs, capture_domains, now_ms=now_ms)
        except NotFound:
            log.error("outbox_content_missing", delivery_id=delivery_id)
            note_sent(delivery_id, Said(None, OutboxReason.BOUNCED), None, now_ms=now_ms)


def taken_as_sent(
    delivery_id: int, reason: OutboxReason, blobs: BlobStore, capture_domains: Collection[str], *, now_ms: int
) -> None:
    """Of one that is unknown: its user says that it was sent (RESOLVED), or it came back (BOUNCED). What Gmail sent the
    sync files when it sees it; of a provider's nobody has another copy than ours.

    Call in a transaction that holds the location's lock. Raises: DeliveryChanged, NotFound, StoreUnavailable."""
    with writing():
        require(delivery_id, OutboxState.UNKNOWN)
        row = Delivery.get_by_id(delivery_id)
        own, said = sent_delivery(delivery_id), Said(None, reason)
        if own.kind is EmailKind.NOTICE or OutboxLane.get_by_id(row.lane_id).connection_id is not None:
            note_sent(delivery_id, said, None, now_ms=now_ms)
            return
        assert row.blob_sha256 is not None, "what is not known to be sent has its content"
        raw = date_field(row.began_at_ms or now_ms) + bytes(row.own_header) + blobs.read(bytes(row.blob_sha256))
        copy = SentCopy.of_ours(bcc_field(own) + raw, capture_domains, now_ms=now_ms)
        file_copy(own, copy, said, blobs, settle=lambda _: None, now_ms=now_ms)
