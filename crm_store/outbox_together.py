"""Mails of one user that left together, each the first of its talk, decided and filed in few statements.

What is decided, and what is filed, is the same as one by one (crm_store/facts.py, crm_store/filing.py): only of mails
of which nothing is known here, which are nearly all that a provider carries, the questions are asked together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import chain
from typing import Any

from crm_store import contact_book, sender_lists
from crm_store.copies import Copy, attachment_columns, content_columns, message_columns, sighting_columns
from crm_store.database.prepared import Prepared, PreparedInsert, Statement
from crm_store.facts import internal_among
from crm_store.filing import entry_columns, time_shown, touch_conversation
from crm_store.mail.problems import Problem
from crm_store.models.captures import DecisionRow
from crm_store.models.contacts import Contact, ContactAddress, Conversation, Thread
from crm_store.models.messages import (
    Attachment,
    BounceReport,
    Entry,
    Message,
    MessageContent,
    Sighting,
    ThreadParty,
    ThreadReference,
)
from crm_store.printed_twin import twin_of
from crm_store.rules.address import normalise
from crm_store.rules.asked import Asked
from crm_store.rules.decide import decide
from crm_store.rules.decision import Decision, NewContact, Placement
from crm_store.rules.resumed import unnamed_reply
from crm_store.rules.sameness import message_id_key
from crm_store.rules.states import CaptureState, ContactSource, Path, SenderList
from crm_store.rules.thread import ancestor_keys, known_keys

_CONTACTS = PreparedInsert(Contact)
_ADDRESSES = PreparedInsert(ContactAddress)
_CONVERSATIONS = PreparedInsert(Conversation)
_MESSAGES = PreparedInsert(Message)
_CONTENTS = PreparedInsert(MessageContent)
_SIGHTINGS = PreparedInsert(Sighting)
_ATTACHMENTS = PreparedInsert(Attachment)
_THREADS = PreparedInsert(Thread)
_ENTRIES = PreparedInsert(Entry)
_DECISIONS = PreparedInsert(DecisionRow)


def decided_together(copies: Sequence[Copy], *, now_ms: int) -> list[Decision | None]:
    """What the CRM's own mails are for their location: None of one that is to be decided by itself.

    copies: of one user and location, with a Message-ID. Call under the location's lock, as facts.gather()."""
    location_id, user_id = copies[0].location_id, copies[0].user_id
    assert user_id is not None, "the CRM's mail has a sender"
    people = [list(copy.parties.everybody()) for copy in copies]
    everybody = sorted({party.normal for party in chain(*people)})
    internal = internal_among(location_id, {party.folded for party in chain(*people)}, now_ms=now_ms)
    contacts = contact_book.by_addresses(
        location_id, {party.normal for party in chain(*people) if party.folded not in internal}
    )
    lists = sender_lists.look_up(location_id, (user_id,), everybody)
    known = _known(location_id, copies)
    decided: list[Decision | None] = []
    for copy, parties in zip(copies, people, strict=True):
        normals = {party.normal for party in parties}
        own_contacts = {normal: contacts[normal] for normal in normals & contacts.keys()}
        if copy in known or twin_of(copy.mail, set(own_contacts.values()), printed=False) is not None:
            decided.append(None)
            continue
        asked = Asked(
            path=Path.CRM,
            parties=copy.parties,
            readable=Problem.UNREADABLE not in copy.mail.problems,
            internal=internal,
            contacts=own_contacts,
            never_logged=bool(lists.on(SenderList.NEVER_LOG, normals)),
            allowed=lists.on(SenderList.ALLOWED, normals),
        )
        decided.append(decide(asked))
    return decided


class _Known:
    """Which of some copies are no first mail of a talk, or are known to the location, or to anybody, already."""

    def __init__(self, keys: set[bytes]) -> None:
        self._keys = keys

    def __contains__(self, copy: Copy) -> bool:
        mail = copy.mail
        answers = bool(ancestor_keys(mail)) or unnamed_reply(mail) is not None
        return answers or mail.message_id is None or message_id_key(mail.message_id) in self._keys


def _known(location_id: int, copies: Sequence[Copy]) -> _Known:
    keys = [message_id_key(copy.mail.message_id) for copy in copies if copy.mail.message_id is not None]
    asked = (_messages.rows(keys), _references.rows(location_id, keys), _reports.rows(location_id, keys))
    return _Known({bytes(key) for rows in (*asked, _seen.rows(keys)) for (key,) in rows})


@Prepared
def _messages(keys: list[bytes]) -> Statement:
    return Message.select(Message.message_id_key).where(Message.message_id_key.in_(keys))


@Prepared
def _references(location_id: int, keys: list[bytes]) -> Statement:
    return ThreadReference.select(ThreadReference.message_id_key).where(
        ThreadReference.location_id == location_id, ThreadReference.message_id_key.in_(keys)
    )


@Prepared
def _reports(location_id: int, keys: list[bytes]) -> Statement:
    return BounceReport.select(BounceReport.message_id_key).where(
        BounceReport.location_id == location_id, BounceReport.message_id_key.in_(keys)
    )


@Prepared
def _seen(keys: list[bytes]) -> Statement:
    return DecisionRow.select(DecisionRow.message_id_key).where(DecisionRow.message_id_key.in_(keys))


def file_together(copies: Sequence[Copy], decisions: Sequence[Decision], *, now_ms: int) -> list[int]:
    """The entries' ids, in their order. decisions: each records its copy as the first of a new talk, of somebody else
    than the others' (starts_talks). In the transaction in which they were decided. Raises: IntegrityError."""
    places = [_placement(decision) for decision in decisions]
    message_ids = _MESSAGES.insert_together([message_columns(copy.mail, now_ms=now_ms) for copy in copies])
    content_ids = _CONTENTS.insert_together(_each(content_columns, copies, message_ids))
    sighting_ids = _SIGHTINGS.insert_together(_each(sighting_columns, copies, message_ids, content_ids))
    attached = [attachment_columns(copy, at) for copy, at in zip(copies, sighting_ids, strict=True)]
    _ATTACHMENTS.insert_together(list(chain(*attached)))
    tabs = _tabs(copies, places, now_ms)
    thread_ids = _THREADS.insert_together(
        [
            {
                "location_id": copy.location_id,
                "conversation_id": tab,
                "subject": copy.mail.subject,
                "created_at_ms": now_ms,
                "last_entry_at_ms": time_shown(copy),
            }
            for copy, tab in zip(copies, tabs, strict=True)
        ]
    )
    entries = [
        entry_columns(copy, decision.rule, place, now_ms=now_ms)
        | {"message_id": message, "conversation_id": tab, "thread_id": thread, "sighting_id": sighting}
        for copy, decision, place, message, tab, thread, sighting in zip(
            copies, decisions, places, message_ids, tabs, thread_ids, sighting_ids, strict=True
        )
    ]
    entry_ids = _ENTRIES.insert_together(entries)
    _know(copies, thread_ids)
    _note(copies, decisions, entry_ids, now_ms)
    return entry_ids


def starts_talks(copies: Sequence[Copy], decisions: Sequence[Decision | None]) -> list[bool]:
    """Which of them file_together() may file: those that begin a talk, with people that none before them names."""
    seen: set[str] = set()
    fit = []
    for copy, decision in zip(copies, decisions, strict=True):
        people = {party.normal for party in copy.parties.recipients()}
        begins = (
            decision is not None
            and decision.outcome is CaptureState.RECORDED
            and decision.placement is not None
            and decision.placement.thread_id is None
        )
        fit.append(begins and seen.isdisjoint(people))
        seen |= people
    return fit


def _placement(decision: Decision) -> Placement:
    assert decision.placement is not None, "what begins a talk has a place"
    return decision.placement


def _each(columns: Callable[..., dict[str, Any]], *rows: Sequence[Any]) -> list[dict[str, Any]]:
    """Any: a copy, and ids of rows, as columns takes them."""
    return [columns(*row) for row in zip(*rows, strict=True)]


def _tabs(copies: Sequence[Copy], places: Sequence[Placement], now_ms: int) -> list[int]:
    """The conversation of each, opened where there is none; each counts one thread more."""
    location_id = copies[0].location_id
    owners = _owners(location_id, places, now_ms)
    open_already = dict(_open.rows(owners))
    at_ms = {owner: time_shown(copy) for owner, copy in zip(owners, copies, strict=True)}
    closed = [owner for owner in owners if owner not in open_already]
    new = [
        {"location_id": location_id, "contact_id": owner, "last_entry_at_ms": at_ms[owner], "thread_count": 1}
        for owner in closed
    ]
    for owner, conversation_id in open_already.items():
        touch_conversation(conversation_id, at_ms[owner], unread=False, threads=1)
    tabs = open_already | dict(zip(closed, _CONVERSATIONS.insert_together(new), strict=True))
    return [tabs[owner] for owner in owners]


@Prepared
def _open(contact_ids: list[int]) -> Statement:
    return Conversation.select(Conversation.contact_id, Conversation.id).where(Conversation.contact_id.in_(contact_ids))


def _owners(location_id: int, places: Sequence[Placement], now_ms: int) -> list[int]:
    """The contact of each; those who are none yet become one (E9)."""
    new = [place.owner for place in places if isinstance(place.owner, NewContact)]
    common = {"location_id": location_id, "source": ContactSource.CRM, "created_at_ms": now_ms}
    made = _CONTACTS.insert_together([{"name": one.name[:200], **common} for one in new])
    _ADDRESSES.insert_together(
        [
            {
                "contact_id": contact_id,
                "location_id": location_id,
                "address": one.address,
                "normal": normalise(one.address),
            }
            for contact_id, one in zip(made, new, strict=True)
        ]
    )
    ids = iter(made)
    return [place.owner if isinstance(place.owner, int) else next(ids) for place in places]


def _know(copies: Sequence[Copy], thread_ids: Sequence[int]) -> None:
    """What each thread knows from its first mail, as filing's threads do."""
    references, people = [], []
    for copy, thread_id in zip(copies, thread_ids, strict=True):
        references += [value for key in sorted(known_keys(copy.mail)) for value in (copy.location_id, key, thread_id)]
        normals = sorted({party.normal for party in copy.parties.everybody()})
        people += [value for normal in normals for value in (thread_id, normal)]
    _add_references.run(references)
    _add_people.run(people)


@Prepared
def _add_references(values: list[Any]) -> Statement:
    rows = zip(*[iter(values)] * 3, strict=True)
    fields = [ThreadReference.location_id, ThreadReference.message_id_key, ThreadReference.thread_id]
    return ThreadReference.insert_many(list(rows), fields)


@Prepared
def _add_people(values: list[Any]) -> Statement:
    rows = zip(*[iter(values)] * 2, strict=True)
    return ThreadParty.insert_many(list(rows), [ThreadParty.thread_id, ThreadParty.normal])


def _note(copies: Sequence[Copy], decisions: Sequence[Decision], entry_ids: Sequence[int], now_ms: int) -> None:
    """In the ledger (F2)."""
    _DECISIONS.insert_together(
        [
            {
                "path": copy.path,
                "rule": decision.rule,
                "outcome": decision.outcome,
                "reason": decision.reason,
                "message_id": copy.mail.message_id,
                "message_id_key": message_id_key(copy.mail.message_id or ""),
                "location_id": copy.location_id,
                "entry_id": entry_id,
                "at_ms": now_ms,
            }
            for copy, decision, entry_id in zip(copies, decisions, entry_ids, strict=True)
        ]
    )
