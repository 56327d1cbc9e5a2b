"""Entries as people see them: what a message says in the copy of this location, and what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from crm_store import contact_book, outbox_emails, tabs, undelivered
from crm_store.access import Access
from crm_store.mail.problems import HURT_TEXT
from crm_store.mail.reply import split_reply
from crm_store.models.contacts import Conversation
from crm_store.models.messages import Attachment, Entry, Message, MessageContent, Sighting
from crm_store.rules.address import normalise
from crm_store.rules.states import AttachmentState, Automatic, Direction, Paths
from crm_store.undelivered import DeliveryView


@dataclass(frozen=True, slots=True)
class RecipientView:
    """contact_id: the contact of this location who has the address, or None."""

    name: str
    address: str
    contact_id: int | None


@dataclass(frozen=True, slots=True)
class AttachmentView:
    id: int
    name: str
    content_type: str
    size_bytes: int
    state: AttachmentState
    inline: bool


@dataclass(frozen=True, slots=True)
class MessageView:
    """message_id: without angle brackets; None where the mail has none. reply_text: what the author wrote, without
    what they quoted and their signature, which stand beside it. All from a copy of this location (Words)."""

    id: int
    message_id: str | None
    subject: str
    author_name: str
    author_address: str
    to: list[RecipientView]
    cc: list[RecipientView]
    bcc: list[RecipientView]
    sent_at_ms: int | None
    text: str
    reply_text: str
    quoted_text: str
    signature: str
    has_html: bool
    attachments: list[AttachmentView]


@dataclass(frozen=True, slots=True)
class EntryView:
    """automatic: C7; None where a person wrote it. marks: duplicate_id, new_address, unreadable.

    delivery: what a mail system said of it; None where nothing was said, which is no promise.
    email_id: what the CRM was asked to send and is shown here; None where it came another way."""

    id: int
    conversation_id: int
    thread_id: int
    direction: Direction
    paths: list[str]
    rule: str
    recorded_at_ms: int
    unread: bool
    automatic: Automatic | None
    marks: list[str]
    delivery: DeliveryView | None
    email_id: int | None
    message: MessageView


def entry_views(access: Access, rows: Sequence[Entry], conversation: Conversation) -> list[EntryView]:
    """rows: of this conversation. So many queries a page, however many entries are on it."""
    if not rows:
        return []
    messages = {row.id: row for row in Message.select().where(Message.id.in_([row.message_id for row in rows]))}
    sightings = {row.id: row for row in Sighting.select().where(Sighting.id.in_([row.sighting_id for row in rows]))}
    content_ids = [sighting.content_id for sighting in sightings.values()]
    contents = {row.id: row for row in MessageContent.select().where(MessageContent.id.in_(content_ids))}
    attachments = _attachments([row.sighting_id for row in rows])
    deliveries = undelivered.of_entries(access, conversation.location_id, [row.id for row in rows])
    emails = outbox_emails.of_entries([row.id for row in rows])
    named = [
        normalise(mailbox["address"])
        for sighting in sightings.values()
        for field in (contents[sighting.content_id].to, contents[sighting.content_id].cc, sighting.bcc)
        for mailbox in field
    ]
    contact_ids = contact_book.by_addresses(rows[0].location_id, named)

    def recipients(mailboxes: list[dict[str, str]]) -> list[RecipientView]:
        return [
            RecipientView(one["name"], one["address"], contact_ids.get(normalise(one["address"]))) for one in mailboxes
        ]

    def view(row: Entry) -> EntryView:
        message, sighting = messages[row.message_id], sightings[row.sighting_id]
        content = contents[sighting.content_id]
        written = split_reply(content.text)
        return EntryView(
            id=row.id,
            conversation_id=row.conversation_id,
            thread_id=row.thread_id,
            direction=Direction(row.direction),
            paths=Paths(row.paths).words(),
            rule=row.rule,
            recorded_at_ms=row.recorded_at_ms,
            unread=tabs.is_unread(row, conversation),
            automatic=None if row.automatic is None else Automatic(row.automatic),
            marks=_marks(row, content),
            delivery=deliveries.get(row.id),
            email_id=emails.get(row.id),
            message=MessageView(
                id=message.id,
                message_id=message.message_id,
                subject=content.subject,
                author_name=content.author_name,
                author_address=content.author_address,
                to=recipients(content.to),
                cc=recipients(content.cc),
                bcc=recipients(sighting.bcc),
                sent_at_ms=message.sent_at_ms,
                text=content.text,
                reply_text=written.reply_text,
                quoted_text=written.quoted_text,
                signature=written.signature,
                has_html=content.has_html,
                attachments=attachments.get(row.sighting_id, []),
            ),
        )

    return [view(row) for row in rows]


def _marks(row: Entry, content: MessageContent) -> list[str]:
    marks = {
        "duplicate_id": row.duplicate_id,
        "new_address": row.new_author,
        "unreadable": not HURT_TEXT.isdisjoint(content.problems),
    }
    return [mark for mark, is_set in marks.items() if is_set]


def _attachments(sighting_ids: list[int]) -> dict[int, list[AttachmentView]]:
    found: dict[int, list[AttachmentView]] = {}
    rows = Attachment.select().where(Attachment.sighting_id.in_(sighting_ids)).order_by(Attachment.position)
    for row in rows:
        found.setdefault(row.sighting_id, []).append(
            AttachmentView(row.id, row.name, row.content_type, row.size_bytes, AttachmentState(row.state), row.inline)
        )
    return found
