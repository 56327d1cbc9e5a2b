"""Carrying out a decision: the one place that makes entries and threads. Twice is the same as once."""

from __future__ import annotations

from peewee import BigIntegerField, Case

from crm_store import contact_book
from crm_store.copies import Copy, message_of, sighting_of
from crm_store.facts import MAX_VARIANTS
from crm_store.models.contacts import Conversation, Thread
from crm_store.models.messages import Entry, Message, ThreadParty, ThreadReference
from crm_store.rules.decision import Decision, NewContact, Placement
from crm_store.rules.rule import Rule
from crm_store.rules.states import CaptureState, ContactSource, Direction, Path, Paths
from crm_store.rules.thread import own_keys, reference_keys
from crm_store.tabs import known_elsewhere, merge_threads, move_thread, open_tab


def carry_out(copy: Copy, decision: Decision, *, now_ms: int) -> int | None:
    """Do what was decided with this copy; the entry that shows it, None where none does.

    Call in a transaction that holds the location's lock, in which the decision was taken."""
    if decision.outcome is not CaptureState.RECORDED:
        return None
    if decision.placement is not None:
        return _file(copy, decision.rule, decision.placement, now_ms)
    assert decision.entry_id is not None, "a recorded message has a place, or an entry to join"
    sighting_of(copy, message_of(copy.mail, now_ms=now_ms))
    _add_path(decision.entry_id, copy.path)
    if decision.rule is Rule.C2:
        _own_by_bcc(copy, decision.entry_id, decision.moves_to, now_ms)
    return decision.entry_id


def _file(copy: Copy, rule: Rule, placement: Placement, now_ms: int) -> int:
    """Show the copy's message where placement says; the entry's id.

    Where the location has an entry of this message already, the copy is added to it instead (C8)."""
    message = message_of(copy.mail, now_ms=now_ms)
    sighting = sighting_of(copy, message)
    entry = Entry.get_or_none((Entry.location_id == copy.location_id) & (Entry.message_id == message.id))
    if entry is not None:
        _add_path(entry.id, copy.path)
        return int(entry.id)
    at_ms = _time_shown(copy)
    thread = _thread(copy, placement, at_ms, now_ms)
    unread = placement.direction is Direction.INBOUND and copy.automatic is None
    entry = Entry.create(
        location_id=copy.location_id,
        message_id=message.id,
        conversation_id=thread.conversation_id,
        thread_id=thread.id,
        sighting_id=sighting.id,
        direction=placement.direction,
        paths=Paths.of(copy.path),
        rule=rule,
        at_ms=at_ms,
        recorded_at_ms=now_ms,
        unread=unread,
        automatic=copy.automatic,
        new_author=placement.new_author,
        duplicate_id=_mark_duplicates(copy, message),
    )
    _touch(thread, at_ms, unread=unread)
    _know(thread, copy)
    return int(entry.id)


def _time_shown(copy: Copy) -> int:
    """When it was sent, by its own word; but a Date in the future may not keep it on top for ever."""
    sent_at_ms = copy.mail.sent_at_ms
    return copy.seen_at_ms if sent_at_ms is None else min(sent_at_ms, copy.seen_at_ms)


def _thread(copy: Copy, placement: Placement, at_ms: int, now_ms: int) -> Thread:
    if placement.thread_id is not None:
        thread: Thread = Thread.get_by_id(placement.thread_id)
        for other in placement.merges:
            merge_threads(thread.id, other)  # B9
        return thread
    conversation_id = _conversation_id(copy, placement.owner, at_ms, now_ms)
    Conversation.update(thread_count=Conversation.thread_count + 1).where(Conversation.id == conversation_id).execute()
    started: Thread = Thread.create(
        location_id=copy.location_id,
        conversation_id=conversation_id,
        subject=copy.mail.subject,
        created_at_ms=now_ms,
        last_entry_at_ms=at_ms,
    )
    return started


def _conversation_id(copy: Copy, owner: int | NewContact | None, at_ms: int, now_ms: int) -> int:
    assert owner is not None, "a placement without a thread names an owner"
    if isinstance(owner, NewContact):
        owner = contact_book.make(copy.location_id, owner.name, owner.address, ContactSource.BCC, now_ms=now_ms)
    return open_tab(copy.location_id, owner, at_ms)


def _own_by_bcc(copy: Copy, entry_id: int, owner: int | NewContact | None, now_ms: int) -> None:
    """C2: the BCC copy says whose it is; the thread that the entry began goes to them. owner: None where it is so."""
    Entry.update(rule=Rule.C2).where(Entry.id == entry_id).execute()
    if owner is not None:
        entry = Entry.get_by_id(entry_id)
        move_thread(entry.thread_id, _conversation_id(copy, owner, entry.at_ms, now_ms))


def _touch(thread: Thread, at_ms: int, *, unread: bool) -> None:
    Thread.update(last_entry_at_ms=_later(Thread.last_entry_at_ms, at_ms)).where(Thread.id == thread.id).execute()
    Conversation.update(
        last_entry_at_ms=_later(Conversation.last_entry_at_ms, at_ms),
        unread_count=Conversation.unread_count + int(unread),
    ).where(Conversation.id == thread.conversation_id).execute()


def _later(column: BigIntegerField[int | None], at_ms: int) -> Case:
    """The later of the two; at_ms where the column is NULL. SQLite says MAX(a, b) for it and PostgreSQL GREATEST."""
    return Case(None, [(column > at_ms, column)], at_ms)


def _know(thread: Thread, copy: Copy) -> None:
    """What the thread knows from this message: the ids it names, and its people."""
    keys = set(reference_keys(copy.mail))
    if thread.parted:  # or a mail of one half that names the other's ids would take the other's answers over
        keys -= known_elsewhere(thread, keys - own_keys(copy.mail))
    references = [{"location_id": copy.location_id, "message_id_key": key, "thread_id": thread.id} for key in keys]
    if references:
        ThreadReference.insert_many(references).on_conflict(action="NOTHING").execute()
    people = [{"thread_id": thread.id, "normal": normal} for normal in {p.normal for p in copy.parties.everybody()}]
    if people:
        ThreadParty.insert_many(people).on_conflict(action="NOTHING").execute()


def _add_path(entry_id: int, path: Path) -> None:
    Entry.update(paths=Entry.paths.bin_or(int(Paths.of(path)))).where(Entry.id == entry_id).execute()


def _mark_duplicates(copy: Copy, message: Message) -> bool:
    """C9: another message of the location with the same Message-ID: both are marked."""
    if message.message_id_key is None:
        return False
    others = (
        Message.select(Message.id)
        .where((Message.message_id_key == message.message_id_key) & (Message.id != message.id))
        .limit(MAX_VARIANTS)
    )
    return bool(
        Entry.update(duplicate_id=True)
        .where((Entry.location_id == copy.location_id) & Entry.message_id.in_([other.id for other in others]))
        .execute()
    )
