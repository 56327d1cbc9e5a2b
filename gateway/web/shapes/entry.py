"""Entries: the appearance of a message in a conversation."""

from typing import Literal

from pydantic import Field

from crm_store.entry_views import AttachmentView, EntryView, MessageView, RecipientView
from crm_store.undelivered import DeliveryView
from gateway.web.shapes.fields import Shape, Time, shown_id, shown_message_id, shown_time, shown_time_or_none


class Author(Shape):
    name: str
    address: str


class Recipient(Shape):
    name: str
    address: str
    contact_id: str | None = Field(description="the contact of this location who has the address")


class Attachment(Shape):
    id: str
    name: str
    content_type: str
    size_bytes: int
    state: Literal["stored", "too_large"] = Field(description="too_large: only its name and size are kept")
    inline: bool


class Message(Shape):
    id: str
    message_id: str | None = Field(description="with angle brackets; null where the mail has none")
    subject: str
    from_: Author = Field(serialization_alias="from")
    to: list[Recipient]
    cc: list[Recipient]
    bcc: list[Recipient]
    sent_at: Time | None = Field(description="by the mail's own word; null where it can't be read")
    text: str
    reply_text: str = Field(description="what its author wrote, without what is quoted and without the signature")
    has_html: bool
    attachments: list[Attachment]


class Delivery(Shape):
    state: Literal["failed", "delayed"] = Field(description="delayed: it is still tried")
    reason: str = Field(description="to whom it did not go and why, in the reader's language")


class Entry(Shape):
    id: str
    conversation_id: str
    thread_id: str
    direction: Literal["inbound", "outbound"]
    paths: list[str] = Field(description="the ways by which it was seen: bcc, gmail, crm")
    rule: str = Field(description="the rule by which it was recorded")
    recorded_at: Time
    automatic: Literal["bounce", "auto-reply", "list", "feedback", "calendar", "loop"] | None = Field(
        description="null where a person wrote it"
    )
    marks: list[str] = Field(description="duplicate_id, new_address, unreadable")
    delivery: Delivery | None = Field(description="what a mail system said of it (C7); null where nothing was said")
    email_id: str | None = Field(description="of what the CRM has sent: its e-mail; null for other mail")
    message: Message


def entry(view: EntryView) -> Entry:
    return Entry(
        id=str(view.id),
        conversation_id=str(view.conversation_id),
        thread_id=str(view.thread_id),
        direction=view.direction.value,
        paths=view.paths,
        rule=view.rule,
        recorded_at=shown_time(view.recorded_at_ms),
        automatic=None if view.automatic is None else view.automatic.value,
        marks=view.marks,
        delivery=None if view.delivery is None else _delivery(view.delivery),
        email_id=shown_id(view.email_id),
        message=_message(view.message),
    )


def _delivery(view: DeliveryView) -> Delivery:
    return Delivery(state=view.state.value, reason=view.reason)


def _message(view: MessageView) -> Message:
    return Message(
        id=str(view.id),
        message_id=shown_message_id(view.message_id),
        subject=view.subject,
        from_=Author(name=view.author_name, address=view.author_address),
        to=[_recipient(one) for one in view.to],
        cc=[_recipient(one) for one in view.cc],
        bcc=[_recipient(one) for one in view.bcc],
        sent_at=shown_time_or_none(view.sent_at_ms),
        text=view.text,
        reply_text=view.reply_text,
        has_html=view.has_html,
        attachments=[_attachment(one) for one in view.attachments],
    )


def _recipient(view: RecipientView) -> Recipient:
    return Recipient(name=view.name, address=view.address, contact_id=shown_id(view.contact_id))


def _attachment(view: AttachmentView) -> Attachment:
    return Attachment(
        id=str(view.id),
        name=view.name,
        content_type=view.content_type,
        size_bytes=view.size_bytes,
        state=view.state.value,
        inline=view.inline,
    )
