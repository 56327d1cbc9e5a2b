"""C6: a mail that somebody forwarded as text is the message that is recorded already, and the other way round.

What is printed names no ids: author, subject and minute say that it is the same."""

from collections.abc import Collection

from crm_store.database.prepared import Prepared, Statement
from crm_store.mail.parsed_mail import ParsedMail
from crm_store.models.contacts import Conversation
from crm_store.models.messages import Entry, Message, MessageContent, Sighting
from crm_store.rules.address import normalise
from crm_store.rules.resumed import base_subject
from crm_store.rules.rule import Rule

MINUTE_MS = 60_000
MAX_CONTACTS = 20
MAX_IN_A_MINUTE = 50  # of one talk


def twin_of(mail: ParsedMail, contact_ids: Collection[int], *, printed: bool) -> int | None:
    """The entry's id, in the tab of one of these contacts of the location.

    printed: the mail was forwarded as text; else only what was recorded from such a text is its twin."""
    if mail.sent_at_ms is None or not contact_ids:
        return None
    minute_ms = mail.sent_at_ms - mail.sent_at_ms % MINUTE_MS
    author, subject = normalise(mail.author.address), base_subject(mail.subject).base
    for entry_id, wrote, called, key, rule in _in_minute.rows(
        sorted(contact_ids)[:MAX_CONTACTS], minute_ms, minute_ms + MINUTE_MS - 1
    ):
        from_text = key is None and rule == Rule.C6
        if (printed or from_text) and (normalise(wrote), base_subject(called).base) == (author, subject):
            return int(entry_id)
    return None


@Prepared
def _in_minute(contact_ids: list[int], from_ms: int, to_ms: int) -> Statement:
    return (
        Entry.select(
            Entry.id, MessageContent.author_address, MessageContent.subject, Message.message_id_key, Entry.rule
        )
        .join(Conversation, on=(Conversation.id == Entry.conversation_id))
        .join(Message, on=(Message.id == Entry.message_id))
        .join(Sighting, on=(Sighting.id == Entry.sighting_id))
        .join(MessageContent, on=(MessageContent.id == Sighting.content_id))
        .where(Conversation.contact_id.in_(contact_ids), Entry.at_ms.between(from_ms, to_ms))
        .order_by(Entry.id)
        .limit(MAX_IN_A_MINUTE)
    )
