"""What is wrong with an e-mail that is to be sent, beside the field that it is about."""

from collections.abc import Mapping

from crm_store.errors import Invalid
from gateway.web.pages.reader import Reader, say

_WORDS: Mapping[str, str] = {
    "to": say("Name somebody outside your location, by an e-mail address. At most 100 people get one e-mail."),
    "cc": say("One of these is no e-mail address."),
    "bcc": say("One of these is no e-mail address."),
    "from": say("This is none of your addresses. Connect its account, or verify it under Settings."),
    "subject": say("A subject has at most 1,000 characters."),
    "text": say("Write something; at most a million characters go into one e-mail."),
    "attachments": say("The files have more than 25 MB together: leave some out, or send a link. Your text is kept."),
    "send_at": say("Choose a time within a year."),
    "user_id": say("You have no Gmail account connected. Your text is kept: connect one, and send it then."),
    "kind": say("This location has no e-mail provider. Your text is kept."),
}
_ANY = say("This can't be sent as it is. Your text is kept.")
_NO_TIME = say("Choose a day and a time that are not over.")


def of(reader: Reader, error: Invalid) -> dict[str, str]:
    """By the field's name in the form; what belongs to none is told as "send"."""
    field, _, _ = error.field.partition(".")
    words = _WORDS.get(field)
    shown = {"user_id": "send", "kind": "send", "from_address": "from"}.get(field, field)
    return {shown if words else "send": reader.gettext(words or _ANY)}


def no_time(reader: Reader) -> str:
    return reader.gettext(_NO_TIME)
