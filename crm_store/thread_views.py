"""A conversation as people read it: its threads, the one with the newest mail first, each with its latest mails."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from crm_store import conversations
from crm_store.access import Access
from crm_store.database.rows import in_order
from crm_store.entry_views import EntryView, entry_views
from crm_store.errors import NotFound
from crm_store.models.contacts import Conversation, Thread
from crm_store.models.messages import Entry
from crm_store.paging import Order, Page, PageRequest, page, sieved


@dataclass(frozen=True, slots=True)
class ReadThread:
    """entries: the latest ones, oldest first. earlier: the cursor of those before them; None where these are all."""

    id: int
    conversation_id: int
    subject: str
    entries: list[EntryView]
    earlier: str | None


def of_conversation(
    access: Access, conversation_id: int, request: PageRequest, *, latest: Sequence[int]
) -> Page[ReadThread]:
    """latest: how many mails of each thread, in the order of the page; the last number is of all further ones.

    Raises: NotFound, Invalid."""
    conversation = conversations.row(access, conversation_id)
    order = Order([(Thread.conversation_id, conversation.id)], [Thread.last_entry_at_ms, Thread.id], newest_first=True)

    def shape(rows: Sequence[Thread]) -> list[ReadThread]:
        most = [*latest, *[latest[-1]] * len(rows)]
        found = [(row, _entry_ids(row.id, PageRequest(most[at]))) for at, row in enumerate(rows)]
        return _read(access, conversation, found)

    return page(Thread.select().where(Thread.last_entry_at_ms.is_null(False)), order, request, shape)


def thread(access: Access, thread_id: int, request: PageRequest) -> ReadThread:
    """One thread; request: of its entries, newest first. Raises: NotFound, Invalid."""
    mine = Thread.location_id.in_(access.location_ids())
    row: Thread | None = Thread.get_or_none((Thread.id == thread_id) & mine & Thread.last_entry_at_ms.is_null(False))
    if row is None:
        raise NotFound("no such thread")
    conversation = conversations.row(access, row.conversation_id)
    return _read(access, conversation, [(row, _entry_ids(thread_id, request))])[0]


def titles(access: Access, conversation_id: int, request: PageRequest) -> Page[tuple[int, str]]:
    """Id and subject of each thread, the one with the newest mail first. Raises: NotFound, Invalid."""
    conversation = conversations.row(access, conversation_id)
    here = [(Thread.conversation_id, conversation.id)]
    order = Order(here, [Thread.last_entry_at_ms, Thread.id], newest_first=True)
    shown = Thread.select().where(Thread.last_entry_at_ms.is_null(False))
    return page(shown, order, request, lambda rows: [(row.id, row.subject) for row in rows])


def _entry_ids(thread_id: int, request: PageRequest) -> Page[int]:
    order = Order([(Entry.thread_id, thread_id)], [Entry.at_ms, Entry.id], newest_first=True)
    return sieved(Entry.select(), order, Entry.removed_at_ms.is_null(), request, list)


def _read(access: Access, conversation: Conversation, found: Sequence[tuple[Thread, Page[int]]]) -> list[ReadThread]:
    """All of their entries together, at the cost of one page of them."""
    ids = [entry_id for _, entries in found for entry_id in entries.items]
    views = {view.id: view for view in entry_views(access, in_order(Entry, ids), conversation)}
    return [
        ReadThread(
            id=row.id,
            conversation_id=row.conversation_id,
            subject=row.subject,
            entries=[views[entry_id] for entry_id in reversed(entries.items)],
            earlier=entries.next,
        )
        for row, entries in found
    ]
