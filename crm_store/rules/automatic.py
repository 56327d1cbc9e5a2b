"""C7: whether a mail was sent by a machine, as far as its header tells."""

from dataclasses import dataclass

from crm_store.mail.automatic.signs import Action, AutomaticSigns, ReportedRecipient, ReportKind
from crm_store.mail.parsed_mail import ParsedMail
from crm_store.rules.states import Automatic

# What a person should see: recorded from a contact, marked, and not unread. The others are about mail, not from people.
FROM_A_CONTACT = frozenset({Automatic.AUTO_REPLY, Automatic.CALENDAR, Automatic.LIST})

_REPORTS = {
    ReportKind.DELIVERY: Automatic.BOUNCE,
    ReportKind.FEEDBACK: Automatic.FEEDBACK,
    ReportKind.RECEIPT: Automatic.AUTO_REPLY,
}


@dataclass(frozen=True, slots=True)
class AutomaticMail:
    """What `sunnyday read` tells. original_message_id: without brackets; None where it is not told.

    failed: whom a bounce says that it did not reach, or not yet."""

    kind: Automatic
    original_message_id: str | None
    failed: tuple[ReportedRecipient, ...]


def read_automatic(mail: ParsedMail, *, null_sender: bool = False) -> AutomaticMail | None:
    """None: a person wrote it, for all that can be seen. null_sender: as in automatic_kind."""
    kind = automatic_kind(mail.automatic, null_sender=null_sender)
    if kind is None:
        return None
    report = mail.automatic.report
    original = mail.automatic.answers if report is None else report.original_message_id
    recipients = report.recipients if report is not None and kind is Automatic.BOUNCE else ()
    return AutomaticMail(kind, original, tuple(one for one in recipients if one.action is not Action.DONE))


def automatic_kind(signs: AutomaticSigns, *, null_sender: bool) -> Automatic | None:
    """None: a person wrote it, for all that can be seen. null_sender: MAIL FROM:<> in the envelope.

    What tells more is asked first: a list's mail may be submitted by a program, an invitation too."""
    if signs.looped:
        return Automatic.LOOP
    null_sender = null_sender or signs.return_path_is_null
    if signs.report is not None and (null_sender or not signs.report.doubtful):
        return _REPORTS[signs.report.kind]
    if _answers_by_itself(signs, null_sender):
        return Automatic.AUTO_REPLY
    if signs.to_a_list or signs.precedence == "list":
        return Automatic.LIST
    if signs.method:
        return Automatic.CALENDAR
    if is_told_automatic(signs.auto_submitted):  # generated, notified
        return Automatic.AUTO_REPLY
    if null_sender:
        # RFC 5321 §4.5.5: only notifications have no sender. RFC 3834 §3.3: automatic answers have none either.
        return Automatic.AUTO_REPLY if signs.answers and not signs.from_mail_system else Automatic.BOUNCE
    return Automatic.LIST if signs.precedence in ("bulk", "junk") else None


def _answers_by_itself(signs: AutomaticSigns, null_sender: bool) -> bool:
    """RFC 3834 §5 and the fields of vendors. A subject alone is no sign: people write such subjects, too."""
    if signs.auto_submitted.startswith("auto-replied") or signs.replies:
        return True
    if signs.precedence == "auto_reply":  # not in any RFC; vacation programs of the nineties and their heirs
        return True
    other_sign = null_sender or signs.suppresses or signs.precedence in ("bulk", "junk")
    return signs.subject_replies and (other_sign or is_told_automatic(signs.auto_submitted))


def is_told_automatic(auto_submitted: str) -> bool:
    """RFC 3834 §5: whatever it says but "no". auto_submitted: lower case, "" where absent."""
    return bool(auto_submitted) and auto_submitted.partition(";")[0].partition("(")[0].strip() != "no"
