"""Mail that came to the return address of a delivery: what a bounce says is shown on its entry and its e-mail; anything
else is ignored, with a decision, and nothing of it is kept (C7). Nobody is ever answered."""

from dataclasses import dataclass

from crm_store import bounce_reports, undelivered
from crm_store.copies import Copy
from crm_store.mail.parsed_mail import ParsedMail
from crm_store.models.outbox import Delivery, Email
from crm_store.rules import bounce as rules
from crm_store.rules.decision import Bounce, Decision, bounced
from crm_store.rules.outbox import OutboxReason
from crm_store.rules.parties import Parties
from crm_store.rules.returned import returned_bounce
from crm_store.rules.states import DeliveryState, Path


@dataclass(frozen=True, slots=True)
class Returned:
    """The delivery that a mail came back to. bounce: what it says of it, None for nothing."""

    delivery_id: int
    location_id: int
    message_id: str
    bounce: Bounce | None


def returned_to(token: str, mail: ParsedMail, *, null_sender: bool) -> Returned | None:
    """None where the delivery is gone with its location."""
    row: Delivery | None = Delivery.get_or_none(Delivery.token == token)
    if row is None or row.message_id is None:
        return None
    bounce = returned_bounce(mail, row.message_id, row.recipients, null_sender=null_sender)
    return Returned(row.id, row.location_id, row.message_id, bounce)


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
    failed = next((one for one in returned.bounce.told if one.state is DeliveryState.FAILED), None)
    if failed is not None:
        _tell_its_sender(returned.delivery_id, failed.status)


def _tell_its_sender(delivery_id: int, status: str) -> None:
    """It did leave, so its state stays; why it is no good news is told."""
    Delivery.update(reason=OutboxReason.BOUNCED, detail=status).where(Delivery.id == delivery_id).execute()
    of_email = Delivery.get_by_id(delivery_id).email_id
    Email.update(reason=OutboxReason.BOUNCED).where(Email.id == of_email).execute()
