"""Threads set right by hand: split, made one, or moved to the tab of somebody else."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from crm_store import audit, tabs, thread_split
from crm_store.access import Access
from crm_store.blobs.store import BlobStore
from crm_store.database.rows import tuples
from crm_store.database.session import lock_location, writing
from crm_store.errors import Conflict, Invalid, NotFound
from crm_store.models.contacts import Contact, Conversation, Thread
from crm_store.models.messages import Entry, MessageContent, Sighting
from crm_store.thread_split import Names

MAX_SPLIT_OFF = 200


@dataclass(frozen=True, slots=True)
class ThreadView:
    """last_entry_at_ms: when its newest mail was sent."""

    id: int
    conversation_id: int
    subject: str
    last_entry_at_ms: int


@dataclass(frozen=True, slots=True)
class SplitPlan:
    """What is to be split off, and what is to be known for it."""

    thread_id: int
    entry_ids: list[int]
    names: Names


def plan_split(access: Access, thread_id: int, entry_ids: Iterable[int], blobs: BlobStore) -> SplitPlan:
    """Read the mails that are to be split off, before anybody has to wait for it.

    Raises: NotFound, Invalid for too many, StoreUnavailable."""
    thread = _row(access, thread_id)
    ids = list(dict.fromkeys(entry_ids))
    if not 1 <= len(ids) <= MAX_SPLIT_OFF:
        raise Invalid("entry_ids", f"lists 1 to {MAX_SPLIT_OFF} entries")
    return SplitPlan(thread_id, ids, thread_split.read_names(thread, ids, blobs))


def split(access: Access, plan: SplitPlan, *, now_ms: int) -> ThreadView:
    """Some of a thread's entries become a thread of their own, which answers find from now on; the new thread.

    Raises: NotFound, Invalid."""
    old_id, ids = plan.thread_id, plan.entry_ids
    location_id = _row(access, old_id).location_id
    with writing():
        lock_location(location_id)
        old = _row(access, old_id)
        _check_divides(old, ids)
        made = Thread.create(
            location_id=location_id,
            conversation_id=old.conversation_id,
            subject=_subject_of_first(ids),
            created_at_ms=now_ms,
            parted=True,
        )
        Thread.update(parted=True).where(Thread.id == old_id).execute()
        Entry.update(thread_id=made.id).where(Entry.id.in_(ids)).execute()
        thread_split.divide(old_id, made.id, plan.names)
        tabs.recount_thread(old_id)
        tabs.recount_thread(made.id)
        tabs.recount(old.conversation_id)
        _note("thread.split", f"thread {old_id} into thread {made.id}", access, location_id, now_ms)
        return _view(Thread.get_by_id(made.id))


def merge(access: Access, thread_id: int, into: int, *, now_ms: int) -> ThreadView:
    """Two threads of one conversation become one, which has the id `into`.

    Raises: NotFound, Invalid; Conflict for threads of two conversations: no two people are made one by this."""
    location_id = _row(access, thread_id).location_id
    if thread_id == into:
        raise Invalid("into", "is the thread itself")
    with writing():
        lock_location(location_id)
        gone, stays = _row(access, thread_id), _target(access, location_id, into)
        if gone.conversation_id != stays.conversation_id:
            raise Conflict("the threads are in two contacts' conversations: move one, or merge the contacts")
        # Whatever was kept apart from either of them stays so.
        Thread.update(parted=gone.parted or stays.parted).where(Thread.id == into).execute()
        tabs.merge_threads(into, thread_id)
        _note("thread.merge", f"thread {thread_id} into thread {into}", access, location_id, now_ms)
        return _view(Thread.get_by_id(into))


def move(access: Access, thread_id: int, contact_id: int, *, now_ms: int) -> ThreadView:
    """The whole thread goes to another contact of the location; answers to it follow. Harmless where it is there.

    Raises: NotFound, Invalid."""
    location_id = _row(access, thread_id).location_id
    with writing():
        lock_location(location_id)
        thread = _row(access, thread_id)
        _check_living_contact(location_id, contact_id)
        into = tabs.open_tab(location_id, contact_id, 0)
        if thread.conversation_id != into:
            tabs.move_thread(thread_id, into)
            _note("thread.move", f"thread {thread_id} to contact {contact_id}", access, location_id, now_ms)
        return _view(Thread.get_by_id(thread_id))


def _row(access: Access, thread_id: int) -> Thread:
    """Raises: NotFound, also for one of which nothing is to be seen (G1, G3)."""
    shown = Thread.last_entry_at_ms.is_null(False) & Conversation.last_entry_at_ms.is_null(False)
    found = Thread.select().join(Conversation, on=(Conversation.id == Thread.conversation_id))
    mine = Thread.location_id.in_(access.location_ids())
    thread: Thread | None = found.where((Thread.id == thread_id) & mine & shown).first()
    if thread is None:
        raise NotFound("no such thread")
    return thread


def _target(access: Access, location_id: int, into: int) -> Thread:
    try:
        thread = _row(access, into)
    except NotFound as error:
        raise Invalid("into", "there is no such thread") from error
    if thread.location_id != location_id:
        raise Invalid("into", "is a thread of another location")
    return thread


def _check_living_contact(location_id: int, contact_id: int) -> None:
    living = (Contact.location_id == location_id) & Contact.deleted_at_ms.is_null()
    if not Contact.select(Contact.id).where((Contact.id == contact_id) & living).exists():
        raise Invalid("contact_id", "there is no such contact in the thread's location")


def _check_divides(thread: Thread, ids: Sequence[int]) -> None:
    """They are entries of the thread, and not all."""
    visible = (Entry.thread_id == thread.id) & Entry.removed_at_ms.is_null()
    known = {entry_id for (entry_id,) in tuples(Entry.select(Entry.id).where(visible & Entry.id.in_(ids)))}
    for number, entry_id in enumerate(ids):
        if entry_id not in known:
            raise Invalid(f"entry_ids.{number}", "is no entry of this thread")
    if not Entry.select(Entry.id).where(visible & Entry.id.not_in(ids)).exists():
        raise Invalid("entry_ids", "are all entries of the thread: nothing would be left in it")


def _subject_of_first(ids: Sequence[int]) -> str:
    subjects = (
        Entry.select(Entry.at_ms, Entry.id, MessageContent.subject)
        .join(Sighting, on=(Sighting.id == Entry.sighting_id))
        .join(MessageContent, on=(MessageContent.id == Sighting.content_id))
        .where(Entry.id.in_(ids))
    )
    return str(min(tuples(subjects))[2])


def _view(thread: Thread) -> ThreadView:
    assert thread.last_entry_at_ms is not None, "what is shown has a newest entry"
    return ThreadView(thread.id, thread.conversation_id, thread.subject, thread.last_entry_at_ms)


def _note(action: str, subject: str, access: Access, location_id: int, now_ms: int) -> None:
    audit.write(action, subject, by=access.user_id, now_ms=now_ms, location_id=location_id)
