"""C7: a bounce, its mail, and the copies of that, in whatever order they come: the same is shown and said of them."""

import hashlib
from collections.abc import Callable
from functools import partial

import pytest
from bounces import a_bounce
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from mails import a_mail
from store import Person, Store

from crm_store import capture_approval, capture_decisions, contact_book, fault_point, mailbox_filing, retention
from crm_store.bounce_reports import KEPT_MS
from crm_store.capture_approval import Choice, MailSource
from crm_store.contact_book import ContactDetails
from crm_store.database import engine
from crm_store.mail.read import read
from crm_store.mailbox_filing import MailboxMail
from crm_store.models.captures import Capture, DecisionRow
from crm_store.models.messages import BounceReport, Undelivered
from crm_store.rules.parties import parties_of
from crm_store.rules.states import Role

BUDI, CITRA = "budi@pelanggan.example", "citra@pelanggan.example"
SENT = "<tawaran@firma.example>"
ORIGINAL = a_mail(to=BUDI, message_id=SENT)
# As it is in her mailbox: its Bcc is known there alone.
IN_SENT = a_mail(to=BUDI, bcc=CITRA, message_id=SENT)
NOBODY_VOUCHES = "192.0.2.7"


def by_bcc(store: Store, person: Person, raw: bytes) -> None:
    store.receive(raw, person.bcc, mail_from="")
    store.worker.work()


def by_gmail(store: Store, person: Person, raw: bytes) -> None:
    mail = read(raw)
    parties = parties_of(mail, store.settings.capture_domains)
    sha256 = hashlib.sha256(raw).digest()
    seen = MailboxMail(person.user_id, f"g-{mail.message_id}", raw, sha256, mail, parties, store.now_ms)
    mailbox_filing.file_from_mailbox(seen, store.blobs, now_ms=store.now_ms)


def bounce(number: int, *told: tuple[str, str, str]) -> bytes:
    return a_bounce(SENT, *told, message_id=f"<b{number}@mx.example>")


COMING: dict[str, Callable[[Store, Person], None]] = {
    "its BCC copy": lambda store, person: store.capture(ORIGINAL, person.bcc) and None,
    "its copy in Sent": partial(by_gmail, raw=IN_SENT),
    "a delay, by Gmail": partial(by_gmail, raw=bounce(1, (BUDI, "delayed", "4.4.1"))),
    "a failure, by BCC": partial(by_bcc, raw=bounce(2, (BUDI, "failed", "5.1.1"), (CITRA, "delayed", "4.2.2"))),
    "another failure, by Gmail": partial(by_gmail, raw=bounce(3, (BUDI, "failed", "5.2.2"))),
    "a failure of one in Bcc, by Gmail": partial(by_gmail, raw=bounce(4, (CITRA, "failed", "5.1.1"))),
    "another location": lambda store, person: by_gmail(
        store, store.user("dewi@lain.example", store.location("Lain")), bounce(5, (BUDI, "failed", "5.1.1"))
    ),
}


def state(store: Store, person: Person) -> object:
    """What is shown on the entries, and what the ledger says."""
    entries = {entry.id: str(entry.message.message_id) for entry in store.entries(person)}
    told = [(entries[row.entry_id], row.normal, row.state, row.status, row.cause) for row in Undelivered.select()]
    ledger = [
        (
            row.message_id,
            row.path,
            row.outcome,
            row.rule,
            row.reason,
            row.location_id == person.location_id,
            entries.get(row.entry_id),
        )
        for row in DecisionRow.select().where(DecisionRow.message_id.endswith("@mx.example"))
    ]
    captures = Capture.select(Capture.message_id, Capture.state, Capture.rule, Capture.reason)
    return sorted(told), sorted(ledger, key=repr), sorted(captures.where(Capture.rule == "C7").tuples())


def in_order(store: Store, names: list[str]) -> object:
    """The state after them, in a world of their own that is gone afterwards."""
    with engine.database.atomic() as transaction:
        person = store.user("ani@firma.example", store.location(), Role.ADMIN)
        contact_book.add(person.access, person.location_id, ContactDetails([BUDI]), now_ms=store.now_ms)
        for name in names:
            COMING[name](store, person)
        found = state(store, person)
        transaction.rollback()
    return found


@settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(order=st.permutations(list(COMING)), kept=st.integers(2, len(COMING)))
def test_the_state_is_the_same_in_whatever_order_they_come(store: Store, order: list[str], kept: int):
    some = order[:kept]
    assert in_order(store, some) == in_order(store, sorted(some))


def held(store: Store, person: Person) -> Capture:
    store.capture(ORIGINAL, person.bcc, peer=NOBODY_VOUCHES)
    capture: Capture = Capture.get(Capture.state == "held")
    return capture


def test_a_bounce_of_a_mail_that_waits_in_the_queue_is_shown_when_that_is_let_in_and_let_in_again(store: Store):
    ani = store.user("ani@firma.example", store.location(), Role.ADMIN)
    capture = held(store, ani)
    by_gmail(store, ani, bounce(1, (BUDI, "failed", "5.1.1")))
    by_bcc(store, ani, bounce(2, (BUDI, "failed", "5.1.1")))
    (ledger,) = DecisionRow.select().where(DecisionRow.message_id == "b1@mx.example")
    assert (ledger.rule, ledger.reason, ledger.location_id) == ("C7", "about-other-mail", None)
    for _ in range(2):
        source = MailSource(store.blobs, store.settings.capture_domains)
        capture_approval.approve(ani.access, capture.id, Choice(), source, now_ms=store.now_ms)
        (entry,) = store.entries(ani)
        assert entry.delivery is not None
        (ledger,) = DecisionRow.select().where(DecisionRow.message_id == "b1@mx.example")
        assert (ledger.reason, ledger.location_id, ledger.entry_id) == ("bounce-shown", ani.location_id, entry.id)
        capture_decisions.undo(ani.access, capture.id, now_ms=store.now_ms)
        assert not Undelivered.select().exists()
        ledger = DecisionRow.select().where(DecisionRow.message_id.in_(["b1@mx.example", "b2@mx.example"]))
        assert {(row.reason, row.entry_id) for row in ledger} == {("about-other-mail", None)}
        assert {row.reason for row in Capture.select().where(Capture.rule == "C7")} == {"about-other-mail"}


def test_of_a_bounce_that_waits_for_its_mail_nothing_can_be_read(store: Store, ani: Person):
    """B4: the mail may never be recorded."""
    by_gmail(store, ani, bounce(1, (BUDI, "failed", "5.1.1")))
    by_bcc(store, ani, bounce(2, (BUDI, "failed", "5.1.1")))
    rows = list(BounceReport.select().dicts())
    assert len(rows) == 2
    kept = repr(rows) + repr(list(Capture.select().dicts()))
    assert not [word for word in ("budi", "pelanggan", "tawaran", "Undelivered", "MAILER") if word in kept]


def test_it_waits_for_thirty_days(store: Store, ani: Person):
    by_gmail(store, ani, bounce(1, (BUDI, "failed", "5.1.1")))
    assert retention.sweep(now_ms=store.now_ms + KEPT_MS - 1) == 0
    assert [retention.sweep(now_ms=store.now_ms + KEPT_MS) for _ in range(2)] == [1, 0]
    assert not BounceReport.select().exists()


def test_a_bounce_that_is_seen_again_is_kept_once(store: Store, ani: Person):
    for _ in range(2):
        by_gmail(store, ani, bounce(1, (BUDI, "failed", "5.1.1")))
    assert BounceReport.select().count() == 1


@pytest.mark.parametrize("author", ["Mail Delivery System <>", "MAILER-DAEMON"])
def test_a_bounce_to_a_member_by_bcc_is_no_mail_among_members_though_nobody_wrote_it(
    store: Store, ani: Person, author: str
):
    """C7, and not B5, also for the ledger."""
    store.capture(ORIGINAL, ani.bcc)
    by_bcc(store, ani, a_bounce(SENT, (BUDI, "failed", "5.1.1"), author=author, to="ani@firma.example"))
    (entry,) = store.entries(ani)
    assert entry.delivery is not None
    ledger = DecisionRow.get(DecisionRow.message_id == "bounce@mx.example")
    assert (ledger.rule, ledger.reason, ledger.entry_id) == ("C7", "bounce-shown", entry.id)


@pytest.mark.parametrize("to", ["", "ani@firma.example"])
def test_a_bounce_with_its_mail_attached_is_no_forward_of_it(store: Store, ani: Person, to: str):
    """Also to the BCC address alone, where of a forward the original counts (C6)."""
    store.capture(ORIGINAL, ani.bcc)
    whole = a_bounce(SENT, (BUDI, "failed", "5.1.1"), to=to or ani.bcc).replace(
        b"text/rfc822-headers\r\n\r\n", b"message/rfc822\r\n\r\nTo: budi@pelanggan.example\r\n"
    )
    by_bcc(store, ani, whole)
    (entry,) = store.entries(ani)
    assert entry.delivery is not None
    assert [row.state for row in Capture.select().order_by(Capture.id)] == ["recorded", "ignored"]


@pytest.mark.parametrize("bounce_first", [True, False])
@pytest.mark.parametrize("dies_at", ["worker.after-claim", "worker.before-settle-commit", "worker.after-settle-commit"])
def test_a_worker_that_dies_in_the_middle_of_either_changes_nothing_of_what_becomes_of_them(
    store: Store, ani: Person, monkeypatch: pytest.MonkeyPatch, bounce_first: bool, dies_at: str
):
    class Died(BaseException):
        """As a signal: nothing of ours catches it."""

    def die(point: str) -> None:
        if point == dies_at:
            raise Died

    told = (BUDI, "failed", "5.1.1")
    for raw in (bounce(1, told), ORIGINAL) if bounce_first else (ORIGINAL, bounce(1, told)):
        store.receive(raw, ani.bcc, mail_from="" if raw != ORIGINAL else "ani@firma.example")
        with monkeypatch.context() as patched:
            patched.setattr(fault_point, "reach", die)
            with pytest.raises(Died):
                store.worker.work()
        Capture.update(next_try_at_ms=0).where(Capture.next_try_at_ms.is_null(False)).execute()  # its lease is over
        store.worker.work()
    (entry,) = store.entries(ani)
    assert entry.delivery is not None
    assert [row.normal for row in Undelivered.select()] == [BUDI]
    ledger = DecisionRow.get(DecisionRow.message_id == "b1@mx.example")
    assert (ledger.reason, ledger.entry_id) == ("bounce-shown", entry.id)
