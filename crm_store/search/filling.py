"""Gives words to what was there before search: newest first, a slice at a time, each one transaction. Whoever goes on
does so where the last one stopped."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

from crm_store.database.rows import tuples
from crm_store.database.session import lock_location, writing
from crm_store.models.contacts import Contact
from crm_store.models.messages import Entry
from crm_store.models.search import Searchable, SearchFill
from crm_store.search import entry_texts, keeping, shelving
from crm_store.search.documents import marked_words

SLICE = 50


@dataclass(frozen=True, slots=True)
class FillStatus:
    """filled: how many have their words since. left: how many have not, at most, as ids count them."""

    filled: int
    left: int


def sweep(*, now_ms: int) -> int:
    """One slice further; how many got their words. Safe to run by several at once: one waits for the other."""
    row = _open()
    return 0 if row is None else _fill(row.id, now_ms)


def status() -> FillStatus:
    rows = list(SearchFill.select())
    left = sum(max(0, row.below_id - 1) for row in rows if row.finished_at_ms is None)
    return FillStatus(sum(row.filled for row in rows), left)


def begin_anew() -> None:
    """Every item is to get its words once more. Call in a transaction."""
    for kind in Searchable:
        table = _TABLES[kind]
        newest = table.select(table.id).order_by(table.id.desc()).limit(1).tuples().first()
        SearchFill.update(below_id=0 if newest is None else newest[0] + 1, filled=0, finished_at_ms=None).where(
            SearchFill.kind == kind
        ).execute()


_TABLES: dict[Searchable, type[Entry] | type[Contact]] = {Searchable.ENTRY: Entry, Searchable.CONTACT: Contact}


def _open() -> SearchFill | None:
    left = SearchFill.select().where(SearchFill.finished_at_ms.is_null())
    row: SearchFill | None = left.order_by(SearchFill.id).first()
    return row


def _fill(fill_id: int, now_ms: int) -> int:
    with writing():
        # Whoever else fills waits here, and goes on behind this slice.
        SearchFill.update(filled=SearchFill.filled).where(SearchFill.id == fill_id).execute()
        row = SearchFill.get_by_id(fill_id)
        kind = Searchable(row.kind)
        table = _TABLES[kind]
        older = table.select(table.location_id, table.id).where(table.id < row.below_id)
        slice_ = list(tuples(older.order_by(table.id.desc()).limit(SLICE)))
        for location_id, items in groupby(sorted(slice_, key=lambda one: (one[0], -one[1])), key=lambda one: one[0]):
            _put(kind, location_id, [item_id for _, item_id in items])
        below_id = slice_[-1][1] if slice_ else 0
        SearchFill.update(
            below_id=below_id,
            filled=SearchFill.filled + len(slice_),
            finished_at_ms=now_ms if len(slice_) < SLICE else None,
        ).where(SearchFill.id == fill_id).execute()
    return len(slice_)


def _put(kind: Searchable, location_id: int, ids: list[int]) -> None:
    """ids: the highest first."""
    lock_location(location_id)
    words = _words(kind, ids)
    for item_id in ids:
        if item_id in words:  # it may have gone meanwhile
            shelving.put_oldest(kind, location_id, item_id, words[item_id])


def _words(kind: Searchable, ids: list[int]) -> dict[int, set[str]]:
    if kind is Searchable.CONTACT:
        return {contact_id: words for contact_id, (_, words) in keeping.contact_words(ids).items()}
    return {entry_id: marked_words(text.document) for entry_id, text in entry_texts.of_entries(ids).items()}
