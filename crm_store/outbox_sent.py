"""What has left: filed where it was sent from, once, whoever sees it first (B3, B10, E1, E2)."""

from __future__ import annotations

from crm_store import fault_point
from crm_store.blobs.store import BlobStore
from crm_store.outbox_work import HeldLane


def sent_through_gmail(
    held: HeldLane,
    delivery_id: int,
    *,
    gmail_id: str,
    gmail_thread_id: str | None,
    raw: bytes | None,
    blobs: BlobStore,
    now_ms: int,
) -> int | None:
    """The delivery is sent. raw: the sent copy as Gmail has it; None where it could not be read back (any more): the
    sync files it when it sees it. The entry; None where there is none (yet). Safe to run twice, and where the sync was
    first. Raises: LeaseLost, StoreUnavailable."""
    fault_point.reach("send.before-sent-commit")
    fault_point.reach("send.after-sent-commit")
    raise NotImplementedError


def sent_through_provider(held: HeldLane, delivery_id: int, raw: bytes, blobs: BlobStore, *, now_ms: int) -> int | None:
    """The relay took it. raw: as it left, with Date and Message-ID. The entry; None of a notice.

    Raises: LeaseLost, DeliveryChanged, StoreUnavailable."""
    raise NotImplementedError
