"""Conversations: a contact's tab."""

from pydantic import Field

from crm_store.conversations import ConversationView
from crm_store.search.finding import FoundConversation
from gateway.web.shapes.contact import Contact, contact
from gateway.web.shapes.fields import Id, Shape, Time, shown_time
from gateway.web.shapes.search import Found, SearchQuery, found


class ConversationQuery(SearchQuery):
    """q: also "a phrase", -without, from:, to:, subject:, has:attachment."""

    contact_id: Id | None = Field(None, description="only this contact's")


class Conversation(Shape):
    id: str
    contact: Contact
    threads: int = Field(description="how many")
    last_entry_at: Time
    unread: int = Field(description="how many entries nobody has read")
    found: Found | None = Field(None, description="null where no `q` was given")


def found_conversation(view: FoundConversation) -> Conversation:
    return conversation(view.conversation, found(view.entry.entry_id, view.entry.excerpt))


def conversation(view: ConversationView, why: Found | None = None) -> Conversation:
    return Conversation(
        id=str(view.id),
        contact=contact(view.contact),
        threads=view.threads,
        last_entry_at=shown_time(view.last_entry_at_ms),
        unread=view.unread,
        found=why,
    )
