"""Conversations: a contact's tab."""

from pydantic import Field

from crm_store.conversations import ConversationView
from gateway.web.shapes.contact import Contact, contact
from gateway.web.shapes.fields import Id, PageQuery, Shape, Time, shown_time


class ConversationQuery(PageQuery):
    contact_id: Id | None = Field(None, description="only this contact's")


class Conversation(Shape):
    id: str
    contact: Contact
    threads: int = Field(description="how many")
    last_entry_at: Time
    unread: int = Field(description="how many entries nobody has read")


def conversation(view: ConversationView) -> Conversation:
    return Conversation(
        id=str(view.id),
        contact=contact(view.contact),
        threads=view.threads,
        last_entry_at=shown_time(view.last_entry_at_ms),
        unread=view.unread,
    )
