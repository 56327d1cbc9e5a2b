"""Carrying out a decision: the one place that makes entries and threads. Twice is the same as once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from peewee import BigIntegerField, Case, chunked

from crm_store import bounce_reports, contact_book, undelivered
from crm_store.copies import Copy, MessageRow, message_of, sighting_of
from crm_store.database.prepared import Prepared, PreparedInsert, Statement
from crm_store.facts import MAX_VARIANTS
from crm_store.models.contacts import Conversation, Thread
from crm_store.models.messages import Entry, Message, ThreadParty, ThreadReference
from crm_store.rules.decision import Decision, NewContact, Placement
from crm_store.rules.rule import Rule
from crm_store.rules.states import CaptureState, ContactSource, Direction, Path, Paths
from crm_store.rules.thread import known_keys, own_keys
from crm_store.search import keeping
from crm_store.tabs import known_elsewhere, merge_threads, move_thread, open_tab

_THREADS = PreparedInsert(Thread)
_ENTRIES = PreparedInsert(Entry)
_IN_STATEMENT = 500  # rows of one INSERT


def carry_out(copy: Copy, decision: Decision, *, now_ms: int) -> int | None:
    """Do what was decided with this copy; the entry that shows it, None where none does. Of a bounce nothing
    is filed but what it says of another entry, which may come after it (C7).

    Call in a transaction that holds the location's lock, in which the decision was taken."""
    if decision.bounce is not None:
        bounce_reports.keep(copy, decision.bounce, told_at_ms=time_shown(copy), now_ms=now_ms)
        undelivered.note(decision.undelivered, told_at_ms=time_shown(copy))
    if decision.outcome is not CaptureState.RECORDED:
        return None
    entry_id = _record(copy, decision, now_ms)
    if copy.mail.message_id is not None:
        bounce_reports.tell(copy.location_id, copy.mail.message_id, now_ms=now_ms)
    return entry_id


def _record(copy: Copy, decision: Decision, now_ms: int) -> int:
    if decision.placement is not None:
        return _file(copy, decision.rule, decision.placement, now_ms)
    assert decision.entry_id is not None, "a recorded message has a place, or an entry to join"
    _join(copy, decision.entry_id)
    if decision.rule in (Rule.C2, Rule.C6):
        _own_by_bcc(copy, decision.entry_id, decision, now_ms)
    return decision.entry_id


def _join(copy: Copy, entry_id: int) -> None:
    """C8: one more copy of the message that the entry shows."""
    shown = _joined.first(entry_id)
    assert shown is not None, "what is joined is there"
    message_id, key, thread_id, conversation_id, parted = shown
    sighting_of(copy, MessageRow(message_id, key, is_new=False))
    _add_path(entry_id, copy.path)
    is_named_now = key is None and copy.mail.message_id is not None
    if is_named_now or copy.thread_key is not None:
        # C6: what was printed without its ids has them now, and answers name them. B9: so does the mailbox's thread.
        _know(_Place(thread_id, copy.location_id, conversation_id, bool(parted), starts=False), copy)


@Prepared
def _joined(entry_id: int) -> Statement:
    return (
        Entry.select(Message.id, Message.message_id_key, Thread.id, Thread.conversation_id, Thread.parted)
        .join(Message, on=(Message.id == Entry.message_id))
        .join(Thread, on=(Thread.id == Entry.thread_id))
        .where(Entry.id == entry_id)
    )


def _file(copy: Copy, rule: Rule, placement: Placement, now_ms: int) -> int:
    """Show the copy's message where placement says; the entry's id.

    Where the location has an entry of this message already, the copy is added to it instead (C8)."""
    message = message_of(copy.mail, now_ms=now_ms)
    sighting_id = sighting_of(copy, message)
    shown = None if message.is_new else _entry_of.first(copy.location_id, message.id)
    if shown is not None:
        _add_path(shown[0], copy.path)
        return int(shown[0])
    at_ms = time_shown(copy)
    thread = _thread(copy, placement, at_ms, now_ms)
    row = entry_columns(copy, rule, placement, now_ms=now_ms) | {
        "message_id": message.id,
        "conversation_id": thread.conversation_id,
        "thread_id": thread.id,
        "sighting_id": sighting_id,
        "duplicate_id": _mark_duplicates(copy, message),
    }
    entry_id = _ENTRIES.insert(**row)
    _touch(thread, at_ms, unread=row["unread"])
    _know(thread, copy)
    keeping.entry_filed(entry_id, copy)
    return entry_id


def entry_columns(copy: Copy, rule: Rule, placement: Placement, *, now_ms: int) -> dict[str, Any]:
    """Of a new entry, but for the rows that it refers to. Any: a column's value."""
    return {
        "location_id": copy.location_id,
        "direction": placement.direction,
        "paths": int(Paths.of(copy.path)),
        "rule": rule,
        "at_ms": time_shown(copy),
        "recorded_at_ms": now_ms,
        "unread": placement.direction is Direction.INBOUND and copy.automatic is None,
        "automatic": copy.automatic,
        "new_author": placement.new_author,
    }


@Prepared
def _entry_of(location_id: int, message_id: int) -> Statement:
    return Entry.select(Entry.id).where((Entry.location_id == location_id) & (Entry.message_id == message_id))


def time_shown(copy: Copy) -> int:
    """When it was sent, by its own word; but a Date in the future may not keep it on top for ever."""
    sent_at_ms = copy.mail.sent_at_ms
    return copy.seen_at_ms if sent_at_ms is None else min(sent_at_ms, copy.seen_at_ms)


@dataclass(frozen=True, slots=True)
class _Place:
    """The thread that a new entry goes to. starts: the entry is its first."""

    id: int
    location_id: int
    conversation_id: int
    parted: bool
    starts: bool


def _thread(copy: Copy, placement: Placement, at_ms: int, now_ms: int) -> _Place:
    if placement.thread_id is not None:
        for other in placement.merges:
            merge_threads(placement.thread_id, other)  # B9
        known = _known_thread.first(placement.thread_id)
        assert known is not None, "a placement names a thread that is there"
        return _Place(placement.thread_id, copy.location_id, known[0], bool(known[1]), starts=False)
    conversation_id = _conversation_id(copy, placement.owner, at_ms, now_ms)
    thread_id = _THREADS.insert(
        location_id=copy.location_id,
        conversation_id=conversation_id,
        subject=copy.mail.subject,
        created_at_ms=now_ms,
        last_entry_at_ms=at_ms,
    )
    return _Place(thread_id, copy.location_id, conversation_id, parted=False, starts=True)


@Prepared
def _known_thread(thread_id: int) -> Statement:
    return Thread.select(Thread.conversation_id, Thread.parted).where(Thread.id == thread_id)


def _conversation_id(copy: Copy, owner: int | NewContact | None, at_ms: int, now_ms: int) -> int:
    assert owner is not None, "a placement without a thread names an owner"
    if isinstance(owner, NewContact):
        source = ContactSource.CRM if copy.path is Path.CRM else ContactSource.BCC
        owner = contact_book.make(copy.location_id, owner.name, owner.address, source, now_ms=now_ms)
    return open_tab(copy.location_id, owner, at_ms)


def _own_by_bcc(copy: Copy, entry_id: int, decision: Decision, now_ms: int) -> None:
    """C2, C6: the BCC copy says whose it is; the thread that the entry began goes to them, if that is another."""
    Entry.update(rule=decision.rule).where(Entry.id == entry_id).execute()
    if decision.moves_to is not None:
        entry = Entry.get_by_id(entry_id)
        move_thread(entry.thread_id, _conversation_id(copy, decision.moves_to, entry.at_ms, now_ms))


def _touch(thread: _Place, at_ms: int, *, unread: bool) -> None:
    if not thread.starts:
        _touch_thread.run(thread.id, at_ms)
    touch_conversation(thread.conversation_id, at_ms, unread=unread, threads=int(thread.starts))


def touch_conversation(conversation_id: int, at_ms: int, *, unread: bool, threads: int) -> None:
    """It has an entry more. threads: how many threads more."""
    _touch_conversation.run(conversation_id, at_ms, int(unread), threads)


@Prepared
def _touch_thread(thread_id: int, at_ms: int) -> Statement:
    return Thread.update(last_entry_at_ms=_later(Thread.last_entry_at_ms, at_ms)).where(Thread.id == thread_id)


@Prepared
def _touch_conversation(conversation_id: int, at_ms: int, unread: int, threads: int) -> Statement:
    return Conversation.update(
        last_entry_at_ms=_later(Conversation.last_entry_at_ms, at_ms),
        unread_count=Conversation.unread_count + unread,
        thread_count=Conversation.thread_count + threads,
    ).where(Conversation.id == conversation_id)


def _later(column: BigIntegerField[int | None], at_ms: int) -> Case:
    """The later of the two; at_ms where the column is NULL. SQLite says MAX(a, b) for it and PostgreSQL GREATEST."""
    return Case(None, [(column > at_ms, column)], at_ms)


def _know(thread: _Place, copy: Copy) -> None:
    """What the thread knows from this message: the ids it names, and its people."""
    keys = set(known_keys(copy.mail))
    if copy.thread_key is not None:
        keys.add(copy.thread_key)
    if thread.parted:  # or a mail of one half that names the other's ids would take the other's answers over
        keys -= known_elsewhere(thread.id, copy.location_id, keys - own_keys(copy.mail))
    if keys:
        _add_references.run(copy.location_id, thread.id, sorted(keys))
    people = {party.normal for party in copy.parties.everybody()}
    for some in chunked(sorted(people), _IN_STATEMENT):
        _add_people.run(thread.id, some)


@Prepared
def _add_references(location_id: int, thread_id: int, keys: list[bytes]) -> Statement:
    rows = [{"location_id": location_id, "message_id_key": key, "thread_id": thread_id} for key in keys]
    return ThreadReference.insert_many(rows).on_conflict(action="NOTHING")


@Prepared
def _add_people(thread_id: int, normals: list[str]) -> Statement:
    rows = [{"thread_id": thread_id, "normal": normal} for normal in normals]
    return ThreadParty.insert_many(rows).on_conflict(action="NOTHING")


def _add_path(entry_id: int, path: Path) -> None:
    Entry.update(paths=Entry.paths.bin_or(int(Paths.of(path)))).where(Entry.id == entry_id).execute()


def _mark_duplicates(copy: Copy, message: MessageRow) -> bool:
    """C9: another message of the location with the same Message-ID: both are marked."""
    others = [] if message.key is None else [row[0] for row in _of_same_id.rows(message.key, message.id)]
    if not others:
        return False
    here = (Entry.location_id == copy.location_id) & Entry.message_id.in_(others)
    return bool(Entry.update(duplicate_id=True).where(here).execute())


@Prepared
def _of_same_id(key: bytes, but_message_id: int) -> Statement:
    same = Message.select(Message.id).where((Message.message_id_key == key) & (Message.id != but_message_id))
    return same.limit(MAX_VARIANTS)
