"""What an import goes through when Google, the network or its user comes in between. Mail is not held up by it."""

from collections.abc import Callable

import pytest
from google_contacts import Book

from crm_store import connections, contact_import_work
from crm_store.clock import now_ms
from crm_store.models.connections import Connection
from crm_store.models.contacts import ContactAddress
from crm_store.rules.contact_import import Card, Person
from syncer.contacts.import_contacts import import_contacts
from syncer.contacts.remote import PeoplePage
from syncer.errors import Rejected
from syncer.gmail import people

# What Google and the user do is the same on both databases; what becomes of it in rows is in test_import.py.
pytestmark = pytest.mark.parametrize("followed_settings", ["sqlite"], indirect=True, scope="module")


class Told:
    """A page as Google would tell it. then: done while it is on its way."""

    def __init__(self, *persons: Person, next_page: str | None = None, then: Callable[[], object] = lambda: None):
        self.told, self.then = PeoplePage(persons, next_page, None if next_page else "token"), then

    def page(self, _sync_token: str | None, _page_token: str | None) -> PeoplePage:
        self.then()
        return self.told


def a_person(name: str, resource: str = "people/c1", **card: str) -> Person:
    return Person(resource, card=Card(name, **card), addresses={f"{name.lower()}@luar.example": f"{name}@luar.example"})


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param({"status": 503}, id="503"),
        pytest.param({"drop": True, "times": 2}, id="dropped connections"),
        pytest.param({"status": 401, "reason": "authError", "times": 2}, id="401"),
        pytest.param({"status": 429, "reason": "rateLimitExceeded"}, id="429"),
        pytest.param({"status": 403, "reason": "userRateLimitExceeded"}, id="quota 403"),
        pytest.param({"status": 403, "reason": "accessNotConfigured"}, id="the People API is not switched on"),
        pytest.param({"status": 403, "reason": "domainPolicy"}, id="an administrator"),
        pytest.param({"status": 400, "reason": "invalidArgument"}, id="400"),
    ],
)
def test_trouble_passes_and_is_none_of_the_connection(ani: Book, fault: dict[str, object]):
    """facts/gmail.md 1.7."""
    ani.add("Budi", "budi@luar.example")
    ani.fault(**fault)
    assert ani.run_due() == [False]
    assert ani.run_due() == []  # it waits
    view = connections.get(ani.mailbox.access, ani.mailbox.place_id, now_ms=now_ms())
    assert (view.state, view.problem, ani.row.attempts) == ("active", None, 1)
    ani.mailbox.later(86_400)
    ani.sync()
    assert ani.names() == ["Budi"]


def test_it_waits_as_long_as_google_says(ani: Book):
    """The first page of a full reading has a quota of its own (facts/gmail.md 1.10). Who asks for mail breaks no pause."""
    ani.add("Budi", "budi@luar.example")
    ani.fault(status=429, reason="rateLimitExceeded", headers={"Retry-After": "900"})
    ani.run_due()
    ani.mailbox.later(880)
    connections.want_sync(ani.mailbox.access, ani.mailbox.place_id, now_ms=now_ms())
    contact_import_work.take_wishes(now_ms=ani.mailbox.now_ms())
    assert ani.run_due() == []
    ani.mailbox.later(30)
    assert ani.run_due() == [True]


def test_without_the_permission_contacts_are_off_and_mail_goes_on(ani: Book):
    """The user reads so; signing in again, with the permission, is all it takes."""
    mailbox = ani.mailbox
    ani.add("Budi", "budi@luar.example")
    scopes = mailbox.row.scopes
    Connection.update(scopes="openid email https://www.googleapis.com/auth/gmail.modify").where(
        Connection.id == mailbox.row.id
    ).execute()
    mailbox.sandbox.forget_calls()
    ani.run_due()
    mailbox.sync()
    view = connections.get(mailbox.access, mailbox.place_id, now_ms=now_ms())
    assert (view.state, view.problem, ani.calls) == ("active", "contacts_permission", 0)
    Connection.update(scopes=scopes, sync_wanted_at_ms=now_ms()).where(Connection.id == mailbox.row.id).execute()
    contact_import_work.take_wishes(now_ms=mailbox.now_ms())
    assert ani.run_due() == [True]
    view = connections.get(mailbox.access, mailbox.place_id, now_ms=now_ms())
    assert (view.problem, ani.names()) == (None, ["Budi"])


def test_a_permission_that_was_taken_away_at_google_is_told(ani: Book):
    ani.fault(status=403, reason="insufficientPermissions")
    ani.run_due()
    assert connections.get(ani.mailbox.access, ani.mailbox.place_id, now_ms=now_ms()).problem == "contacts_permission"


def test_whoever_does_not_want_contacts_gets_none_and_may_want_them_again(ani: Book):
    mailbox = ani.mailbox
    ani.add("Budi", "budi@luar.example")
    ani.sync()

    def want(wanted: bool) -> None:
        connections.change(mailbox.access, mailbox.place_id, {"import_contacts": wanted}, now_ms=now_ms())

    ani.add("Citra", "citra@luar.example")
    want(False)
    mailbox.later(60)
    mailbox.sandbox.forget_calls()
    ani.run_due()
    ani.run_due()
    assert (ani.names(), ani.calls) == (["Budi"], 0)
    want(True)
    ani.sync()
    assert ani.names() == ["Budi", "Citra"]


@pytest.mark.parametrize("ends", ["disconnected", "not wanted any more"])
def test_what_is_on_its_way_when_it_ends_is_not_written(ani: Book, ends: str):
    """A4: with its epoch, as mail."""
    mailbox = ani.mailbox

    def end() -> None:
        if ends == "disconnected":
            connections.disconnect(mailbox.access, mailbox.place_id, mailbox.engine.sealer, now_ms=now_ms())
        else:
            connections.change(mailbox.access, mailbox.place_id, {"import_contacts": False}, now_ms=now_ms())

    assert ani.run_with(Told(a_person("Budi"), then=end)) == [False]
    assert ani.here() == []


def test_a_reading_whose_page_is_not_known_any_more_begins_again_and_not_at_once(
    ani: Book, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(people, "PAGE", 1)
    for name in ("Budi", "Citra"):
        ani.add(name, f"{name}@luar.example")
    ani.run_due()
    ani.fault(status=400, reason="invalidArgument")
    assert ani.run_due() == [False]
    assert (ani.row.page_token, ani.run_due()) == (None, [])
    ani.mailbox.later(900)
    ani.sync()
    assert ani.names() == ["Budi", "Citra"]


def test_a_token_that_google_calls_wrong_and_not_expired_does_not_hold_it_up(ani: Book):
    ani.add("Budi", "budi@luar.example")
    ani.sync()

    class Refusing:
        def page(self, _sync_token: str | None, _page_token: str | None) -> PeoplePage:
            raise Rejected("contacts: 400")

    assert ani.run_with(Refusing()) == [False]
    ani.mailbox.later(900)
    ani.sync()
    assert ani.names() == ["Budi"]


def test_a_turn_that_died_comes_again_and_one_that_is_over_does_nothing(ani: Book):
    mailbox = ani.mailbox
    ani.add("Budi", "budi@luar.example")
    contact_import_work.find_forgotten(after=mailbox.row.id - 1, now_ms=mailbox.now_ms())
    (died,) = contact_import_work.hand_out(10, mailbox.engine.name, now_ms=mailbox.now_ms())
    assert ani.run_due() == []  # one holds it
    mailbox.later(130)
    assert ani.run_due() == [True]
    assert import_contacts(mailbox.engine, died) is False
    mailbox.later(6)
    (begun,) = contact_import_work.hand_out(10, mailbox.engine.name, now_ms=mailbox.now_ms())
    assert contact_import_work.free(mailbox.engine.name, now_ms=mailbox.now_ms()) == 1  # its process was started again
    assert import_contacts(mailbox.engine, begun) is False
    assert ani.run_due() == [True]
    assert ani.names() == ["Budi"]


def test_two_runs_that_read_the_same_page_make_one_contact(ani: Book):
    """The lease of the first has ended while Google took its time."""
    remote = Told(a_person("Budi"))

    def second_run() -> None:
        remote.then = lambda: None
        ani.mailbox.later(130)
        assert ani.run_due() == [True]

    remote.then = second_run
    assert ani.run_with(remote) == [False]
    assert ani.names() == ["Budi"]


def test_a_page_may_name_somebody_twice_and_two_people_with_one_address(ani: Book):
    budi = a_person("Budi")
    twin = Person("people/c2", card=Card("Budi kedua", phone="0811"), addresses=budi.addresses)
    changed = Person("people/c1", card=Card("Budi S."), addresses=budi.addresses)
    assert ani.run_with(Told(budi, twin, changed)) == [True]
    (view,) = ani.here()
    assert (view.details.name, view.details.phone) == ("Budi S.", "0811")


def test_more_people_than_fit_into_one_transaction_are_all_filed(ani: Book):
    persons = [a_person(f"Orang{number}", f"people/c{number}") for number in range(250)]
    assert ani.run_with(Told(*persons)) == [True]
    assert ContactAddress.select().where(ContactAddress.location_id == ani.mailbox.location_id).count() == 250
    assert ani.row.sync_token == "token"


def test_one_account_is_asked_once_in_some_intervals(ani: Book):
    ani.sync()
    ani.mailbox.sandbox.forget_calls()
    for _ in range(10):
        ani.mailbox.later(1)
        ani.run_due()
    assert ani.calls == 2
