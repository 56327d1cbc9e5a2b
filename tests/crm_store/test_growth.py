"""What a list, a look-up or a change costs does not depend on how much there is (design.md 7): counted, not timed.

Work is what the database touches: steps of SQLite's virtual machine, rows and index entries that PostgreSQL reads. It is
compared between a store and one of twice its size, with statistics that are long out of date and with new ones."""

from collections.abc import Callable, Mapping

import pytest
from growth_asked import Asker, List, changes, lists, look_ups
from many_messages import ROUND, Place, fill, gather_statistics
from query_cost import Cost, cost_of
from store import Person, Store

from crm_store import paging
from crm_store.database import engine
from crm_store.models.bcc import BccAddress
from crm_store.paging import PageRequest
from crm_store.rules.states import Role
from gateway.web.app import make_app

MESSAGES = 64 * ROUND
MANY_MESSAGES = 1_000_000 // (2 * ROUND) * 2 * ROUND
PAGE = 10
GROWTH = 1.3  # of the work, while the data doubles: room for a tree that gets a level more, not for a walk
DEEP_PAGES = 15
FIRST, DEEP = ", first page", ", a page deep in it"
# Of a page with all that is shown on it, or of a look at so many rows that may be shown.
MOST_STEPS = 120 * paging.MOST_LOOKED_AT
MOST_ROWS = 8 * paging.MOST_LOOKED_AT


@pytest.fixture
def asker(store: Store) -> Asker:
    person = store.user("ani@firma.example", store.location(), Role.ADMIN)
    return Asker(store, person, store.user("bagus@firma.example", person.location_id))


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page and what it may look at, small beside lists that are made in seconds."""
    monkeypatch.setattr(paging, "MAX_LIMIT", 4 * PAGE)
    monkeypatch.setattr(paging, "MOST_LOOKED_AT", 10 * PAGE)


@pytest.mark.usefixtures("small_pages")
def test_nothing_costs_more_because_there_is_more(asker: Asker):
    found = faults(asker, MESSAGES, questions)
    assert not found, "\n\n".join(found)


@pytest.mark.soak
def test_nothing_costs_more_at_a_million_messages(asker: Asker):
    found = faults(asker, MANY_MESSAGES, questions)
    assert not found, "\n\n".join(found)


@pytest.mark.usefixtures("small_pages")
@pytest.mark.parametrize(
    ("index", "question"),
    [
        ("entry_conversation_id_at_ms_id", f"/conversations/{{conversation_id}}/entries{DEEP}"),
        ("contact_address_location_id_normal_contact_id", f"/locations/{{location_id}}/contacts?address{FIRST}"),
        ("capture_recipient_user_id_location_id_capture_id", f"/locations/{{location_id}}/captures?own{FIRST}"),
        ("audit_location_id_id", f"/locations/{{location_id}}/audit{FIRST}"),
    ],
)
def test_a_list_without_its_index_is_noticed(asker: Asker, index: str, question: str):
    engine.database.execute_sql(f"DROP INDEX {index}")

    name, deep = question.removesuffix(DEEP).removesuffix(FIRST), question.endswith(DEEP)

    def that_one(asker: Asker) -> dict[str, Callable[[], object]]:
        listed = lists(asker)[name]
        return {name + FIRST: _page(listed, None), question: _page(listed, _deep(listed) if deep else None)}

    assert faults(asker, MESSAGES // 4, that_one)


def test_every_list_of_the_api_is_asked_for(asker: Asker):
    paths = make_app(asker.store.settings).openapi()["paths"]
    shown = {path for path, methods in paths.items() if "get" in methods and _is_list(methods["get"])}
    assert len(shown) > 10
    assert {f"/api/v1{name.partition('?')[0]}" for name in lists(asker)} == shown


def _is_list(operation: Mapping[str, object]) -> bool:
    return any(parameter["name"] == "after" for parameter in operation.get("parameters", ()))


Questions = Callable[[Asker], dict[str, Callable[[], object]]]


def questions(asker: Asker) -> dict[str, Callable[[], object]]:
    pages: dict[str, Callable[[], object]] = {}
    for name, listed in lists(asker).items():
        pages[name + FIRST] = _page(listed, None)
        pages[name + DEEP] = _page(listed, _deep(listed))
    return pages | look_ups(asker) | changes(asker)


def faults(asker: Asker, messages: int, asked: Questions) -> list[str]:
    """Fill the store to half and to the whole of messages, and compare what each question costs."""
    places = [_place(asker.person)]
    places += [_place(asker.store.user(f"u{n}@firma.example", asker.store.location(f"L{n}"))) for n in range(4)]
    fill(places, after=0, upto=ROUND)
    if not engine.on_sqlite():
        gather_statistics()  # as autovacuum does in time; of SQLite nobody asks for them, but an operator may
    fill(places, after=ROUND, upto=messages // 2)
    at_half = costs(asked(asker))
    fill(places, after=messages // 2, upto=messages)
    at_the_whole = asked(asker)
    with_old_statistics = costs(at_the_whole)
    gather_statistics()
    return _growth(at_half, with_old_statistics) + _growth(at_half, costs(at_the_whole))


def costs(asked: Mapping[str, Callable[[], object]]) -> dict[str, Cost]:
    return {name: cost_of(question) for name, question in asked.items()}


def _growth(before: dict[str, Cost], after: dict[str, Cost]) -> list[str]:
    most = MOST_STEPS if engine.on_sqlite() else MOST_ROWS
    found = [f"{name}: {walk}" for name, cost in after.items() for walk in cost.walks]
    for name, cost in after.items():
        print(f"{name:80} {before[name].work:8} {cost.work:8}")
        # A deep page is where it is by what was found before it: it is compared with its first.
        allowed = 2 * after[name.replace(DEEP, FIRST)].work if name.endswith(DEEP) else GROWTH * before[name].work
        if cost.work > min(most, allowed + paging.MOST_LOOKED_AT):
            found.append(f"{name}: {before[name].work} → {cost.work}")
    return found


def _page(listed: List, after: str | None) -> Callable[[], object]:
    return lambda: listed(PageRequest(PAGE, after))


def _deep(listed: List) -> str | None:
    """The `next` that leads thousands of rows into a list, or to its end where it has less."""
    after = None
    for _ in range(DEEP_PAGES):
        following = listed(PageRequest(paging.MAX_LIMIT, after)).next
        if following is None:
            break
        after = following
    return after


def _place(person: Person) -> Place:
    bcc = BccAddress.get(BccAddress.address == person.bcc)
    return Place(person.location_id, person.user_id, bcc.id)
