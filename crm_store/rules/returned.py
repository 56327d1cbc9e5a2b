"""C7: what a mail says that came to the return address of one delivery, so that it is known which. Pure."""

from collections.abc import Sequence
from dataclasses import replace

from crm_store.mail.automatic.cause import Cause
from crm_store.mail.automatic.signs import Action, Report, ReportedRecipient, ReportKind
from crm_store.mail.parsed_mail import ParsedMail
from crm_store.rules.automatic import automatic_kind
from crm_store.rules.bounce import bounce_of
from crm_store.rules.decision import Bounce
from crm_store.rules.states import Automatic

_GRAVEST_FIRST = (Action.FAILED, Action.DELAYED)


def returned_bounce(
    mail: ParsedMail, message_id: str, recipients: Sequence[str], *, null_sender: bool
) -> Bounce | None:
    """None for what is no bounce, or does not say that anybody was not reached: it is of no interest to anybody.

    message_id, recipients: the delivery's. Many a report names no mail, or whom a recipient's mail was forwarded to,
    or has no fields at all: of a mail to one recipient it is about that one all the same."""
    if automatic_kind(mail.automatic, null_sender=null_sender) is not Automatic.BOUNCE:
        return None
    report = mail.automatic.report or Report(ReportKind.DELIVERY, message_id)
    told = report.recipients
    if says_nothing(mail) and len(recipients) == 1 and mail.automatic.from_mail_system:
        # RFC 5321 §4.5.5: nothing but such notices has a null sender, and its address says of which mail.
        told = (ReportedRecipient(recipients[0], "", Action.FAILED, "", Cause.UNKNOWN),)
    elif len(recipients) == 1:
        told = _gravest(told, recipients[0])
    return bounce_of(replace(report, original_message_id=message_id, recipients=told))


def says_nothing(mail: ParsedMail) -> bool:
    """In fields, and in no other way that we read, of anybody: only its text tells."""
    return mail.automatic.report is None or not mail.automatic.report.recipients


def _gravest(told: Sequence[ReportedRecipient], address: str) -> tuple[ReportedRecipient, ...]:
    for action in _GRAVEST_FIRST:
        for one in told:
            if one.action is action:
                return (replace(one, address=address, original=""),)
    return ()
