"""C7: whether a mail was sent by a machine, as far as its header tells."""

from crm_store.mail.parsed_mail import AutomaticSigns
from crm_store.rules.states import Automatic

# What a person should see: recorded from a contact, marked, and not unread. The others are about mail, not from people.
FROM_A_CONTACT = frozenset({Automatic.AUTO_REPLY, Automatic.CALENDAR, Automatic.LIST})


def automatic_kind(signs: AutomaticSigns, *, null_sender: bool) -> Automatic | None:
    """None: a person wrote it, for all that can be seen. null_sender: MAIL FROM:<> in the envelope.

    RFC 3464 §2 (reports), RFC 5965 §2, RFC 8098 §3 (read receipts), RFC 3834 §5, RFC 2919, RFC 5545."""
    content_type, report = _content_type(signs.content_type)
    if content_type == "multipart/report":
        return _REPORTS.get(report, Automatic.BOUNCE)
    if signs.auto_submitted and signs.auto_submitted.split(";")[0].strip() != "no":
        return Automatic.AUTO_REPLY
    if signs.precedence == "auto_reply":  # not in any RFC; vacation programs of the nineties and their heirs
        return Automatic.AUTO_REPLY
    if null_sender or signs.return_path_is_null:
        return Automatic.BOUNCE  # RFC 5321 §4.5.5: only notifications have no sender
    if signs.list_id or signs.precedence in ("list", "bulk", "junk"):
        return Automatic.LIST
    return Automatic.CALENDAR if content_type == "text/calendar" else None


_REPORTS = {"feedback-report": Automatic.FEEDBACK, "disposition-notification": Automatic.AUTO_REPLY}


def _content_type(value: str) -> tuple[str, str]:
    """Type and report-type of "multipart/report; report-type=…", in lower case."""
    content_type, *parameters = (part.strip() for part in value.split(";"))
    named = dict(parameter.partition("=")[::2] for parameter in parameters)
    return content_type, named.get("report-type", "").strip('"')
