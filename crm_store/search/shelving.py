"""Puts words into the index. Call all of it in a transaction that holds the location's lock."""

from __future__ import annotations

from collections.abc import Iterable

from peewee import Case, ModelSelect

from crm_store.database.engine import database, on_sqlite
from crm_store.database.prepared import Prepared, Statement
from crm_store.models.search import ContactWords, EntryWords, Searchable, SearchShelf

SHELF = 4096  # items


def table_of(kind: Searchable) -> type[EntryWords] | type[ContactWords]:
    return EntryWords if kind is Searchable.ENTRY else ContactWords


def on_shelf(shelf_id: int, word: str) -> str:
    """The word as the index has it. No word has "_", so nothing that is asked for can be meant for another shelf."""
    return f"{shelf_id:x}_{word}"


def put_newest(kind: Searchable, location_id: int, item_id: int, words: Iterable[str]) -> None:
    """The words of an item that is newer than all that its location has."""
    room = _room_on_newest.first(location_id, kind, SHELF)
    shelf_id = _new_shelf(kind, location_id, item_id) if room is None else int(room[0])
    _write(kind, item_id, shelf_id, words)


def put_oldest(kind: Searchable, location_id: int, item_id: int, words: Iterable[str]) -> None:
    """The words of an item that is older than all of its location that have words; but it may have them already."""
    if renew(kind, item_id, words):
        return
    room = _room_on_oldest.first(location_id, kind, SHELF, item_id)
    shelf_id = _new_shelf(kind, location_id, item_id) if room is None else int(room[0])
    _write(kind, item_id, shelf_id, words)


def renew(kind: Searchable, item_id: int, words: Iterable[str]) -> bool:
    """The words that it has now, in place of those it had; whether it had any. Where not, their time is still to come
    (filling.py)."""
    table = table_of(kind)
    row = table.select(table.shelf_id).where(table.id == item_id).tuples().first()
    if row is not None:
        _write(kind, item_id, row[0], words)
    return row is not None


@Prepared
def _room_on_newest(location_id: int, kind: str, shelf: int) -> Statement:
    """The shelf that the next one goes to; none where it is full."""
    newest = _first_shelf(location_id, kind, newest_first=True)
    room = SearchShelf.update(placed=SearchShelf.placed + 1).where(
        (SearchShelf.id == newest) & (SearchShelf.placed < shelf)
    )
    return room.returning(SearchShelf.id)


@Prepared
def _room_on_oldest(location_id: int, kind: str, shelf: int, low_id: int) -> Statement:
    oldest = _first_shelf(location_id, kind, newest_first=False)
    # One that has no words though newer ones have: then it is not the lowest.
    lower = Case(None, [(SearchShelf.low_id < low_id, SearchShelf.low_id)], low_id)
    room = SearchShelf.update(placed=SearchShelf.placed + 1, low_id=lower).where(
        (SearchShelf.id == oldest) & (SearchShelf.placed < shelf)
    )
    return room.returning(SearchShelf.id)


def _first_shelf(location_id: int, kind: str, *, newest_first: bool) -> ModelSelect[SearchShelf]:
    shelves = SearchShelf.alias()
    here = shelves.select(shelves.id).where((shelves.location_id == location_id) & (shelves.kind == kind))
    return here.order_by(shelves.low_id.desc() if newest_first else shelves.low_id.asc()).limit(1)


def _new_shelf(kind: Searchable, location_id: int, item_id: int) -> int:
    return int(SearchShelf.insert(location_id=location_id, kind=kind, low_id=item_id, placed=1).execute())


def _write(kind: Searchable, item_id: int, shelf_id: int, words: Iterable[str]) -> None:
    shelved = " ".join(sorted(words))
    first = on_shelf(shelf_id, "")
    bound = first + shelved.replace(" ", f" {first}")
    table = table_of(kind)._meta.table_name
    database.execute_sql(_UPSERT_ON_SQLITE[table] if on_sqlite() else _UPSERT[table], (item_id, shelf_id, bound))


def _upsert(table: str, place: str, words: str) -> str:
    return (
        f'INSERT INTO "{table}" ("id", "shelf_id", "words") VALUES ({place}, {place}, {words}) ON CONFLICT ("id")'  # noqa: S608  # a table's name
        f' DO UPDATE SET "words" = excluded."words" WHERE "{table}"."words" <> excluded."words"'
    )


_NAMES = [table_of(kind)._meta.table_name for kind in Searchable]
_UPSERT_ON_SQLITE = {name: _upsert(name, "?", "?") for name in _NAMES}
_UPSERT = {name: _upsert(name, "%s", "array_to_tsvector(string_to_array(%s, ' '))") for name in _NAMES}
