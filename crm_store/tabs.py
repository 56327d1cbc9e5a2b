"""A contact's tab: its conversation is opened, threads move into it and become one, and its counts stay true.

A count changes by what changes: nothing here counts a conversation, or a thread that stays where it is. Call all of it
inside a transaction that holds the location's lock."""

from collections.abc import Collection, Sequence

from peewee import Expression, fn

from crm_store.database.prepared import PreparedInsert
from crm_store.database.rows import tuples
from crm_store.models.contacts import Contact, Conversation, Thread
from crm_store.models.messages import Entry, ThreadParty, ThreadReference
from crm_store.paging import Order, along
from crm_store.rules.states import Direction

_VISIBLE = Entry.removed_at_ms.is_null()
_ABOVE_ALL_IDS = 2**63 - 1
# Looked through, newest first, for what is unread; beyond it is what nobody has read for thousands of mails.
_NEWEST, _NEWEST_AT_ONCE = 2_000, 200

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
    old, new = Conversation.get_by_id(thread.conversation_id), Conversation.get_by_id(conversation_id)
    entries = Entry.thread_id == thread_id
    unread = Entry.select().where(entries & _VISIBLE & _unread(old)).count()
    shown = int(thread.last_entry_at_ms is not None)
    _move_entries(entries, old, new)
    Thread.update(conversation_id=new.id).where(Thread.id == thread_id).execute()
    _count(old.id, threads=-shown, unread=-unread)
    _count(new.id, threads=shown, unread=unread)
    recount(old.id)
    recount(new.id)


def empty_into(conversation_id: int, into: int) -> None:
    """Put all of a conversation into another one of the location; it disappears."""
    old, new = Conversation.get_by_id(conversation_id), Conversation.get_by_id(into)
    threads = Thread.conversation_id == old.id
    _move_entries(Entry.thread_id.in_(Thread.select(Thread.id).where(threads)), old, new)
    Thread.update(conversation_id=new.id).where(threads).execute()
    _count(new.id, threads=old.thread_count, unread=old.unread_count)
    recount(old.id)
    recount(new.id)


def merge_threads(thread_id: int, other_id: int) -> None:
    """Two threads of one conversation turn out to be one: the first takes the other's entries, ids and people."""
    other = Thread.get_by_id(other_id)
    Entry.update(thread_id=thread_id).where(Entry.thread_id == other_id).execute()
    for table, own in ((ThreadReference, ThreadReference.message_id_key), (ThreadParty, ThreadParty.normal)):
        known = table.alias()
        same = known.select().where(known.thread_id == thread_id, getattr(known, own.name) == own)
        if table is ThreadReference:
            same = same.where(known.location_id == other.location_id)
        table.update(thread_id=thread_id).where((table.thread_id == other_id) & ~fn.EXISTS(same)).execute()
    Thread.delete().where(Thread.id == other_id).execute()
    _count(other.conversation_id, threads=-int(other.last_entry_at_ms is not None))
    recount_thread(thread_id)
    recount(other.conversation_id)


def known_elsewhere(thread_id: int, location_id: int, keys: Collection[bytes]) -> set[bytes]:
    """Which of these Message-IDs' keys another thread of the location knows."""
    others = ThreadReference.select(ThreadReference.message_id_key).where(
        ThreadReference.location_id == location_id,
        ThreadReference.message_id_key.in_(list(keys)),
        ThreadReference.thread_id != thread_id,
    )
    return {bytes(key) for (key,) in tuples(others)}


def entry_shown(entry: Entry) -> None:
    """An entry is to be seen again: its thread and conversation count it."""
    _entry_changed(entry, 1)


def entry_hidden(entry: Entry) -> None:
    """An entry is no more to be seen, or no more at all: its thread and conversation do without it."""
    _entry_changed(entry, -1)


def is_unread(entry: Entry, conversation: Conversation) -> bool:
    """Whether it waits to be read. conversation: the entry's."""
    if entry.moved_after_reads is None:
        return entry.unread and entry.id > conversation.read_up_to
    return entry.unread and entry.moved_after_reads == conversation.times_read


def mark_read(conversation_id: int) -> None:
    """All of it was read, at the cost of one row. Whatever is filed later in this location has a higher id."""
    Conversation.update(
        unread_count=0,
        read_up_to=Entry.select(fn.COALESCE(fn.MAX(Entry.id), 0)),
        times_read=Conversation.times_read + 1,
    ).where(Conversation.id == conversation_id).execute()


def set_read(entry_ids: Collection[int], *, read: bool) -> None:
    """Each of these is read, or waits to be read again, however far its conversation was read. What nobody has to read
    (C7, what is outbound or un-logged) stays as it is."""
    is_waiting = _unread(Conversation)
    rows = (
        Entry.select(Entry.id, Entry.conversation_id)
        .join(Conversation, on=(Conversation.id == Entry.conversation_id))
        .where(Entry.id.in_(list(entry_ids)), _VISIBLE, is_waiting if read else ~is_waiting)
        .where(Entry.direction == Direction.INBOUND, Entry.automatic.is_null())
    )
    by_tab: dict[int, list[int]] = {}
    for entry_id, conversation_id in tuples(rows):
        by_tab.setdefault(conversation_id, []).append(entry_id)
    for conversation_id, ids in by_tab.items():
        reads = Conversation.select(Conversation.times_read).where(Conversation.id == conversation_id)
        changed = {"unread": False} if read else {"unread": True, "moved_after_reads": reads}
        Entry.update(**changed).where(Entry.id.in_(ids)).execute()
        _count(conversation_id, unread=-len(ids) if read else len(ids))


def unread_messages(conversation: Conversation) -> list[int]:
    """The messages of its unread entries, newest first, of the newest _NEWEST."""
    order = Order([(Entry.conversation_id, conversation.id)], [Entry.at_ms, Entry.id], newest_first=True)
    is_waiting = _VISIBLE & _unread(conversation)
    found: list[int] = []
    last: Sequence[int] | None = None
    for _ in range(_NEWEST // _NEWEST_AT_ONCE):
        query = Entry.select(Entry.at_ms, Entry.id, Entry.message_id, is_waiting)
        rows = list(tuples(along(query, order, limit=_NEWEST_AT_ONCE, last=last)))
        found += [message_id for _at_ms, _id, message_id, waits in rows if waits]
        if len(rows) < _NEWEST_AT_ONCE or len(found) >= conversation.unread_count:
            break
        last = rows[-1][:2]
    return found


def recount_thread(thread_id: int, *, upto_at_ms: int | None = None) -> None:
    """Say anew when its newest visible entry was, None where there is none; and whether its conversation counts it.

    upto_at_ms: no visible entry is newer; so tombstones that are need not be passed. None where that is not known."""
    thread = Thread.get_by_id(thread_id)
    order = Order([(Entry.thread_id, thread_id)], [Entry.at_ms, Entry.id], newest_first=True)
    last = None if upto_at_ms is None else [upto_at_ms, _ABOVE_ALL_IDS]
    visible = along(Entry.select(Entry.at_ms).where(_VISIBLE), order, limit=1, last=last)
    newest_at_ms = next(tuples(visible), (None,))[0]
    if newest_at_ms != thread.last_entry_at_ms:
        Thread.update(last_entry_at_ms=newest_at_ms).where(Thread.id == thread_id).execute()
        shown = int(newest_at_ms is not None) - int(thread.last_entry_at_ms is not None)
        _count(thread.conversation_id, threads=shown)


def recount(conversation_id: int) -> None:
    """Say anew when a conversation's newest visible entry was; one in which nothing is left disappears."""
    if not Thread.select(Thread.id).where(Thread.conversation_id == conversation_id).exists():
        Conversation.delete().where(Conversation.id == conversation_id).execute()
        return
    here = (Thread.conversation_id, conversation_id)
    shown = Thread.select(Thread.last_entry_at_ms).where(Thread.last_entry_at_ms.is_null(False))
    newest_first = Order([here], [Thread.last_entry_at_ms, Thread.id], newest_first=True)
    newest_at_ms = next(tuples(along(shown, newest_first, limit=1)), (None,))[0]
    Conversation.update(last_entry_at_ms=newest_at_ms if _has_living_contact(conversation_id) else None).where(
        Conversation.id == conversation_id
    ).execute()


def _entry_changed(entry: Entry, by: int) -> None:
    if is_unread(entry, Conversation.get_by_id(entry.conversation_id)):
        _count(entry.conversation_id, unread=by)
    newest_at_ms = Thread.get_by_id(entry.thread_id).last_entry_at_ms
    recount_thread(entry.thread_id, upto_at_ms=max(newest_at_ms or entry.at_ms, entry.at_ms))
    recount(entry.conversation_id)


def _unread(conversation: Conversation | type[Conversation]) -> Expression:
    """is_unread, of the conversation's entries; of the table's where they are joined."""
    moved, filed = Entry.moved_after_reads == conversation.times_read, Entry.id > conversation.read_up_to
    return Entry.unread & fn.COALESCE(moved, filed)


def _move_entries(which: Expression, old: Conversation, new: Conversation) -> None:
    """What was read stays so, and what was unread is unread where it goes, however far that was read."""
    Entry.update(conversation_id=new.id, unread=_unread(old), moved_after_reads=new.times_read).where(which).execute()


def _count(conversation_id: int, *, threads: int = 0, unread: int = 0) -> None:
    if threads or unread:
        Conversation.update(
            thread_count=Conversation.thread_count + threads, unread_count=Conversation.unread_count + unread
        ).where(Conversation.id == conversation_id).execute()


def _has_living_contact(conversation_id: int) -> bool:
    living = Contact.select(Contact.id).join(Conversation, on=(Conversation.contact_id == Contact.id))
    return living.where((Conversation.id == conversation_id) & Contact.deleted_at_ms.is_null()).exists()
