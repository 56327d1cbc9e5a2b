"""Where a held mail would go if it were let in (D1): said for a whole page of captures, without reading their mail."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from peewee import chunked, fn

from crm_store import contact_book, sender_lists
from crm_store.capture_preview import sent_on_of
from crm_store.contact_book import ContactView
from crm_store.database.rows import tuples
from crm_store.facts import MAX_THREADS, MAX_VARIANTS, internal_among
from crm_store.models.captures import Capture
from crm_store.models.contacts import Conversation, Thread
from crm_store.models.messages import Entry, Message, MessageContent, ThreadParty, ThreadReference
from crm_store.rules.address import fold_identity, normalise
from crm_store.rules.asked import Asked, FiledEntry
from crm_store.rules.decide import let_in
from crm_store.rules.decision import Decision, NewContact
from crm_store.rules.original import Forwarded
from crm_store.rules.parties import Parties, Party
from crm_store.rules.sameness import same_beginning
from crm_store.rules.states import Automatic, Direction, Path, SenderList
from crm_store.rules.thread import KnownThread

_IN_LIST = 500
_COMPARED_CHARACTERS = 2000


@dataclass(frozen=True, slots=True)
class Guess:
    """contact: whose conversation; new: who would be made a contact for it; both None: there is nobody to go to.

    sender_is_internal: members are never blocked. entry_id: the entry that shows the same message already, to which
    this copy would be added (C8)."""

    direction: Direction
    contact: ContactView | None
    new: NewContact | None
    sender_is_internal: bool
    entry_id: int | None


def guesses(location_id: int, captures: Sequence[Capture], *, now_ms: int) -> dict[int, Guess]:
    """By capture, for those of one location that keep their content. As many queries for a page as for one."""
    told = {row.id: _parties(row) for row in captures if row.clues is not None}
    writers = {row.id: _party(row.author_name or "", row.author_address or "") for row in captures if row.id in told}
    everybody = [party for parties in told.values() for party in parties.everybody()] + list(writers.values())
    if not told:
        return {}
    internal = internal_among(location_id, {party.folded for party in everybody}, now_ms=now_ms)
    outside = {party.normal for party in everybody if party.folded not in internal}
    contacts = contact_book.by_addresses(location_id, outside)
    allowed = sender_lists.listed(location_id, (), SenderList.ALLOWED, {party.normal for party in everybody})
    keys = {row.id: [bytes.fromhex(key) for key in row.clues["keys"]] for row in captures if row.clues is not None}
    threads = _threads(location_id, {key for some in keys.values() for key in some}, outside)
    entries = _entries(location_id, [row for row in captures if row.id in told])
    asked = {
        row.id: Asked(
            path=Path.BCC,
            parties=told[row.id],
            internal=internal,
            contacts=contacts,
            writer=writers[row.id],
            forwarded=Forwarded(**row.clues["forwarded"]) if row.clues.get("forwarded") else None,
            sent_on=sent_on_of(row.clues),
            automatic=Automatic(row.clues["automatic"]) if row.clues["automatic"] else None,
            allowed=allowed,
            keys=keys[row.id],
            threads=[thread for thread in threads if not thread.keys.isdisjoint(keys[row.id])],
            entry=entries.get(row.id),
        )
        for row in captures
        if row.clues is not None
    }
    return _guessed(asked)


def _guessed(asked: Mapping[int, Asked]) -> dict[int, Guess]:
    decisions = {capture_id: let_in(question, None) for capture_id, question in asked.items()}
    placements = [decision.placement for decision in decisions.values() if decision and decision.placement]
    of_thread = _contacts_of_threads([one.thread_id for one in placements if one.thread_id])
    owners = {capture_id: _owner(asked[capture_id], one, of_thread) for capture_id, one in decisions.items()}
    views = contact_book.names({owner for owner in owners.values() if isinstance(owner, int)})
    return {
        capture_id: Guess(
            direction=question.direction,
            contact=views.get(owner) if isinstance(owner, int) else None,
            new=owner if isinstance(owner, NewContact) else None,
            sender_is_internal=question.sender_is_internal,
            entry_id=None if decision is None else decision.entry_id,
        )
        for capture_id, question in asked.items()
        for owner, decision in [(owners[capture_id], decisions[capture_id])]
    }


def _owner(asked: Asked, decision: Decision | None, of_thread: Mapping[int, int]) -> int | NewContact | None:
    if decision is None:
        return None
    if decision.placement is None:
        assert asked.entry is not None, "what has no place joins an entry"
        return asked.entry.owner
    thread_id = decision.placement.thread_id
    return decision.placement.owner if thread_id is None else of_thread.get(thread_id)


def _entries(location_id: int, captures: Sequence[Capture]) -> dict[int, FiledEntry]:
    """By capture, where the location shows the same message already: as far as the beginnings of the texts tell (C9).
    The rest of a held mail is in its bytes, and approving reads those."""
    identities = {row.id: bytes.fromhex(row.clues["identity"]) for row in captures if "identity" in row.clues}
    filed: dict[bytes, list[tuple[str, FiledEntry]]] = {}
    for some in chunked(sorted(set(identities.values())), _IN_LIST):
        rows = (
            Message.select(
                Message.identity,
                fn.SUBSTR(MessageContent.text, 1, _COMPARED_CHARACTERS),
                Entry.id,
                Entry.removed_at_ms,
                Conversation.contact_id,
            )
            .join(Entry, on=(Entry.message_id == Message.id))
            .join(Conversation, on=(Conversation.id == Entry.conversation_id))
            .join(MessageContent, on=(MessageContent.message_id == Message.id))
            .where(Message.identity.in_(some), Entry.location_id == location_id)
            .order_by(Message.variant)
            .limit(MAX_VARIANTS * len(some))
        )
        for identity, text, entry_id, removed_at_ms, owner in tuples(rows):
            entry = FiledEntry(entry_id, removed=removed_at_ms is not None, owner=owner, by_mailbox=False)
            filed.setdefault(bytes(identity), []).append((text, entry))
    same = {
        row.id: [
            entry
            for text, entry in filed.get(identities.get(row.id, b""), ())
            if same_beginning(_original(row).get("text", row.text_preview) or "", text)
        ]
        for row in captures
    }
    return {capture_id: entries[0] for capture_id, entries in same.items() if entries}


def _contacts_of_threads(thread_ids: Sequence[int]) -> dict[int, int]:
    rows = (
        Thread.select(Thread.id, Conversation.contact_id)
        .join(Conversation, on=(Conversation.id == Thread.conversation_id))
        .where(Thread.id.in_(list(thread_ids)))
    )
    return dict(tuples(rows)) if thread_ids else {}


def _parties(row: Capture) -> Parties:
    original = _original(row)
    wrote = original or {"name": row.author_name or "", "address": row.author_address or ""}
    author = _party(wrote["name"], wrote["address"]) if row.clues["author"] else None
    to, cc = (_named(original.get(name, field)) for name, field in (("to", row.to), ("cc", row.cc)))
    return Parties(author=author, to=to, cc=cc, bcc=_named(row.clues["bcc"]), capture_to_cc=frozenset())


def _original(row: Capture) -> dict[str, Any]:
    """Of a forward (C6), what capture_preview says of the original; else {}.

    Rows of older versions have its people in their own columns, until `sunnyday reparse` reads them again."""
    return row.clues.get("original") or {} if row.clues else {}


def _named(mailboxes: Iterable[Mapping[str, str]] | None) -> tuple[Party, ...]:
    return tuple(_party(mailbox["name"], mailbox["address"]) for mailbox in mailboxes or ())


def _party(name: str, address: str) -> Party:
    return Party(name, address, normalise(address), fold_identity(address))


def _threads(location_id: int, keys: Iterable[bytes], outside: Iterable[str]) -> list[KnownThread]:
    """The threads that know one of these ids. Of their people those among outside: nobody else is asked for."""
    known: dict[int, set[bytes]] = {}
    for some in chunked(sorted(keys), _IN_LIST):
        rows = ThreadReference.select(ThreadReference.thread_id, ThreadReference.message_id_key).where(
            ThreadReference.location_id == location_id, ThreadReference.message_id_key.in_(some)
        )
        for thread_id, key in tuples(rows.limit(MAX_THREADS * len(some))):
            known.setdefault(thread_id, set()).add(bytes(key))
    if not known:
        return []
    parties: dict[int, set[str]] = {}
    for names in chunked(sorted(outside), _IN_LIST):
        people = ThreadParty.select().where(ThreadParty.thread_id.in_(list(known)), ThreadParty.normal.in_(names))
        for party in people:
            parties.setdefault(party.thread_id, set()).add(party.normal)
    # G1, G3: what was deleted or un-logged takes no answers.
    shown = Thread.last_entry_at_ms.is_null(False) & Conversation.last_entry_at_ms.is_null(False)
    threads = (
        Thread.select()
        .join(Conversation, on=(Conversation.id == Thread.conversation_id))
        .where(Thread.id.in_(list(known)) & shown)
        .order_by(Thread.id)
    )
    return [
        KnownThread(
            thread.id, thread.conversation_id, known[thread.id], parties.get(thread.id, frozenset()), thread.parted
        )
        for thread in threads
    ]
