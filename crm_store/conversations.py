"""Conversations as people read them: a contact's tab, its entries, and the mail behind an entry."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from peewee import SQL, ModelSelect

from crm_store import audit, contact_book, read_wishes, tabs
from crm_store.access import Access
from crm_store.blobs.store import BlobStore
from crm_store.contact_book import ContactView
from crm_store.database.rows import in_order, tuples
from crm_store.database.session import lock_location, writing
from crm_store.entry_views import EntryView, entry_views
from crm_store.errors import NotFound
from crm_store.mail.attachments import attachment_bytes
from crm_store.mail.shown_html import ShownHtml, shown_html
from crm_store.models.contacts import Conversation
from crm_store.models.messages import Attachment, Entry, Sighting
from crm_store.paging import Order, Page, PageRequest, along, page, sieved
from crm_store.rules.states import AttachmentState

# What was deleted (G1) or un-logged (G3) is nowhere to be seen.
_SHOWN = Conversation.last_entry_at_ms.is_null(False)
_UNREAD = SQL('"unread_count" > 0')  # a literal, as in the index
MOST_UNREAD_COUNTED = 100


@dataclass(frozen=True, slots=True)
class ConversationView:
    """threads, unread: how many. last_entry_at_ms: when its newest mail was sent."""

    id: int
    location_id: int
    contact: ContactView
    threads: int
    unread: int
    last_entry_at_ms: int


def list_for(
    access: Access, location_id: int, request: PageRequest, *, contact_id: int | None, unread_only: bool = False
) -> Page[ConversationView]:
    """Those with the newest mail first; of one contact where contact_id says so. Raises: NotFound."""
    access.reader_of(location_id)
    shown = Conversation.select().where(_SHOWN)
    if unread_only:
        shown = shown.where(_UNREAD)
    if contact_id is not None:
        shown = shown.where(Conversation.contact_id == contact_id)
    here, newest = (Conversation.location_id, location_id), (Conversation.last_entry_at_ms, Conversation.id)
    return page(shown, Order([here], newest, newest_first=True), request, views)


def how_many_unread(access: Access, location_id: int) -> int:
    """Conversations in which something is unread; MOST_UNREAD_COUNTED for so many or more. Raises: NotFound."""
    access.reader_of(location_id)
    newest = Order(
        [(Conversation.location_id, location_id)], [Conversation.last_entry_at_ms, Conversation.id], newest_first=True
    )
    unread = Conversation.select(Conversation.id).where(_SHOWN, _UNREAD)
    return len(list(tuples(along(unread, newest, limit=MOST_UNREAD_COUNTED))))


def get(access: Access, conversation_id: int) -> ConversationView:
    """Raises: NotFound."""
    return views([row(access, conversation_id)])[0]


def entries(access: Access, conversation_id: int, request: PageRequest) -> Page[EntryView]:
    """What is in a conversation, newest first; of one in which hundreds were un-logged a page may have fewer than its
    limit and a `next` all the same (paging.sieved). Raises: NotFound."""
    conversation = row(access, conversation_id)
    newest_first = Order([(Entry.conversation_id, conversation.id)], [Entry.at_ms, Entry.id], newest_first=True)
    visible = Entry.removed_at_ms.is_null()

    def shape(ids: Sequence[int]) -> list[EntryView]:
        return entry_views(access, in_order(Entry, ids), conversation)

    return sieved(Entry.select(), newest_first, visible, request, shape)


def entry(access: Access, entry_id: int) -> EntryView:
    """Raises: NotFound."""
    row = entry_row(access, entry_id)
    return entry_views(access, [row], Conversation.get_by_id(row.conversation_id))[0]


def mark_read(access: Access, conversation_id: int, *, now_ms: int) -> ConversationView:
    """Nothing in it is unread any more, nor in the asker's own Gmail where the location wants that (B14).

    Raises: NotFound."""
    location_id = row(access, conversation_id).location_id
    with writing():
        lock_location(location_id)  # or an entry that is filed meanwhile is unread and not counted
        conversation = row(access, conversation_id)
        if conversation.unread_count:
            read_wishes.wish(access.user_id, conversation, now_ms=now_ms)
            tabs.mark_read(conversation.id)
            subject = f"conversation {conversation_id}"
            audit.write("conversation.read", subject, by=access.user_id, now_ms=now_ms, location_id=location_id)
    return get(access, conversation_id)


def raw(access: Access, entry_id: int, blobs: BlobStore) -> bytes:
    """The mail behind an entry, byte for byte, from a copy of its own location. Raises: NotFound, StoreUnavailable."""
    sighting = Sighting.get_by_id(entry_row(access, entry_id).sighting_id)
    return blobs.read(bytes(sighting.blob_sha256))


def html(access: Access, entry_id: int, blobs: BlobStore, *, image_by: Callable[[str], str] | None = None) -> ShownHtml:
    """The mail behind an entry as a page, safe to show. image_by: see shown_html.

    Raises: NotFound, also where it has none; StoreUnavailable."""
    shown = shown_html(raw(access, entry_id, blobs), image_by=image_by)
    if shown is None:
        raise NotFound("this mail has no HTML")
    return shown


@dataclass(frozen=True, slots=True)
class AttachmentFile:
    name: str
    content_type: str
    content: bytes


def attachment(access: Access, attachment_id: int, blobs: BlobStore) -> AttachmentFile:
    """Raises: NotFound, also for one that was too large to keep; StoreUnavailable."""
    row = Attachment.get_or_none((Attachment.id == attachment_id) & Attachment.location_id.in_(access.location_ids()))
    if row is None or row.state != AttachmentState.STORED:
        raise NotFound("no such attachment")
    sighting = Sighting.get_by_id(row.sighting_id)
    content = None
    if _is_shown(sighting):
        content = attachment_bytes(blobs.read(bytes(sighting.blob_sha256)), row.position)
    if content is None:
        raise NotFound("no such attachment")
    return AttachmentFile(row.name, row.content_type, content)


def entry_row(access: Access, entry_id: int) -> Entry:
    """Raises: NotFound, also for one that is un-logged, or whose contact is deleted."""
    mine = Entry.location_id.in_(access.location_ids())
    row: Entry | None = _shown_entries().where((Entry.id == entry_id) & mine).first()
    if row is None:
        raise NotFound("no such entry")
    return row


def _is_shown(sighting: Sighting) -> bool:
    same = (Entry.location_id == sighting.location_id) & (Entry.message_id == sighting.message_id)
    return _shown_entries().where(same).exists()


def _shown_entries() -> ModelSelect[Entry]:
    in_sight = Entry.select().join(Conversation, on=(Conversation.id == Entry.conversation_id))
    return in_sight.where(Entry.removed_at_ms.is_null() & _SHOWN)


def row(access: Access, conversation_id: int) -> Conversation:
    """Raises: NotFound, also for one of which nothing is to be seen."""
    mine = Conversation.location_id.in_(access.location_ids())
    found: Conversation | None = Conversation.get_or_none((Conversation.id == conversation_id) & mine & _SHOWN)
    if found is None:
        raise NotFound("no such conversation")
    return found


def views(rows: Sequence[Conversation]) -> list[ConversationView]:
    contacts = contact_book.names([row.contact_id for row in rows])
    return [_view(row, contacts[row.contact_id]) for row in rows]


def _view(row: Conversation, contact: ContactView) -> ConversationView:
    assert row.last_entry_at_ms is not None, "what is shown has a newest entry"
    return ConversationView(
        id=row.id,
        location_id=row.location_id,
        contact=contact,
        threads=row.thread_count,
        unread=row.unread_count,
        last_entry_at_ms=row.last_entry_at_ms,
    )
