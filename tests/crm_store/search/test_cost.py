"""What a question costs does not grow with what there is: shelves that are asked and rows that are read, counted."""

from collections.abc import Callable, Iterator

import pytest
from peewee import QueryEvent
from query_cost import cost_of
from store import Person, Store

from crm_store.database import engine
from crm_store.models.search import Searchable
from crm_store.search import shelving, walking
from crm_store.search.query import parse
from crm_store.search.walking import next_ones

SHELF = 16
LIMIT = 8
ABOVE_ALL = 2**62


@pytest.fixture
def put(store: Store, ani: Person, monkeypatch: pytest.MonkeyPatch) -> Callable[[int, int], None]:
    """Words of entries number after + 1 … upto. No mails: nothing but the index is asked."""
    monkeypatch.setattr(shelving, "SHELF", SHELF)
    if engine.on_sqlite():
        engine.database.execute_sql("PRAGMA foreign_keys = OFF")
    else:
        engine.database.execute_sql("SET session_replication_role = replica")
    others = store.location("Lain")

    def these(after: int, upto: int) -> None:
        with engine.database.atomic():
            for number in range(after + 1, upto + 1):
                words = ["", "dan", "genap" if number % 2 == 0 else "ganjil", f"nomor{number}"]
                where = others if number % 4 == 0 else ani.location_id
                shelving.put_newest(Searchable.ENTRY, where, number, words)

    return these


QUESTIONS = ("dan", "dan ganjil ", "nomor", "-nomor1 ", "dan -genap")


def test_words_that_many_have_cost_the_same_in_twice_as_much(ani: Person, put: Callable[[int, int], None]):
    def costs() -> dict[str, tuple[int, int]]:
        return {q: (_asked(ani.location_id, q), cost_of(lambda q=q: _page(ani.location_id, q)).work) for q in QUESTIONS}

    put(0, 256)  # as many whole shelves there are for three of four
    before = costs()
    put(256, 512)
    after = costs()
    for q, (asked, work) in after.items():
        assert asked == 1, q
        assert work <= 1.3 * before[q][1] + 60, (q, before[q], work)


def test_what_hardly_anything_has_is_looked_for_on_so_many_shelves_a_page(
    ani: Person, put: Callable[[int, int], None], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(walking, "MOST_SHELVES", 5)
    put(0, 400)
    assert _page(ani.location_id, "nomor9999 ").ids == []
    assert _asked(ani.location_id, "ganjil genap ") == 5
    below_id: int | None = ABOVE_ALL
    pages = 0
    found: list[int] = []
    while below_id is not None:
        stretch = next_ones(Searchable.ENTRY, ani.location_id, parse("nomor1 "), below_id, LIMIT)
        below_id, pages, found = stretch.below_id, pages + 1, found + stretch.ids
    assert (found, pages) == ([1], 4)


def test_the_index_is_what_answers(ani: Person, put: Callable[[int, int], None]):
    """With tables that are small, and with statistics that say they are not."""
    put(0, 200)
    for _ in range(2):
        plans = "\n".join(_plans(ani.location_id, "dan ganjil"))
        if engine.on_sqlite():
            assert "entry_words_index VIRTUAL TABLE INDEX" in plans
            assert "TEMP B-TREE" not in plans
        else:
            assert "Bitmap Index Scan on entry_words_index" in plans
            assert "Seq Scan" not in plans
        engine.database.execute_sql("ANALYZE")


def _page(location_id: int, q: str) -> walking.Stretch:
    return next_ones(Searchable.ENTRY, location_id, parse(q), ABOVE_ALL, LIMIT)


def _asked(location_id: int, q: str) -> int:
    """How many shelves."""
    return len(_index_queries(location_id, q))


def _index_queries(location_id: int, q: str) -> list[QueryEvent]:
    queries: list[QueryEvent] = []
    hooks = engine.database.obj.query_hooks
    hooks.append(queries.append)
    _page(location_id, q)
    hooks.remove(queries.append)
    return [query for query in queries if "@@" in query.sql or " MATCH " in query.sql]


def _plans(location_id: int, q: str) -> Iterator[str]:
    explain = "EXPLAIN QUERY PLAN " if engine.on_sqlite() else "EXPLAIN "
    for query in _index_queries(location_id, q):
        with walking._bitmap_scans():
            rows = engine.database.execute_sql(explain + query.sql, query.params).fetchall()
        yield "\n".join(str(row[-1]) for row in rows)
