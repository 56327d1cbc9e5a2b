"""C7: what a mail system says of a recorded mail is shown on its entry, and nothing else becomes of it."""

import hashlib
import itertools

import pytest
from bounces import Told, a_bounce
from mails import a_mail
from store import NOW_MS, Person, Store

from crm_store import contact_book, conversations, decisions, entry_removal, mailbox_filing
from crm_store.contact_book import ContactDetails
from crm_store.entry_views import EntryView
from crm_store.mail.read import read
from crm_store.mailbox_filing import MailboxMail
from crm_store.models.captures import Capture, DecisionRow
from crm_store.models.messages import Blob, Undelivered
from crm_store.paging import PageRequest
from crm_store.rules.parties import parties_of
from crm_store.rules.states import DeliveryState, Role
from crm_store.undelivered import DeliveryView

_numbers = itertools.count()
BUDI, CITRA = "budi@pelanggan.example", "citra@pelanggan.example"
SENT = "<tawaran@firma.example>"
FAILED: Told = (BUDI, "failed", "5.1.1")
DELAYED: Told = (BUDI, "delayed", "4.4.1")


@pytest.fixture
def ani(store: Store) -> Person:
    """In one location, with a mail to Budi and Citra on record."""
    person = store.user("ani@firma.example", store.location(), Role.ADMIN)
    store.capture(a_mail(to=BUDI, cc=CITRA, message_id=SENT), person.bcc)
    return person


def by_gmail(store: Store, person: Person, raw: bytes) -> None:
    mail = read(raw)
    parties = parties_of(mail, store.settings.capture_domains)
    seen = MailboxMail(
        person.user_id, f"g{next(_numbers)}", raw, hashlib.sha256(raw).digest(), mail, parties, store.now_ms
    )
    mailbox_filing.file_from_mailbox(seen, store.blobs, now_ms=store.now_ms)


def by_bcc(store: Store, person: Person, raw: bytes) -> None:
    store.receive(raw, person.bcc, mail_from="")
    store.worker.work()


PATHS = pytest.mark.parametrize("comes", [by_gmail, by_bcc])


def the_entry(store: Store, person: Person) -> EntryView:
    (entry,) = store.entries(person)
    return entry


@PATHS
def test_a_bounce_is_shown_on_its_entry_and_nothing_of_it_is_kept(store, ani, comes):
    blobs = Blob.select().count()
    comes(store, ani, a_bounce(SENT, FAILED))

    entry = the_entry(store, ani)
    assert entry.delivery == DeliveryView(
        DeliveryState.FAILED,
        f"Not delivered to {BUDI}: there is no such mailbox; check the address for typing errors (5.1.1).",
    )
    decided = DecisionRow.get(DecisionRow.message_id == "bounce@mx.example")
    assert (decided.rule, decided.outcome, decided.reason) == ("C7", "ignored", "bounce-shown")
    assert (decided.location_id, decided.entry_id) == (ani.location_id, entry.id)
    assert store.conversations(ani)[0].unread == 0
    assert Blob.select().count() <= blobs + (comes is by_bcc)  # a capture's bytes wait for the sweep
    assert (
        not Capture.select().where(Capture.message_id == "bounce@mx.example", Capture.subject.is_null(False)).exists()
    )


@PATHS
@pytest.mark.parametrize(
    ("bounce", "why"),
    [
        (a_bounce("<unknown@firma.example>", FAILED), "about-other-mail"),
        (a_bounce(None, FAILED), "about-other-mail"),
        (a_bounce(SENT, ("orang@lain.example", "failed", "5.1.1")), "about-other-mail"),
        (a_bounce(SENT, (BUDI, "delivered", "2.1.5")), "about-other-mail"),
        (a_bounce(SENT), "about-other-mail"),
    ],
    ids=[
        "an unknown mail",
        "no Message-ID",
        "somebody who did not get the mail",
        "it was delivered",
        "nobody is named",
    ],
)
def test_other_bounces_are_ignored(store, ani, comes, bounce, why):
    comes(store, ani, bounce)
    assert the_entry(store, ani).delivery is None
    decided = DecisionRow.get(DecisionRow.message_id == "bounce@mx.example")
    assert (decided.rule, decided.outcome, decided.reason) == ("C7", "ignored", why)


@PATHS
def test_it_names_whom_the_mail_was_written_to_where_that_was_forwarded(store, ani, comes):
    comes(store, ani, a_bounce(SENT, ("kotak@lain.example", "failed", "5.2.2"), original_recipient=BUDI))
    delivery = the_entry(store, ani).delivery
    assert delivery is not None
    assert delivery.reason == f"Not delivered to {BUDI}: the mailbox is full (5.2.2)."


@PATHS
def test_a_bounce_without_an_author_is_no_mail_among_members(store, ani, comes):
    to = "ani@firma.example" if comes is by_gmail else "orang@lain.example"
    comes(store, ani, a_bounce(SENT, FAILED, author="Mail Delivery System <>", to=to))
    assert the_entry(store, ani).delivery is not None


def test_first_it_is_late_and_then_it_fails_and_so_it_stays(store, ani):
    states = []
    for number, told in enumerate([DELAYED, FAILED, DELAYED]):
        by_gmail(store, ani, a_bounce(SENT, told, message_id=f"<b{number}@mx.example>"))
        delivery = the_entry(store, ani).delivery
        assert delivery is not None
        states.append((str(delivery.state), delivery.reason))
    late = (
        f"Not yet delivered to {BUDI}, and still tried: the mail server of the other side could not be reached (4.4.1)."
    )
    gone = f"Not delivered to {BUDI}: there is no such mailbox; check the address for typing errors (5.1.1)."
    assert states == [("delayed", late), ("failed", gone), ("failed", gone)]
    assert Undelivered.select().count() == 1


def test_two_recipients_are_told_each_with_the_failed_one_in_front(store, ani):
    by_gmail(store, ani, a_bounce(SENT, DELAYED, (CITRA, "failed", "5.7.26")))
    delivery = the_entry(store, ani).delivery
    assert delivery is not None
    assert (delivery.state, delivery.reason.index(CITRA) < delivery.reason.index(BUDI)) == (DeliveryState.FAILED, True)


def test_the_reason_is_told_in_the_reader_s_language(store, ani):
    from crm_store.models.people import User

    User.update(locale="id").where(User.id == ani.user_id).execute()
    by_gmail(store, ani, a_bounce(SENT, ("budi@pelanggan.example", "failed", "5.2.2")))
    delivery = the_entry(store, ani).delivery
    assert delivery is not None
    assert delivery.reason == f"Tidak terkirim ke {BUDI}: kotak suratnya penuh (5.2.2)."


def test_one_location_is_told_nothing_of_another_s_mail(store, ani):
    elsewhere = store.user("dewi@lain.example", store.location("Lain"))
    by_gmail(store, elsewhere, a_bounce(SENT, FAILED, to="dewi@lain.example"))
    assert the_entry(store, ani).delivery is None
    (decided,) = decisions.explain(elsewhere.access, "bounce@mx.example", PageRequest(10)).items
    assert (decided.location_id, decided.reason) == (None, "about-other-mail")


def test_of_two_locations_that_have_the_mail_only_the_one_that_is_told_shows_it(store, ani):
    dewi = store.user("dewi@firma.example", store.location("Dua"))
    store.capture(a_mail(dewi.email, to=BUDI, message_id="<dua@firma.example>"), dewi.bcc)
    both = a_mail(to=BUDI, message_id="<bersama@firma.example>")
    store.capture(both, ani.bcc)
    by_gmail(store, store.user(ani.email, dewi.location_id, user_id=ani.user_id), both)
    by_gmail(store, dewi, a_bounce("<bersama@firma.example>", FAILED, to=dewi.email))
    assert [entry.delivery for entry in store.entries(ani)] == [None, None]
    assert [entry.delivery is not None for entry in store.entries(dewi)] == [False, True]


def test_what_was_un_logged_tells_nothing_any_more(store, ani):
    store.capture(a_mail(to=BUDI, subject="Lagi"), ani.bcc)
    entry = store.entries(ani)[0]
    entry_removal.remove(ani.access, entry.id, now_ms=NOW_MS)
    by_gmail(store, ani, a_bounce(SENT, FAILED))
    assert not Undelivered.select().exists()


def test_a_bounce_to_thousands_tells_of_those_whom_the_mail_went_to(store, ani):
    told = [(f"orang{number}@lain.example", "failed", "5.1.1") for number in range(3000)]
    by_gmail(store, ani, a_bounce(SENT, FAILED, *told))
    assert [row.normal for row in Undelivered.select()] == [BUDI]


def test_an_auto_reply_of_a_contact_is_recorded_and_not_unread(store, ani):
    contact_book.add(ani.access, ani.location_id, ContactDetails(["eko@pelanggan.example"], name="Eko"), now_ms=NOW_MS)
    headers = {"Auto-Submitted": "auto-replied", "Return-Path": "<>"}
    by_gmail(
        store,
        ani,
        a_mail("Eko <eko@pelanggan.example>", to=ani.email, subject="Balasan otomatis: cuti", headers=headers),
    )
    (entry,) = [one for one in store.entries(ani) if one.automatic is not None]
    assert (str(entry.automatic), entry.unread, entry.rule) == ("auto-reply", False, "B1")
    assert conversations.entry(ani.access, entry.id).delivery is None
