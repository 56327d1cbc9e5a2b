"""What has left is filed where it was sent from and nowhere else, once, whoever sees it first (B3, B10, E1, E2, E9).

The run that sent it reads the copy back, and the sync sees it in Sent; both come by here, and the second finds what the
first has filed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from crm_store import decisions, facts, fault_point, filing, held_copies
from crm_store.blobs import erasure
from crm_store.blobs.keeping import keep
from crm_store.blobs.store import BlobStore, NewBlob
from crm_store.copies import Copy
from crm_store.database.prepared import Prepared, Statement
from crm_store.database.session import lock_location, writing
from crm_store.models.outbox import Delivery
from crm_store.outbox_copies import SentCopy, SentDelivery, sent_delivery
from crm_store.outbox_steps import DeliveryChanged, lock_emails, step
from crm_store.rules.decide import decide
from crm_store.rules.decision import Decision, join
from crm_store.rules.outbox import OutboxReason, OutboxState, OutboxStep
from crm_store.rules.rule import Reason, Rule
from crm_store.rules.states import CaptureState, Path

# Called in the transaction, with what was decided in which location, before the delivery itself is written.
Settle = Callable[[Mapping[int, Decision]], None]


@dataclass(frozen=True, slots=True)
class Filed:
    """entry_id: None where a rule says that it is not recorded (B5, B13), or it was un-logged (G3)."""

    decision: Decision
    entry_id: int | None


@dataclass(frozen=True, slots=True)
class Said:
    """gmail_id: what Gmail calls it. reason, detail: what a relay said beside yes."""

    gmail_id: str | None
    reason: OutboxReason | None = None
    detail: str = ""


def file_sent(own: SentDelivery, copy: SentCopy, blobs: BlobStore, *, settle: Settle, now_ms: int) -> Filed:
    """Message, sightings, entry, decisions, and the delivery sent: all of it or nothing. Safe to run twice, by two.

    Raises: StoreUnavailable, and what settle raises; then nothing has changed."""
    return file_copy(own, copy, Said(copy.gmail_id), blobs, settle=settle, now_ms=now_ms)


def file_copy(own: SentDelivery, copy: SentCopy, said: Said, blobs: BlobStore, *, settle: Settle, now_ms: int) -> Filed:
    """The same, with what there is to tell of it. Raises: DeliveryChanged, too."""
    blob = NewBlob(copy.sha256, copy.raw)
    stored = False
    while True:
        if stored:
            fault_point.reach("send.before-sent-commit")
        with writing():
            lock_location(own.location_id)
            own = sent_delivery(own.id)  # somebody else may have filed it since
            decision, as_sent = _decided(own, copy, now_ms)
            recorded = decision.outcome is CaptureState.RECORDED
            if stored or not recorded:
                if recorded:
                    keep([(blob, len(copy.raw))], blobs, now_ms=now_ms)
                else:
                    erasure.mark_left_behind([copy.sha256], blobs)
                entry_id = _carry_out(own, as_sent, copy, decision, now_ms)
                settle({own.location_id: decision})
                note_sent(own.id, said, entry_id, now_ms=now_ms)
                break
        blobs.put([blob])  # B5: bytes are stored only of what is recorded, and before any row points to them
        stored = True
    fault_point.reach("send.after-sent-commit")
    return Filed(decision, entry_id)


def _decided(own: SentDelivery, copy: SentCopy, now_ms: int) -> tuple[Decision, Copy]:
    key = copy.thread_key(own)
    sighted = facts.Sighted(Path.CRM, copy.mail, copy.parties, (own.user_id,), thread_key=key)
    asked = facts.gather(own.location_id, sighted, now_ms=now_ms)
    # E2: what a program asked us to send says so in its header (RFC 3834), and is no less the CRM's own mail.
    decision = decide(replace(asked, automatic=None, report=None, sent=()))
    return decision, copy.filed_as(own)


def _carry_out(own: SentDelivery, as_sent: Copy, copy: SentCopy, decision: Decision, now_ms: int) -> int | None:
    entry_id = filing.carry_out(as_sent, decision, now_ms=now_ms)
    if own.entry_id is None:
        decisions.write(
            Path.CRM,
            decision.outcome,
            decision.rule,
            decision.reason,
            message_id=copy.mail.message_id,
            location_id=own.location_id,
            capture_id=None,
            entry_id=entry_id,
            now_ms=now_ms,
        )
    if copy.path is Path.GMAIL:
        _show_in_mailbox(own, as_sent, copy, decision, entry_id, now_ms)
    if entry_id is not None:
        held_copies.wake(copy.mail.message_id, own.user_id, own.location_id, now_ms=now_ms)
    return entry_id


def _show_in_mailbox(
    own: SentDelivery, as_sent: Copy, copy: SentCopy, decision: Decision, entry_id: int | None, now_ms: int
) -> None:
    assert copy.gmail_id is not None, "a mailbox's message has an id"
    by_gmail = decision
    if entry_id is not None:
        by_gmail = join(Rule.C8, Reason.SAME_MESSAGE, entry_id)
        filing.carry_out(replace(as_sent, path=Path.GMAIL), by_gmail, now_ms=now_ms)
    decisions.write_mailbox(
        own.user_id,
        copy.gmail_id,
        by_gmail.outcome,
        by_gmail.rule,
        by_gmail.reason,
        message_id=copy.mail.message_id,
        location_id=own.location_id if entry_id is not None else None,
        entry_id=entry_id,
        now_ms=now_ms,
    )


def note_sent(delivery_id: int, said: Said, entry_id: int | None, *, now_ms: int) -> None:
    """The delivery is sent; what it was composed of goes once its sent copy is filed. Raises: DeliveryChanged."""
    lock_emails([delivery_id])
    state, blob_sha256 = _kept.rows(delivery_id)[0]
    if state != OutboxState.SENT:
        under_way = state in (OutboxState.SENDING, OutboxState.UNKNOWN)
        taken = OutboxStep.SENT if under_way else OutboxStep.FOUND
        known_now = {"sent_at_ms": now_ms, "ambiguity": None, "ambiguous_at_ms": None}
        step(delivery_id, taken, said.reason, detail=said.detail, **known_now)
    elif said.gmail_id is None:
        raise DeliveryChanged(f"delivery {delivery_id} was sent already")
    filed: dict[str, object] = {"gmail_id": said.gmail_id}
    if entry_id is not None:
        filed |= {"entry_id": entry_id, "blob_sha256": None}
        erasure.mark([bytes(blob_sha256)] if blob_sha256 is not None else [])
    Delivery.update(filed).where(Delivery.id == delivery_id).execute()


def forget_content(delivery_id: int) -> None:
    """Of a notice that was sent: nothing shows it, and it may hold a link that opens something."""
    _, blob_sha256 = _kept.rows(delivery_id)[0]
    Delivery.update(blob_sha256=None).where(Delivery.id == delivery_id).execute()
    erasure.mark([bytes(blob_sha256)] if blob_sha256 is not None else [])


@Prepared
def _kept(delivery_id: int) -> Statement:
    return Delivery.select(Delivery.state, Delivery.blob_sha256).where(Delivery.id == delivery_id)
