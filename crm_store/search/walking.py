"""Asks the index for a query, shelf by shelf, the newest first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice

from crm_store.database.engine import database, on_sqlite
from crm_store.database.rows import tuples
from crm_store.models.search import Searchable, SearchShelf
from crm_store.paging import Order, Stretch, along
from crm_store.search.documents import ATTACHED, marked
from crm_store.search.query import Query, Term
from crm_store.search.shelving import on_shelf, table_of

# What one page may cost where hardly anything fits: each shelf is one look into the index.
MOST_SHELVES = 256
_FIRST_SHELVES = 4


def next_ones(kind: Searchable, location_id: int, query: Query, below_id: int, limit: int) -> Stretch:
    """The location's newest with a lower id than below_id. Where phrases are asked for, those that have their words
    somewhere."""
    found: list[int] = []
    with _bitmap_scans():
        for shelf_id, low_id in islice(_shelves(kind, location_id, below_id), MOST_SHELVES):
            found += _on_shelf(kind, shelf_id, query, below_id, limit - len(found))
            below_id = low_id
            if len(found) >= limit:
                return Stretch(found, found[-1])
        nothing_is_left = next(_shelves(kind, location_id, below_id), None) is None
    return Stretch(found, None if nothing_is_left else below_id)


def _shelves(kind: Searchable, location_id: int, below_id: int) -> Iterator[tuple[int, int]]:
    """Ids, and low_ids, of those that have something below it, the newest first: mostly the first few are enough."""
    newest_first = Order(
        [(SearchShelf.location_id, location_id), (SearchShelf.kind, str(kind))], [SearchShelf.low_id], newest_first=True
    )
    at_once = _FIRST_SHELVES
    while True:
        listed = SearchShelf.select(SearchShelf.id, SearchShelf.low_id)
        shelves = list(tuples(along(listed, newest_first, limit=at_once, last=[below_id])))
        yield from shelves
        if len(shelves) < at_once:
            return
        below_id = shelves[-1][1]
        at_once = MOST_SHELVES


def _on_shelf(kind: Searchable, shelf_id: int, query: Query, below_id: int, limit: int) -> Iterator[int]:
    """SQLite walks the index from its end; PostgreSQL's has no order, so all that one shelf has is sorted."""
    name = table_of(kind)._meta.table_name
    if on_sqlite():
        sql, asked = _SQLITE[name], _fts5(shelf_id, query)
    else:
        sql, asked = _POSTGRESQL[name], _tsquery(shelf_id, query)
    return (row_id for (row_id,) in database.execute_sql(sql, (asked, below_id, limit)).fetchall())


_NAMES = [table_of(kind)._meta.table_name for kind in Searchable]
# Each with a table's name, and values bound.
_SQLITE = {
    name: f'SELECT rowid FROM "{name}_index" WHERE "{name}_index" MATCH ? AND rowid < ? ORDER BY rowid DESC LIMIT ?'  # noqa: S608
    for name in _NAMES
}
# Apart from its order, or the planner walks along the ids and looks at the words of each.
_POSTGRESQL = {
    name: f'WITH found AS MATERIALIZED (SELECT "id" FROM "{name}" WHERE "words" @@ %s::tsquery)'  # noqa: S608
    ' SELECT "id" FROM found WHERE "id" < %s ORDER BY "id" DESC LIMIT %s'
    for name in _NAMES
}


def _fts5(shelf_id: int, query: Query) -> str:
    wanted, unwanted = _index_words(query)
    asked = " AND ".join(f'"{on_shelf(shelf_id, word)}"{" *" if is_open else ""}' for word, is_open in wanted)
    return f"({asked})" + "".join(f' NOT "{on_shelf(shelf_id, word)}"' for word in unwanted)


def _tsquery(shelf_id: int, query: Query) -> str:
    wanted, unwanted = _index_words(query)
    asked = [f"'{on_shelf(shelf_id, word)}'{':*' if is_open else ''}" for word, is_open in wanted]
    return " & ".join([*asked, *(f"!'{on_shelf(shelf_id, word)}'" for word in unwanted)])


def _index_words(query: Query) -> tuple[Sequence[tuple[str, bool]], Sequence[str]]:
    """What is to be there, and whether that may go on; and what is not. Words that are to stand together but must not,
    or may go on and must not, are left to who looks at the text."""
    wanted = [pair for term in query.all_of for pair in _wanted(term)]
    unwanted = [word for term in query.none_of if len(term.words) == 1 and not term.is_open for word in marked(term)]
    if query.attached is not None:
        (wanted.append((ATTACHED, False)) if query.attached else unwanted.append(ATTACHED))
    return wanted or [("", False)], unwanted


def _wanted(term: Term) -> list[tuple[str, bool]]:
    *whole, last = marked(term)
    return [*((word, False) for word in whole), (last, term.is_open)]


@contextmanager
def _bitmap_scans() -> Iterator[None]:
    """PostgreSQL reads a GIN index in no other way; and we do not let it where other indexes do (engine.py)."""
    if on_sqlite():
        yield
        return
    with database.atomic():
        database.execute_sql("SET LOCAL enable_bitmapscan = on")
        yield
        database.execute_sql("SET LOCAL enable_bitmapscan = off")
