"""What a person's decision about a capture did, noted in its row so that it can be taken back (D2)."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from crm_store import bounce_reports, contact_book, tabs
from crm_store.contact_book import ContactView
from crm_store.database.engine import on_sqlite
from crm_store.database.rows import tuples
from crm_store.decisions import MAX_MAILBOXES
from crm_store.errors import Conflict
from crm_store.facts import MAX_VARIANTS
from crm_store.mail.parsed_mail import ParsedMail
from crm_store.models.captures import Capture, DecisionRow
from crm_store.models.contacts import Contact, Thread
from crm_store.models.messages import Entry, Message, MessageContent, Sighting, ThreadParty, ThreadReference
from crm_store.rules.parties import Parties
from crm_store.rules.rule import Reason, Rule
from crm_store.rules.states import CaptureState, Path, Paths
from crm_store.rules.thread import known_keys

MOST_COUNTED = 500  # entries of a thread; in a longer one nobody can tell what rests on one of them


@dataclass(frozen=True, slots=True)
class Filed:
    """What approving filed. The entry's own are its sighting, and its thread if thread_made.

    entries_in_thread: how many there were afterwards, counted up to MOST_COUNTED. references, people: what the thread
    did not know before, ids in hexadecimal. contact: the one that was made for it, as it was made."""

    conversation_id: int
    thread_id: int
    thread_made: bool
    merged: bool
    entries_in_thread: int
    references: list[str]
    people: list[str]
    contact: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class Note:
    """rule, reason, decided_at_ms: of the hold before. listed_id: the pattern that was put on a list with it.

    filed: None where nothing was, or the mail only joined an entry that was there."""

    rule: str
    reason: str
    decided_at_ms: int
    listed_id: int | None
    filed: Filed | None

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def note_in(row: Capture) -> Note:
    kept: dict[str, Any] = dict(row.undo or {})
    filed = kept.pop("filed")
    return Note(**kept, filed=None if filed is None else Filed(**filed))


def is_for_good(row: Capture) -> bool:
    """Whether approving it made threads one, or went into one that is too long: that is not undone, nor offered."""
    filed = row.undo["filed"] if row.undo else None
    return filed is not None and (filed["merged"] or filed["entries_in_thread"] >= MOST_COUNTED)


@dataclass(frozen=True, slots=True)
class Known:
    """What a thread knew of the ids and people that a mail names. thread_id: None where there is no thread yet."""

    thread_id: int | None
    references: frozenset[bytes]
    people: frozenset[str]


def known_before(thread_id: int | None, mail: ParsedMail, parties: Parties) -> Known:
    keys, names = sorted(known_keys(mail)), [party.normal for party in parties.everybody()]
    references = ThreadReference.select(ThreadReference.message_id_key).where(
        ThreadReference.thread_id == thread_id, ThreadReference.message_id_key.in_(keys)
    )
    people = ThreadParty.select(ThreadParty.normal).where(
        ThreadParty.thread_id == thread_id, ThreadParty.normal.in_(names)
    )
    if thread_id is None:
        return Known(None, frozenset(), frozenset())
    return Known(
        thread_id,
        frozenset(bytes(key) for (key,) in tuples(references)),
        frozenset(normal for (normal,) in tuples(people)),
    )


def filed_since(
    known: Known, entry_id: int, mail: ParsedMail, parties: Parties, *, merged: bool, contact: ContactView | None
) -> Filed:
    """contact: whom approving made for it."""
    entry = Entry.get_by_id(entry_id)
    people = {party.normal for party in parties.everybody()} - known.people
    return Filed(
        conversation_id=entry.conversation_id,
        thread_id=entry.thread_id,
        thread_made=known.thread_id is None,
        merged=merged,
        entries_in_thread=_entries_in(entry.thread_id),
        # A thread that it made goes with all that it knows.
        references=[] if known.thread_id is None else sorted(_hex(known_keys(mail) - known.references)),
        people=[] if known.thread_id is None else sorted(people),
        contact=None if contact is None else _as_made(contact),
    )


def take_back_entry(capture: Capture, filed: Filed) -> None:
    """The entry goes, with everything that only it made. Call in a transaction that holds the location's lock.

    Raises: Conflict that says what rests on it."""
    entry = Entry.get_or_none(Entry.id == capture.entry_id)
    if entry is None:
        raise Conflict("its entry is gone already")
    _check_nothing_rests_on(entry, capture, filed)
    sighting = Sighting.get(Sighting.capture_id == capture.id)
    Capture.update(entry_id=None).where(Capture.id == capture.id).execute()
    Entry.delete().where(Entry.id == entry.id).execute()
    Sighting.delete().where(Sighting.id == sighting.id).execute()
    tabs.entry_hidden(entry)
    _take_back_thread(filed)
    tabs.recount(filed.conversation_id)
    if filed.contact is not None:
        Contact.delete().where(Contact.id == filed.contact["id"]).execute()
    _correct_mailboxes_back(entry.message_id, entry.id)
    bounce_reports.take_back(entry.location_id, Message.get_by_id(entry.message_id).message_id_key, entry.id)
    _unmark_duplicates(entry)
    _forget_message(entry.message_id, sighting.content_id)


def take_back_copy(capture: Capture) -> None:
    """The mail joined an entry that was there before: only this copy of it goes."""
    sighting = Sighting.get_or_none(Sighting.capture_id == capture.id)
    if sighting is None:
        return
    if Entry.select(Entry.id).where((Entry.id == capture.entry_id) & (Entry.sighting_id == sighting.id)).exists():
        raise Conflict("this copy is the one that its entry shows by now")
    Sighting.delete().where(Sighting.id == sighting.id).execute()
    others = Sighting.select(Sighting.id).where(
        Sighting.message_id == sighting.message_id,
        Sighting.location_id == sighting.location_id,
        Sighting.path == Path.BCC,
    )
    if not others.exists():
        left = int(Paths.GMAIL | Paths.CRM)
        Entry.update(paths=Entry.paths.bin_and(left)).where(Entry.id == capture.entry_id).execute()
    _forget_message(sighting.message_id, sighting.content_id)


def _check_nothing_rests_on(entry: Entry, capture: Capture, filed: Filed) -> None:
    if entry.removed_at_ms is not None:
        raise Conflict("its entry was removed from the conversation: restore the entry first")
    if filed.merged:
        raise Conflict(
            "approving it made several threads one, and which mail was in which of them is not known any more: remove "
            "the entry, or split the thread, instead"
        )
    if (entry.thread_id, entry.conversation_id) != (filed.thread_id, filed.conversation_id):
        raise Conflict("its entry was moved to another thread or conversation since")
    if filed.entries_in_thread >= MOST_COUNTED:
        raise Conflict("its thread is so long that what rests on it can't be told: remove the entry instead")
    if _entries_in(entry.thread_id) != filed.entries_in_thread:
        raise Conflict("its thread has other entries since: remove the entry instead")
    copies = Sighting.select(Sighting.id).where(
        Sighting.message_id == entry.message_id,
        Sighting.location_id == entry.location_id,
        Sighting.capture_id.is_null() | (Sighting.capture_id != capture.id),
    )
    if copies.exists():
        raise Conflict("the same message has come in again since, and was added to the entry")
    if filed.contact is not None:
        _check_contact_is_as_made(filed.contact, entry)


def _check_contact_is_as_made(made: dict[str, Any], entry: Entry) -> None:
    contact = Contact.get_or_none(Contact.id == made["id"])
    if contact is None or contact.deleted_at_ms is not None or _as_made(contact_book.views([contact])[0]) != made:
        raise Conflict(f"contact {made['id']}, who was made for it, was changed since")
    threads = Thread.select(Thread.id).where(Thread.conversation_id == entry.conversation_id)
    others = Entry.select(Entry.id).where(Entry.thread_id.in_(threads) & (Entry.id != entry.id))
    if others.exists():
        raise Conflict(f"contact {made['id']}, who was made for it, has other mail since")


def _take_back_thread(filed: Filed) -> None:
    if filed.thread_made:
        Thread.delete().where(Thread.id == filed.thread_id).execute()
        return
    keys = [bytes.fromhex(key) for key in filed.references]
    ThreadReference.delete().where(
        (ThreadReference.thread_id == filed.thread_id) & ThreadReference.message_id_key.in_(keys)
    ).execute()
    ThreadParty.delete().where(
        (ThreadParty.thread_id == filed.thread_id) & ThreadParty.normal.in_(filed.people)
    ).execute()


def _correct_mailboxes_back(message_id: int, entry_id: int) -> None:
    """The reverse of decisions.correct_mailbox: what the Gmail path saw is recorded in other locations only, or in
    none."""
    key = Message.get_by_id(message_id).message_id_key
    if key is None:
        return
    of_mailboxes = (DecisionRow.message_id_key == key) & (DecisionRow.path == Path.GMAIL)
    rows = list(DecisionRow.select().where(of_mailboxes).limit(MAX_MAILBOXES))
    recorded = {(row.user_id, row.gmail_id) for row in rows if row.entry_id not in (None, entry_id)}
    here = [row for row in rows if row.entry_id == entry_id]
    elsewhere_too = [row.id for row in here if (row.user_id, row.gmail_id) in recorded]
    nowhere_else = [row.id for row in here if (row.user_id, row.gmail_id) not in recorded]
    DecisionRow.delete().where(DecisionRow.id.in_(elsewhere_too)).execute()
    DecisionRow.update(
        outcome=CaptureState.IGNORED, rule=Rule.B4, reason=Reason.NO_CONTACT, location_id=None, entry_id=None
    ).where(DecisionRow.id.in_(nowhere_else)).execute()


def _unmark_duplicates(gone: Entry) -> None:
    """C9: where one message of a Message-ID is left in the location, it is no duplicate any more."""
    key = Message.get_by_id(gone.message_id).message_id_key
    if not gone.duplicate_id or key is None:
        return
    same = Message.select(Message.id).where(Message.message_id_key == key).limit(MAX_VARIANTS * 2)
    ids = [message_id for (message_id,) in tuples(same)]
    left = Entry.select(Entry.id).where((Entry.location_id == gone.location_id) & Entry.message_id.in_(ids))
    entry_ids = [entry_id for (entry_id,) in tuples(left.limit(2))]
    if len(entry_ids) == 1:
        Entry.update(duplicate_id=False).where(Entry.id.in_(entry_ids)).execute()


def _forget_message(message_id: int, content_id: int) -> None:
    """What nobody has any more. Another location may be filing the same message at this moment: on PostgreSQL it waits
    for us, or we for it, on the message's row."""
    if not on_sqlite():
        list(Message.select(Message.id).where(Message.id == message_id).for_update())
    if not Sighting.select(Sighting.id).where(Sighting.content_id == content_id).exists():
        MessageContent.delete().where(MessageContent.id == content_id).execute()
    if (
        not Sighting.select(Sighting.id).where(Sighting.message_id == message_id).exists()
        and not Entry.select(Entry.id).where(Entry.message_id == message_id).exists()
    ):
        Message.delete().where(Message.id == message_id).execute()


def _entries_in(thread_id: int) -> int:
    return len(list(tuples(Entry.select(Entry.id).where(Entry.thread_id == thread_id).limit(MOST_COUNTED))))


def _as_made(contact: ContactView) -> dict[str, Any]:
    # Merging another one into it takes the earlier created_at.
    return {"id": contact.id, "created_at_ms": contact.created_at_ms, **asdict(contact.details)}


def _hex(keys: Iterable[bytes]) -> list[str]:
    return [key.hex() for key in keys]
