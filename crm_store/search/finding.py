"""Finds a location's mail and contacts for who may see them: what was deleted (G1) or un-logged (G3) is not found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from peewee import Expression

from crm_store import contact_book, conversations
from crm_store.access import Access
from crm_store.contact_book import ContactView
from crm_store.conversations import ConversationView
from crm_store.database.rows import in_order, tuples
from crm_store.models.contacts import Contact, Conversation
from crm_store.models.messages import Entry
from crm_store.models.search import Searchable
from crm_store.paging import Page, PageRequest, sieved_stretches
from crm_store.rules.states import Direction
from crm_store.search import entry_texts
from crm_store.search.documents import asked_of_contacts, contact_document
from crm_store.search.marking import Marked, excerpt, marked
from crm_store.search.query import Field, Query, Searched, fits, parse
from crm_store.search.walking import next_ones


@dataclass(frozen=True, slots=True)
class FoundEntry:
    """at_ms: when it was sent. excerpt: of its text. attached: whether it has files."""

    entry_id: int
    conversation_id: int
    thread_id: int
    contact: ContactView
    direction: Direction
    author_name: str
    author_address: str
    at_ms: int
    subject: Marked
    excerpt: Marked
    attached: bool


@dataclass(frozen=True, slots=True)
class FoundConversation:
    """entry: the newest of those in it that were found."""

    conversation: ConversationView
    entry: FoundEntry


def find_entries(access: Access, location_id: int, q: str, request: PageRequest) -> Page[FoundEntry]:
    """Those recorded last come first. Of words that many mails have, but not together, a page may have fewer than its
    limit, and a `next` all the same (paging.sieved). Raises: NotFound; Invalid for what is too long to ask."""
    access.reader_of(location_id)
    query = parse(q)
    if query.is_empty:
        return Page([], None)
    return sieved_stretches(
        partial(next_ones, Searchable.ENTRY, location_id, query),
        lambda ids: [entry_id for entry_id, _ in _shown_entries(ids, query)],
        request,
        lambda ids: _found_entries(ids, query),
    )


def find_conversations(
    access: Access, location_id: int, q: str, request: PageRequest, *, contact_id: int | None = None
) -> Page[FoundConversation]:
    """As find_entries; each conversation once a page, with the newest of its entries that were found. On a later page
    it may come again, with an older one. Raises: NotFound, Invalid."""
    access.reader_of(location_id)
    query = parse(q)
    if query.is_empty:
        return Page([], None)
    seen: set[int] = set()

    def first_of_each(ids: Sequence[int]) -> list[int]:
        found = []
        for entry_id, conversation_id in _shown_entries(ids, query, contact_id=contact_id):
            if conversation_id not in seen:
                seen.add(conversation_id)
                found.append(entry_id)
        return found

    def shape(ids: Sequence[int]) -> list[FoundConversation]:
        entries = _found_entries(ids, query)
        views = conversations.views(in_order(Conversation, [entry.conversation_id for entry in entries]))
        by_id = {view.id: view for view in views}
        return [FoundConversation(by_id[one.conversation_id], one) for one in entries if one.conversation_id in by_id]

    return sieved_stretches(partial(next_ones, Searchable.ENTRY, location_id, query), first_of_each, request, shape)


def find_contacts(access: Access, location_id: int, q: str, request: PageRequest) -> Page[ContactView]:
    """By name, organization, address or phone number; those made last come first. Raises: NotFound, Invalid."""
    access.reader_of(location_id)
    query = asked_of_contacts(parse(q), q)
    if query.is_empty:
        return Page([], None)
    return sieved_stretches(
        partial(next_ones, Searchable.CONTACT, location_id, query),
        lambda ids: [view.id for view in _living(ids) if not query.takes_a_look or fits(query, _document(view))],
        request,
        _living,
    )


def _shown_entries(ids: Sequence[int], query: Query, *, contact_id: int | None = None) -> list[tuple[int, int]]:
    """Those of these entries that are to be seen and fit, and their conversations, in this order."""
    in_sight = Entry.removed_at_ms.is_null() & Conversation.last_entry_at_ms.is_null(False)
    rows = (
        Entry.select(Entry.id, Entry.conversation_id)
        .join(Conversation, on=(Conversation.id == Entry.conversation_id))
        .where(Entry.id.in_(list(ids)), in_sight, _of(contact_id))
    )
    shown = dict(tuples(rows))
    if query.takes_a_look:
        texts = entry_texts.of_entries(list(shown))
        shown = {entry_id: shown[entry_id] for entry_id, text in texts.items() if fits(query, text.document)}
    return [(entry_id, shown[entry_id]) for entry_id in ids if entry_id in shown]


def _of(contact_id: int | None) -> Expression:
    return Conversation.id.is_null(False) if contact_id is None else Conversation.contact_id == contact_id


def _found_entries(ids: Sequence[int], query: Query) -> list[FoundEntry]:
    texts = entry_texts.of_entries(ids)
    rows = in_order(Entry, ids)
    owners = dict(
        tuples(
            Conversation.select(Conversation.id, Conversation.contact_id).where(
                Conversation.id.in_([row.conversation_id for row in rows])
            )
        )
    )
    contacts = contact_book.names(set(owners.values()))
    found = []
    for row in rows:
        text = texts[row.id]
        found.append(
            FoundEntry(
                entry_id=row.id,
                conversation_id=row.conversation_id,
                thread_id=row.thread_id,
                contact=contacts[owners[row.conversation_id]],
                direction=Direction(row.direction),
                author_name=text.author[0],
                author_address=text.author[1],
                at_ms=row.at_ms,
                subject=marked(text.subject, query, Field.SUBJECT),
                excerpt=excerpt(text.text, query),
                attached=bool(text.files),
            )
        )
    return found


def _living(ids: Sequence[int]) -> list[ContactView]:
    return contact_book.views([row for row in in_order(Contact, ids) if row.deleted_at_ms is None])


def _document(view: ContactView) -> Searched:
    details = view.details
    return contact_document(details.name, details.organization, details.phone, details.addresses)
