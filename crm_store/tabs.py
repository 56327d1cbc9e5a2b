"""A contact's tab: its conversation is opened, threads move into it and become one, and its counts stay true.

Call all of it inside a transaction that holds the location's lock."""

from collections.abc import Collection

from peewee import fn

from crm_store.database.prepared import PreparedInsert
from crm_store.database.rows import tuples
from crm_store.models.contacts import Contact, Conversation, Thread
from crm_store.models.messages import Entry, ThreadParty, ThreadReference

_CONVERSATIONS = PreparedInsert(Conversation)


def open_tab(location_id: int, contact_id: int, at_ms: int) -> int:
    """The contact's conversation, made where there is none. at_ms: when its first mail was sent."""
    made = _CONVERSATIONS.insert_new(location_id=location_id, contact_id=contact_id, last_entry_at_ms=at_ms)
    return made if made is not None else int(Conversation.get(Conversation.contact_id == contact_id).id)


def move_thread(thread_id: int, conversation_id: int) -> None:
    """Put a thread with all that is in it into another conversation of the location."""
    thread = Thread.get_by_id(thread_id)
    if thread.conversation_id == conversation_id:
        return
    Thread.update(conversation_id=conversation_id).where(Thread.id == thread_id).execute()
    Entry.update(conversation_id=conversation_id).where(Entry.thread_id == thread_id).execute()
    recount(thread.conversation_id)
    recount(conversation_id)


def merge_threads(thread_id: int, other_id: int) -> None:
    """Two threads of one conversation turn out to be one: the first takes the other's entries, ids and people."""
    Entry.update(thread_id=thread_id).where(Entry.thread_id == other_id).execute()
    for table, own in ((ThreadReference, ThreadReference.message_id_key), (ThreadParty, ThreadParty.normal)):
        known = table.select(own).where(table.thread_id == thread_id)
        table.update(thread_id=thread_id).where((table.thread_id == other_id) & own.not_in(known)).execute()
    Thread.delete().where(Thread.id == other_id).execute()
    recount_thread(thread_id)
    recount(Thread.get_by_id(thread_id).conversation_id)


def known_elsewhere(thread_id: int, location_id: int, keys: Collection[bytes]) -> set[bytes]:
    """Which of these Message-IDs' keys another thread of the location knows."""
    others = ThreadReference.select(ThreadReference.message_id_key).where(
        ThreadReference.location_id == location_id,
        ThreadReference.message_id_key.in_(list(keys)),
        ThreadReference.thread_id != thread_id,
    )
    return {bytes(key) for (key,) in tuples(others)}


def recount_thread(thread_id: int) -> None:
    """When its newest visible entry was; None where there is none."""
    visible = Entry.select(Entry.at_ms).where((Entry.thread_id == thread_id) & Entry.removed_at_ms.is_null())
    newest = next(tuples(visible.order_by(Entry.at_ms.desc(), Entry.id.desc()).limit(1)), (None,))
    Thread.update(last_entry_at_ms=newest[0]).where(Thread.id == thread_id).execute()


def recount(conversation_id: int) -> None:
    """Make a conversation's counts what its visible entries say; one in which nothing is left disappears."""
    if not Thread.select(Thread.id).where(Thread.conversation_id == conversation_id).exists():
        Conversation.delete().where(Conversation.id == conversation_id).execute()
        return
    visible = (Entry.conversation_id == conversation_id) & Entry.removed_at_ms.is_null()
    counted = Entry.select(fn.COUNT(Entry.thread_id.distinct()), fn.MAX(Entry.at_ms)).where(visible)
    threads, newest_at_ms = next(tuples(counted))
    unread = Entry.select().where(visible & Entry.unread).count()
    Conversation.update(
        thread_count=threads,
        unread_count=unread,
        last_entry_at_ms=newest_at_ms if _has_living_contact(conversation_id) else None,
    ).where(Conversation.id == conversation_id).execute()


def _has_living_contact(conversation_id: int) -> bool:
    living = Contact.select(Contact.id).join(Conversation, on=(Conversation.contact_id == Contact.id))
    return living.where((Conversation.id == conversation_id) & Contact.deleted_at_ms.is_null()).exists()
