"""G3: an entry is un-logged. It leaves a tombstone that no path revives, and that a person may take away again."""

from crm_store import audit, conversations, tabs
from crm_store.access import Access
from crm_store.database.session import lock_location, writing
from crm_store.entry_views import EntryView
from crm_store.errors import Conflict, NotFound
from crm_store.models.contacts import Contact, Conversation
from crm_store.models.messages import Entry

RESTORABLE_MS = 30 * 86_400_000


def remove(access: Access, entry_id: int, *, now_ms: int) -> None:
    """Un-log an entry. A thread, and a conversation, in which nothing else is left are no more to be seen.

    Raises: NotFound."""
    location_id = conversations.entry_row(access, entry_id).location_id
    with writing():
        lock_location(location_id)
        entry = conversations.entry_row(access, entry_id)
        _mark(entry, now_ms)
        audit.write("entry.remove", f"entry {entry_id}", by=access.user_id, now_ms=now_ms, location_id=location_id)


def restore(access: Access, entry_id: int, *, now_ms: int) -> EntryView:
    """Undo it, within 30 days. Harmless to one that is there. Raises: NotFound, Conflict."""
    location_id = _any_row(access, entry_id).location_id
    with writing():
        lock_location(location_id)
        entry = _any_row(access, entry_id)
        if entry.removed_at_ms is not None:
            if now_ms - entry.removed_at_ms > RESTORABLE_MS:
                raise Conflict("it was un-logged more than 30 days ago")
            if _contact_is_deleted(entry):
                raise Conflict("its contact is deleted: restore that first")
            _mark(entry, None)
            audit.write("entry.restore", f"entry {entry_id}", by=access.user_id, now_ms=now_ms, location_id=location_id)
    return conversations.entry(access, entry_id)


def _mark(entry: Entry, removed_at_ms: int | None) -> None:
    Entry.update(removed_at_ms=removed_at_ms).where(Entry.id == entry.id).execute()
    if removed_at_ms is None:
        tabs.entry_shown(entry)
    else:
        tabs.entry_hidden(entry)


def _any_row(access: Access, entry_id: int) -> Entry:
    """An entry of the asker's locations, un-logged or not. Raises: NotFound."""
    mine = Entry.location_id.in_(access.location_ids())
    entry: Entry | None = Entry.get_or_none((Entry.id == entry_id) & mine)
    if entry is None:
        raise NotFound("no such entry")
    return entry


def _contact_is_deleted(entry: Entry) -> bool:
    owner = Contact.select(Contact.id).join(Conversation, on=(Conversation.contact_id == Contact.id))
    deleted = (Conversation.id == entry.conversation_id) & Contact.deleted_at_ms.is_null(False)
    return owner.where(deleted).exists()
