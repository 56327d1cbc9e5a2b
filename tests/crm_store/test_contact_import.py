"""What filing people costs where a location has many contacts, and who may hold an import; on both databases."""

import pytest
from connected_account import SEALER, connection_of
from query_cost import cost_of
from store import Person as User
from store import Store

from crm_store import (
    connection_work,
    contact_book,
    contact_changes,
    contact_import,
    contact_import_work,
    imported_people,
)
from crm_store.access import Access
from crm_store.contact_import import Place
from crm_store.contact_import_work import HeldImport, ImportLost
from crm_store.database import engine
from crm_store.database.session import writing
from crm_store.errors import NotFound
from crm_store.models.connections import Connection
from crm_store.models.contact_import import ContactImport
from crm_store.paging import PageRequest
from crm_store.rules.contact_import import Card, Person


def people(numbers: range, *, name: str = "Orang") -> list[Person]:
    return [
        Person(
            f"people/c{number}",
            card=Card(f"{name} {number}", "0811"),
            addresses={f"orang{number}@luar.example": f"orang{number}@luar.example"},
        )
        for number in numbers
    ]


def file(held: HeldImport, persons: list[Person], *, now_ms: int, then: Place | None = None) -> None:
    with writing():
        contact_import.file(held, persons, then, capture_domains=["capture.localhost"], now_ms=now_ms)


@pytest.fixture
def held(store: Store, ani: User) -> HeldImport:
    """The import of a connection of ani's."""
    connection_of(ani.user_id, ani.location_id, now_ms=store.now_ms)
    contact_import_work.take_wishes(now_ms=store.now_ms)
    (turn,) = contact_import_work.hand_out(10, "test", now_ms=store.now_ms)
    connection_id = contact_import_work.begin(turn, now_ms=store.now_ms)
    assert connection_id is not None
    access = connection_work.open_mailbox(connection_id, SEALER)
    assert access is not None
    return contact_import_work.held(turn, access)


def test_what_filing_costs_does_not_grow_with_the_contacts(store: Store, ani: User, held: HeldImport):
    """Counted: new people, people who changed, people who did not; a merge; the lists and the sweeps."""
    calls = {
        "new": lambda: file(held, people(range(90_000, 90_010)), now_ms=store.now_ms),
        "changed": lambda: file(held, people(range(10), name="Baru"), now_ms=store.now_ms),
        "as before": lambda: file(held, people(range(10)), now_ms=store.now_ms),
        "hand out": lambda: contact_import_work.hand_out(5, "other", now_ms=store.now_ms + 10**7),
        "suggestions": lambda: imported_people.suggestions(ani.access, ani.location_id, PageRequest(50)),
        "merge": lambda: contact_changes.merge(ani.access, 2, into=1, now_ms=store.now_ms),
    }
    work: list[dict[str, int]] = []
    for numbers in (range(150), range(150, 1_050)):
        file(held, people(numbers), now_ms=store.now_ms)
        if not engine.on_sqlite():
            engine.database.execute_sql("ANALYZE")
        costs = {name: cost_of(call) for name, call in calls.items()}
        work.append({name: cost.work for name, cost in costs.items()})
    assert {name: cost.walks for name, cost in costs.items()} == {name: [] for name in calls}
    assert all(after <= 2.6 * work[0][name] + 200 for name, after in work[1].items()), work
    assert work[1]["as before"] * 3 < work[1]["new"]


def test_nobody_writes_who_does_not_hold_it(store: Store, ani: User, held: HeldImport):
    """Neither with another epoch, nor when it is another run's, nor when contacts are not wanted."""

    def refused() -> None:
        with pytest.raises(ImportLost):
            file(held, people(range(1)), then=Place("token", None), now_ms=store.now_ms)

    Connection.update(epoch=2).execute()
    refused()
    Connection.update(epoch=1, import_contacts=False).execute()
    refused()
    Connection.update(import_contacts=True).execute()
    ContactImport.update(lease_holder="another").execute()
    refused()
    assert contact_book.list_for(ani.access, ani.location_id, PageRequest(), address=None).items == []
    assert contact_import_work.progress(held.import_id).sync_token is None
    ContactImport.update(lease_holder=held.holder).execute()
    file(held, people(range(1)), then=Place("token", None), now_ms=store.now_ms)
    assert contact_import_work.progress(held.import_id).sync_token == "token"


def test_suggestions_are_the_locations_own(store: Store, ani: User):
    with pytest.raises(NotFound):
        imported_people.suggestions(Access(ani.user_id, {}), ani.location_id, PageRequest())
