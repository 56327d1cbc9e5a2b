"""G4: a user who leaves a location, on both databases."""

import pytest
from mails import a_mail
from store import Person, Store

from crm_store import bcc_addresses, members
from crm_store.errors import NotFound
from crm_store.models.captures import Capture
from crm_store.rules.states import Role

DAY_MS = 86_400_000


@pytest.fixture
def eka(store: Store, ani: Person) -> Person:
    """An admin of Ani's location, who stays."""
    return store.user("eka@firma.example", ani.location_id, Role.ADMIN)


def answers(store: Store, person: Person) -> list[bool]:
    """Whether each BCC address of the person still records what comes."""
    return [one.works for one in bcc_addresses.targets([person.bcc], now_ms=store.now_ms)]


def test_the_bcc_address_dies_at_once_and_history_stays(store: Store, ani: Person, eka: Person):
    store.capture(a_mail(), ani.bcc)
    before = store.conversations(eka), store.entries(eka)
    members.remove(eka.access, ani.location_id, ani.user_id, now_ms=store.now_ms)

    assert answers(store, ani) == [False]
    store.capture(a_mail(text="Lain"), ani.bcc)
    assert (store.conversations(eka), store.entries(eka)) == before
    *_, late = Capture.select().order_by(Capture.id)
    assert (late.state, late.rule, late.blob_sha256) == ("ignored", "C1", None)
    with pytest.raises(NotFound):
        members.remove(eka.access, ani.location_id, ani.user_id, now_ms=store.now_ms)


def test_mail_that_was_taken_before_they_left_is_still_recorded(store: Store, ani: Person, eka: Person):
    store.receive(a_mail(), ani.bcc)
    members.remove(eka.access, ani.location_id, ani.user_id, now_ms=store.now_ms)
    store.worker.work()
    (capture,) = Capture.select()
    assert capture.state == "recorded"
    assert len(store.entries(eka)) == 1


def test_a_shown_address_answers_for_a_year_more_and_one_never_shown_no_more(store: Store, ani: Person, eka: Person):
    bagus = store.user("bagus@firma.example", ani.location_id)
    store.capture(a_mail(cc=ani.bcc), ani.bcc)
    for person in (ani, bagus):
        members.remove(eka.access, ani.location_id, person.user_id, now_ms=store.now_ms)
    until = {row.address: row.answer_until_ms for row in bcc_addresses.changes_since(0)[0]}
    assert until[ani.bcc] == store.now_ms + 365 * DAY_MS
    assert until[bagus.bcc] == store.now_ms


@pytest.mark.parametrize(("days", "outcome"), [(89, ("ignored", "B5")), (91, ("recorded", "C2"))])
def test_their_address_stays_internal_for_ninety_days(store: Store, ani: Person, eka: Person, days, outcome):
    members.remove(eka.access, ani.location_id, ani.user_id, now_ms=store.now_ms - days * DAY_MS)
    store.capture(a_mail("Eka <eka@firma.example>", to="ani@firma.example"), eka.bcc)
    (capture,) = Capture.select()
    assert (capture.state, capture.rule) == outcome


def test_who_comes_back_gets_a_new_address_and_sees_history_again(store: Store, ani: Person, eka: Person):
    store.capture(a_mail(), ani.bcc)
    members.remove(eka.access, ani.location_id, ani.user_id, now_ms=store.now_ms)
    again = store.user("ani@firma.example", ani.location_id, user_id=ani.user_id)
    assert again.bcc != ani.bcc
    assert answers(store, ani) == [False]
    assert len(store.entries(again)) == 1
