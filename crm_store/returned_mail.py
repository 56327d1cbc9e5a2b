"""Mail that came to the return address of a delivery: what a bounce says is shown on its entry and its e-mail; anything
else is ignored, with a decision, and nothing of it is kept (C7). Nobody is ever answered."""

from collections.abc import Sequence
from dataclasses import dataclass

from crm_store import bounce_reports, outbox_posting, outbox_steps, outbox_work, undelivered
from crm_store.copies import Copy
from crm_store.database.session import lock_location
from crm_store.mail.clean_text import clean_line
from crm_store.mail.parsed_mail import ParsedMail
from crm_store.models.outbox import Delivery, Email
from crm_store.rules import bounce as rules
from crm_store.rules.decision import Bounce, Decision, Told, bounced
from crm_store.rules.outbox import OutboxReason, OutboxState
from crm_store.rules.parties import Parties
from crm_store.rules.returned import returned_bounce, says_nothing
from crm_store.rules.states import DeliveryState, Path

_READ_CHARS, _MAX_WORDS_CHARS = 2_000, 300


@dataclass(frozen=True, slots=True)
class Returned:
    """The delivery that a mail came back to. bounce: what it says of it, None for nothing. words: of one that says it
    in no field (RFC 3464), how it begins; "" of all others."""

    delivery_id: int
    lane_id: int
    location_id: int
    message_id: str
    bounce: Bounce | None
    words: str


def returned_to(token: str, mail: ParsedMail, *, null_sender: bool) -> Returned | None:
    """None where the delivery is gone with its location."""
    row: Delivery | None = Delivery.get_or_none(Delivery.token == token)
    if row is None or row.message_id is None:
        return None
    bounce = returned_bounce(mail, row.message_id, row.recipients, null_sender=null_sender)
    words = " ".join(clean_line(mail.text[:_READ_CHARS]).split()) if says_nothing(mail) else ""
    return Returned(row.id, row.lane_id, row.location_id, row.message_id, bounce, words[:_MAX_WORDS_CHARS])


def lock(returned: Sequence[Returned], *, now_ms: int) -> None:
    """Before anything else in the transaction, in the order of crm_store/models/outbox.py, so that nobody waits for us
    who has what we wait for. The lane of one that is unknown to have left looks at it again: now it is known."""
    for location_id in sorted({one.location_id for one in returned}):
        lock_location(location_id)
    told = [one for one in returned if _failed(one) is not None]
    for lane_id in sorted({one.lane_id for one in told if outbox_work.is_unknown(one.delivery_id)}):
        outbox_posting.make_due(lane_id, now_ms)
    outbox_steps.lock_emails([one.delivery_id for one in told])


def decide(returned: Returned) -> Decision:
    """Call in a transaction that holds the location's lock: a mail that is being filed waits, or is there."""
    if returned.bounce is None:
        return bounced(None, ())
    sent = undelivered.sent_mail(returned.location_id, returned.message_id)
    return bounced(returned.bounce, rules.undelivered(returned.bounce, sent))


def note(
    returned: Returned,
    decision: Decision,
    mail: ParsedMail,
    parties: Parties,
    *,
    sha256: bytes,
    capture_id: int,
    told_at_ms: int,
    now_ms: int,
) -> None:
    """In the same transaction. told_at_ms: when it came."""
    if returned.bounce is None:
        return
    copy = Copy(
        location_id=returned.location_id,
        path=Path.BCC,
        mail=mail,
        parties=parties,
        blob_sha256=sha256,
        seen_at_ms=told_at_ms,
        capture_id=capture_id,
    )
    bounce_reports.keep(copy, returned.bounce, told_at_ms=told_at_ms, now_ms=now_ms)
    undelivered.note(decision.undelivered, told_at_ms=told_at_ms)
    failed = _failed(returned)
    if failed is not None:
        _tell_its_sender(returned.delivery_id, failed.status or returned.words, now_ms)


def _failed(returned: Returned) -> Told | None:
    told = () if returned.bounce is None else returned.bounce.told
    return next((one for one in told if one.state is DeliveryState.FAILED), None)


def _tell_its_sender(delivery_id: int, detail: str, now_ms: int) -> None:
    """It did leave, so its state stays, and why it is no good news is told; of one that is unknown its lane, which has
    its content, says that it was sent (outbox_sent.came_back)."""
    row = Delivery.get_by_id(delivery_id)
    told: dict[str, object] = {"reason": OutboxReason.BOUNCED, "detail": detail}
    if row.state == OutboxState.UNKNOWN:
        told["due_at_ms"] = now_ms
    Delivery.update(told).where(Delivery.id == delivery_id).execute()
    Email.update(reason=OutboxReason.BOUNCED).where(Email.id == row.email_id).execute()
