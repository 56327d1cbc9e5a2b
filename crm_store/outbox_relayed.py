"""Deliveries that a location's provider has taken: filed, and noted as sent, together (B3, E2, E9)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import structlog

from crm_store import fault_point
from crm_store.blobs import erasure
from crm_store.blobs.keeping import keep
from crm_store.blobs.store import BlobStore, NewBlob
from crm_store.copies import Copy
from crm_store.database.prepared import Prepared, Statement
from crm_store.database.session import lock_location, writing
from crm_store.errors import StoreUnavailable
from crm_store.models.outbox import Delivery
from crm_store.outbox_copies import SentCopy, SentDelivery, bcc_field, sent_deliveries
from crm_store.outbox_filing import Said, file_copy, forget_content, note_sent
from crm_store.outbox_steps import lock_emails, steps
from crm_store.outbox_together import decided_together, file_together, starts_talks
from crm_store.outbox_turns import HeldLane, LeaseLost, hold
from crm_store.rules.outbox import EmailKind, OutboxReason, OutboxStep

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Relayed:
    """A delivery that the relay took. shared_sha256: of what it was composed of. reason, detail: of recipients that it
    did not take."""

    delivery_id: int
    shared_sha256: bytes
    reason: OutboxReason | None = None
    detail: str = ""


def own_copies(raws: Mapping[int, bytes]) -> dict[int, bytes]:
    """What is kept of mails, by delivery, as they leave: their sender's own copies. Of a notice there is none."""
    return {
        own.id: bcc_field(own) + raws[own.id] for own in sent_deliveries(list(raws)) if own.kind is not EmailKind.NOTICE
    }


def stored(
    own: Mapping[int, bytes], blobs: BlobStore, capture_domains: Collection[str], *, now_ms: int
) -> dict[int, SentCopy]:
    """The same, read, and durable; it asks no database, so that it may go on while the relay is spoken to.

    Before it is known that all are recorded (B5): what they say lies there already, as it was composed. What is not is
    to be left behind (not_sent). Raises: StoreUnavailable."""
    copies = {one: SentCopy.of_ours(raw, capture_domains, now_ms=now_ms) for one, raw in own.items()}
    blobs.put([NewBlob(copy.sha256, copy.raw) for copy in copies.values()])
    return copies


def not_sent(copies: Iterable[SentCopy], blobs: BlobStore) -> None:
    """They were stored and did not leave, or nobody knows. Call inside a transaction."""
    erasure.mark_left_behind([copy.sha256 for copy in copies], blobs)


def sent_through_provider(
    held: HeldLane,
    relayed: Sequence[Relayed],
    copies: Mapping[int, SentCopy],
    blobs: BlobStore,
    *,
    now_ms: int,
    then: Callable[[], None] = lambda: None,
) -> None:
    """They have left. copies: of each but notices. then: called in the transaction that says so, for what else is to be
    told of the lane.

    Where they cannot be filed together they are one by one; and one that cannot be filed at all has left all the same.
    Raises: LeaseLost, StoreUnavailable, and what then raises."""
    fault_point.reach("send.before-sent-commit")
    try:
        with writing():
            lock_location(held.lane.location_id)
            hold(held, now_ms=now_ms)
            _settle(relayed, copies, blobs, now_ms=now_ms)
            then()
    except (LeaseLost, StoreUnavailable):
        raise
    except Exception:
        log.exception("sent_mails_not_filed_together", lane_id=held.lane.id)
        for one in relayed:
            _alone(held, one, copies.get(one.delivery_id), blobs, now_ms)
        with writing():
            hold(held, now_ms=now_ms)
            then()
    fault_point.reach("send.after-sent-commit")


def _settle(relayed: Sequence[Relayed], copies: Mapping[int, SentCopy], blobs: BlobStore, *, now_ms: int) -> None:
    ids = [one.delivery_id for one in relayed]
    lock_emails(ids)
    owns = {own.id: own for own in sent_deliveries(ids)}  # somebody else may have filed one since
    together = _filed_together([owns[one] for one in ids if one in copies], copies, blobs, now_ms)
    for one in relayed:
        if one.delivery_id not in together:
            own, copy, said = owns[one.delivery_id], copies.get(one.delivery_id), _said(one)
            if copy is None:
                note_sent(own.id, said, None, now_ms=now_ms)
                forget_content(own.id)
            else:
                file_copy(own, copy, said, blobs, settle=lambda _: None, now_ms=now_ms)
    _note_together([one for one in relayed if one.delivery_id in together], together, now_ms)


def _said(one: Relayed) -> Said:
    return Said(None, one.reason, one.detail)


def _filed_together(
    owns: Sequence[SentDelivery], copies: Mapping[int, SentCopy], blobs: BlobStore, now_ms: int
) -> dict[int, int]:
    """The entries, by delivery, of those that could be."""
    entries: dict[int, int] = {}
    for user_id in {own.user_id for own in owns}:
        theirs = [own for own in owns if own.user_id == user_id and own.entry_id is None]
        filed_as: list[Copy] = [copies[own.id].filed_as(own) for own in theirs]
        decided = decided_together(filed_as, now_ms=now_ms) if filed_as else []
        fit = [
            (own, copy, decision)
            for own, copy, decision, fits in zip(
                theirs, filed_as, decided, starts_talks(filed_as, decided), strict=True
            )
            if fits and decision is not None
        ]
        if not fit:
            continue
        kept = [copies[own.id] for own, _, _ in fit]
        keep([(NewBlob(one.sha256, one.raw), len(one.raw)) for one in kept], blobs, now_ms=now_ms)
        ids = file_together([copy for _, copy, _ in fit], [decision for _, _, decision in fit], now_ms=now_ms)
        entries |= {own.id: entry_id for (own, _, _), entry_id in zip(fit, ids, strict=True)}
    return entries


def _note_together(relayed: Sequence[Relayed], entries: dict[int, int], now_ms: int) -> None:
    """As outbox_filing.note_sent() does of one."""
    by_word: dict[tuple[OutboxReason | None, str], list[int]] = {}
    for one in relayed:
        by_word.setdefault((one.reason, one.detail), []).append(one.delivery_id)
    for (reason, detail), ids in by_word.items():
        steps(ids, OutboxStep.SENT, reason, detail=detail, sent_at_ms=now_ms, ambiguity=None, ambiguous_at_ms=None)
    for one in relayed:
        _filed.run(entries[one.delivery_id], None, one.delivery_id)
    erasure.mark(one.shared_sha256 for one in relayed)


@Prepared
def _filed(entry_id: int, blob_sha256: bytes | None, delivery_id: int) -> Statement:
    return Delivery.update(entry_id=entry_id, blob_sha256=blob_sha256).where(Delivery.id == delivery_id)


def _alone(held: HeldLane, one: Relayed, copy: SentCopy | None, blobs: BlobStore, now_ms: int) -> None:
    """Whatever is wrong with filing it, it has left, and is never sent again."""
    try:
        with writing():
            lock_location(held.lane.location_id)
            hold(held, now_ms=now_ms)
            _settle([one], {} if copy is None else {one.delivery_id: copy}, blobs, now_ms=now_ms)
    except (LeaseLost, StoreUnavailable):
        raise
    except Exception:
        log.exception("sent_mail_not_filed", delivery_id=one.delivery_id)
        with writing():
            hold(held, now_ms=now_ms)
            steps([one.delivery_id], OutboxStep.SENT, one.reason, detail=one.detail, sent_at_ms=now_ms)
