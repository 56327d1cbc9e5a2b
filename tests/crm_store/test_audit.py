"""F4: who changed what, told to a location's admins, on both databases."""

import pytest
from store import Person, Store

from crm_store import audit, contact_book, contact_changes, locations, tokens, users
from crm_store.contact_book import ContactDetails
from crm_store.errors import Forbidden, Invalid, NotFound
from crm_store.paging import PageRequest
from crm_store.rules.states import Role
from crm_store.users import UserSettings


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


def test_a_token_is_told_in_each_location_that_it_opens(store: Store, ani: Person, eka: Person):
    dewi = store.user("dewi@firma.example", store.location("Toko Dewi"), Role.ADMIN)
    store.user(ani.email, dewi.location_id, user_id=ani.user_id)
    tokens.create(ani.user_id, installation_admin=False, by=None, now_ms=store.now_ms)
    tokens.create(eka.user_id, installation_admin=True, by=eka.user_id, now_ms=store.now_ms)

    def told(person: Person) -> list[tuple[str, str]]:
        changes = audit.list_for(person.access, person.location_id, PageRequest()).items
        return [(one.subject, one.why) for one in changes if one.what == "token.create"]

    of_ani = (f"token 1 of user {ani.user_id}", "")
    assert told(eka) == [(f"token 2 of user {eka.user_id}", "for the whole installation"), of_ani]
    assert told(dewi) == [of_ani]


def test_a_token_of_nobodys_member_is_told_at_the_command_line_alone(store: Store, ani: Person, eka: Person):
    root = users.add("root@x.example", UserSettings("Root"), password_hash=None, by=None, now_ms=store.now_ms)
    tokens.create(root.id, installation_admin=True, by=None, now_ms=store.now_ms)

    assert "token.create" not in {one.what for one in audit.list_for(eka.access, ani.location_id, PageRequest()).items}
    (newest,) = audit.latest(None, 1)
    assert (newest.what, newest.location_id) == ("token.create", None)


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
