"""F4: who changed what, told to a location's admins, on both databases."""

import pytest
from store import Person, Store

from crm_store import audit, contact_book, contact_changes, locations
from crm_store.contact_book import ContactDetails
from crm_store.errors import Forbidden, Invalid, NotFound
from crm_store.paging import PageRequest
from crm_store.rules.states import Role


@pytest.fixture
def eka(store: Store, ani: Person) -> Person:
    """An admin of Ani's location."""
    return store.user("eka@firma.example", ani.location_id, Role.ADMIN)


def test_the_latest_change_comes_first_with_its_doer_and_what_the_command_line_did_has_none(
    store: Store, ani: Person, eka: Person
):
    contact = contact_book.add(ani.access, ani.location_id, ContactDetails(["x@x.example"]), now_ms=store.now_ms + 1)
    contact_changes.delete(eka.access, contact.id, now_ms=store.now_ms + 2)

    told = audit.list_for(eka.access, ani.location_id, PageRequest()).items
    assert [(one.what, one.who.name if one.who else None, one.subject) for one in told] == [
        ("contact.delete", "eka", f"contact {contact.id}"),
        ("contact.add", "ani", f"contact {contact.id}"),
        ("member.put", None, f"user {eka.user_id} as admin"),
        ("member.put", None, f"user {ani.user_id} as user"),
        ("location.add", None, f"location {ani.location_id}"),
    ]
    assert told[0].at_ms == store.now_ms + 2
    assert told[0].who == audit.Actor(eka.user_id, "eka")


def test_pages_follow_each_other_without_a_gap(store: Store, ani: Person, eka: Person):
    for number in range(5):
        locations.change(eka.access, ani.location_id, {"retention_days": 30 + number}, now_ms=store.now_ms)
    all_at_once = audit.list_for(eka.access, ani.location_id, PageRequest()).items
    found, after = [], None
    while True:
        page = audit.list_for(eka.access, ani.location_id, PageRequest(3, after))
        found += page.items
        after = page.next
        if after is None:
            break
    assert found == all_at_once
    assert len(found) == 8
    with pytest.raises(Invalid):
        audit.list_for(eka.access, ani.location_id, PageRequest(3, "x"))


def test_it_is_for_admins_of_the_location_only(store: Store, ani: Person, eka: Person):
    dewi = store.user("dewi@firma.example", store.location("Toko Dewi"), Role.ADMIN)
    olga = store.user("olga@firma.example", ani.location_id, Role.OPERATOR)
    for person in (ani, olga):
        with pytest.raises(Forbidden):
            audit.list_for(person.access, ani.location_id, PageRequest())
    with pytest.raises(NotFound):
        audit.list_for(dewi.access, ani.location_id, PageRequest())
    assert {one.subject for one in audit.list_for(dewi.access, dewi.location_id, PageRequest()).items} == {
        f"location {dewi.location_id}",
        f"user {dewi.user_id} as admin",
    }
