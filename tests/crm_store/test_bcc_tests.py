"""C1: the self-test of a BCC address turns green with the next mail, which leaves nothing behind if it was only that."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from mails import a_mail
from store import DOMAIN, Person, Store

from crm_store import bcc_addresses, bcc_tests, receiving
from crm_store.bcc_tests import BccTestView, TestState
from crm_store.database.session import connected
from crm_store.errors import Conflict
from crm_store.models.captures import Capture
from crm_store.rules.rule import Reason
from crm_store.rules.states import CaptureState

MINUTE_MS = 60_000
STRANGE_PEER = "192.0.2.7"


def begin(store: Store, person: Person) -> None:
    bcc_tests.start(person.location_id, person.user_id, by=person.user_id, now_ms=store.now_ms)


def the_test_of(store: Store, person: Person) -> BccTestView | None:
    return bcc_addresses.show(person.location_id, person.user_id, now_ms=store.now_ms).test


def a_test_mail(person: Person, **fields: str) -> bytes:
    return a_mail(person.email, to=person.bcc, subject="Uji coba", text="coba", **fields)


def test_a_mail_to_the_address_alone_passes_it_and_nothing_of_it_is_kept(store: Store, ani: Person):
    assert the_test_of(store, ani) is None
    begin(store, ani)
    assert the_test_of(store, ani) == BccTestView(TestState.WAITING, store.now_ms)
    store.now_ms += MINUTE_MS
    store.receive(a_test_mail(ani), ani.bcc)
    arrived = the_test_of(store, ani)
    assert arrived is not None
    assert (arrived.state, arrived.outcome, arrived.reason) == (TestState.ARRIVED, CaptureState.RECEIVED, None)
    store.worker.work()
    assert the_test_of(store, ani) == BccTestView(
        TestState.ARRIVED, store.now_ms - MINUTE_MS, store.now_ms, CaptureState.IGNORED, "C1", Reason.SELF_TEST
    )
    (capture,) = Capture.select()
    assert (capture.blob_sha256, capture.subject, capture.author_address) == (None, None, None)
    assert store.conversations(ani) == []


def test_it_says_that_nothing_proves_the_sender(store: Store, ani: Person):
    begin(store, ani)
    store.capture(a_test_mail(ani), ani.bcc, peer=STRANGE_PEER)
    test = the_test_of(store, ani)
    assert test is not None
    assert (test.outcome, test.reason) == (CaptureState.IGNORED, Reason.SELF_TEST_UNPROVEN)


@pytest.mark.parametrize(
    ("raw", "outcome"),
    [
        pytest.param(a_mail(), CaptureState.RECORDED, id="a mail to a customer is recorded as always"),
        pytest.param(a_mail("orang@lain.example", to=None), CaptureState.HELD, id="a stranger's is held"),
        pytest.param(a_mail(to="ani@firma.example"), CaptureState.IGNORED, id="B5: to oneself"),
    ],
)
def test_any_other_mail_answers_it_too(store: Store, ani: Person, raw: bytes, outcome: CaptureState):
    begin(store, ani)
    store.capture(raw, ani.bcc)
    test = the_test_of(store, ani)
    assert test is not None
    assert (test.state, test.outcome) == (TestState.ARRIVED, outcome)
    assert test.reason not in (Reason.SELF_TEST, Reason.SELF_TEST_UNPROVEN)


def test_only_the_one_mail_that_answers_it_is_taken_for_it(store: Store, ani: Person):
    store.capture(a_test_mail(ani), ani.bcc)
    begin(store, ani)
    for _ in range(2):
        store.capture(a_test_mail(ani), ani.bcc)
    states = [row.state for row in Capture.select().order_by(Capture.id)]
    assert states == [CaptureState.HELD, CaptureState.IGNORED, CaptureState.HELD]


def test_an_hour_later_it_is_missed_and_a_day_later_forgotten(store: Store, ani: Person):
    begin(store, ani)
    began_ms = store.now_ms
    store.now_ms += bcc_tests.WAITS_MS
    assert the_test_of(store, ani) == BccTestView(TestState.MISSED, began_ms)
    store.capture(a_test_mail(ani), ani.bcc)
    (late,) = Capture.select()
    assert late.state == CaptureState.HELD
    store.now_ms = began_ms + bcc_tests.SHOWN_MS
    assert the_test_of(store, ani) is None


def test_mail_at_another_address_answers_nothing(store: Store, ani: Person):
    bcc_addresses.replace(ani.location_id, ani.user_id, DOMAIN, grace_days=3, by=None, now_ms=store.now_ms)
    begin(store, ani)
    store.capture(a_mail(), ani.bcc)
    test = the_test_of(store, ani)
    assert test is not None
    assert test.state is TestState.WAITING


def test_begun_again_it_waits_again(store: Store, ani: Person):
    begin(store, ani)
    store.capture(a_test_mail(ani), ani.bcc)
    begin(store, ani)
    assert the_test_of(store, ani) == BccTestView(TestState.WAITING, store.now_ms)


def test_what_is_switched_off_is_not_tested(store: Store, ani: Person):
    bcc_addresses.switch_off(ani.location_id, ani.user_id, by=None, now_ms=store.now_ms)
    with pytest.raises(Conflict):
        begin(store, ani)


def test_mails_at_once_leave_one_answer(store: Store, ani: Person):
    begin(store, ani)
    mails = [store.received(a_mail(ani.email, to=None, subject="Uji coba"), ani.bcc) for _ in range(6)]

    def one(number: int) -> None:
        with connected():
            receiving.receive([mails[number]], store.blobs, now_ms=store.now_ms)
            store.worker.work()

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(one, range(6)))
    test = the_test_of(store, ani)
    assert test is not None
    assert (test.state, test.outcome) == (TestState.ARRIVED, CaptureState.IGNORED)
    assert Capture.select().where(Capture.state == CaptureState.RECEIVED).count() == 0
    assert store.conversations(ani) == []
