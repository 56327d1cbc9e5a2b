"""C7: what a mail says that came to the return address of one delivery, so that it is known which. Pure."""

from collections.abc import Sequence
from dataclasses import replace

from crm_store.mail.automatic.signs import Action, ReportedRecipient
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

    message_id, recipients: the delivery's. Many a report names no mail, or whom a recipient's mail was forwarded to:
    of a mail to one recipient it is about that one all the same."""
    report = mail.automatic.report
    if report is None or automatic_kind(mail.automatic, null_sender=null_sender) is not Automatic.BOUNCE:
        return None
    told = report.recipients
    if len(recipients) == 1:
        told = _gravest(told, recipients[0])
    return bounce_of(replace(report, original_message_id=message_id, recipients=told))


def _gravest(told: Sequence[ReportedRecipient], address: str) -> tuple[ReportedRecipient, ...]:
    for action in _GRAVEST_FIRST:
        for one in told:
            if one.action is action:
                return (replace(one, address=address, original=""),)
    return ()
