"""What an e-mail that answers an entry takes over from it (E5)."""

from __future__ import annotations

from dataclasses import dataclass

from crm_store.blobs.store import BlobStore
from crm_store.database.rows import tuples
from crm_store.errors import Invalid
from crm_store.mail.compose.draft import ReplyTo
from crm_store.mail.compose.reply_subject import reply_subject
from crm_store.mail.read import read
from crm_store.models.mailboxes import GmailMessage, Mailbox
from crm_store.models.messages import Entry, Message, MessageContent, Sighting

_HEADER_END = b"\r\n\r\n"
_LATEST = 20  # messages of a thread that are asked whether a mailbox has them


@dataclass(frozen=True, slots=True)
class Answered:
    """subject: for who gives none. gmail_threads: by connection (a row's id) the talk's name in its mailbox."""

    reply: ReplyTo
    subject: str
    gmail_threads: dict[int, str]


def answered(location_id: int, entry_id: int, user_id: int, blobs: BlobStore) -> Answered:
    """user_id: who answers. Raises: Invalid for an entry that is not (any more) in this location."""
    entry: Entry | None = Entry.get_or_none(
        Entry.id == entry_id, Entry.location_id == location_id, Entry.removed_at_ms.is_null()
    )
    if entry is None:
        raise Invalid("reply_to_entry_id", "is no entry of this location")
    sighting = Sighting.get_by_id(entry.sighting_id)
    content = MessageContent.get_by_id(sighting.content_id)
    message_id = Message.get_by_id(entry.message_id).message_id
    return Answered(
        _reply_to(message_id, blobs.read(bytes(sighting.blob_sha256))),
        reply_subject(content.subject),
        _gmail_threads(entry, user_id),
    )


def _reply_to(message_id: str | None, raw: bytes) -> ReplyTo:
    """Of a forwarded original (C6) what came is another mail than what is shown: its references are not that one's."""
    end = raw.find(_HEADER_END)
    header = read(raw if end < 0 else raw[: end + len(_HEADER_END)])
    if header.message_id != message_id:
        return ReplyTo(message_id)
    return ReplyTo.to(message_id, header.references, header.in_reply_to)


def _gmail_threads(entry: Entry, user_id: int) -> dict[int, str]:
    """The latest of the thread's messages that the user's mailboxes have, say which talk of theirs it is."""
    latest = Entry.select(Entry.message_id).where(Entry.thread_id == entry.thread_id)
    message_ids = [one for (one,) in tuples(latest.order_by(Entry.at_ms.desc(), Entry.id.desc()).limit(_LATEST))]
    copies = Sighting.select(Sighting.gmail_id).where(
        Sighting.message_id.in_([entry.message_id, *message_ids]),
        Sighting.location_id == entry.location_id,
        Sighting.user_id == user_id,
        Sighting.gmail_id.is_null(False),
    )
    gmail_ids = sorted({gmail_id for (gmail_id,) in tuples(copies)})
    mailboxes = dict(tuples(Mailbox.select(Mailbox.id, Mailbox.connection_id).where(Mailbox.user_id == user_id)))
    found = GmailMessage.select(GmailMessage.mailbox_id, GmailMessage.thread_id).where(
        GmailMessage.mailbox_id.in_(list(mailboxes)),
        GmailMessage.gmail_id.in_(gmail_ids),
        GmailMessage.thread_id.is_null(False),
    )
    return {mailboxes[mailbox_id]: thread_id for mailbox_id, thread_id in tuples(found.order_by(GmailMessage.id))}
