"""B17: an answer without ids joins the talk of the same people, on both databases and by either path."""

import hashlib
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from mails import a_mail
from store import Person, Store

from crm_store import (
    capture_approval,
    capture_decisions,
    contact_book,
    contact_changes,
    entry_removal,
    mailbox_filing,
)
from crm_store.capture_approval import Choice, MailSource
from crm_store.contact_book import ContactDetails
from crm_store.entry_views import EntryView
from crm_store.mail.read import read
from crm_store.mailbox_filing import MailboxMail
from crm_store.models.captures import Capture
from crm_store.models.contacts import Contact
from crm_store.models.messages import ThreadReference
from crm_store.rules.parties import parties_of
from crm_store.rules.states import Role

BUDI, CITRA = "Budi Santoso <budi@pelanggan.example>", "Citra <citra@pelanggan.example>"
ANI = "Ani <ani@firma.example>"
SENT = datetime(2026, 11, 18, 9, 0, tzinfo=UTC)  # before the store's clock
INDEX = bytes(range(1, 23))
CHILD = b64encode(INDEX + bytes(5)).decode()


@dataclass(frozen=True)
class Talk:
    """Ani has written "Penawaran" to Budi; of what came since, which goes on with it?"""

    store: Store
    ani: Person

    def by_bcc(self, raw: bytes, person: Person | None = None) -> EntryView:
        self.store.capture(raw, (person or self.ani).bcc)
        return self.store.entries(self.ani)[-1]

    def by_gmail(self, raw: bytes, person: Person | None = None) -> EntryView:
        mail = read(raw)
        parties, sha256 = parties_of(mail, self.store.settings.capture_domains), hashlib.sha256(raw).digest()
        user_id = (person or self.ani).user_id
        seen = MailboxMail(user_id, sha256.hex()[:16], raw, sha256, mail, parties, self.store.now_ms)
        mailbox_filing.file_from_mailbox(seen, self.store.blobs, now_ms=self.store.now_ms)
        return self.store.entries(self.ani)[-1]

    @property
    def thread_ids(self) -> list[int]:
        return [entry.thread_id for entry in self.store.entries(self.ani)]


@pytest.fixture
def talk(store: Store) -> Talk:
    ani = store.user("ani@firma.example", store.location(), Role.ADMIN)
    store.capture(a_mail(to=BUDI, date=SENT, headers={"Thread-Index": b64encode(INDEX).decode()}), ani.bcc)
    return Talk(store, ani)


def answer(author: str = BUDI, to: str = ANI, subject: str = "Re: Penawaran", days: float = 2, **fields) -> bytes:
    return a_mail(author, to=to, subject=subject, date=SENT + timedelta(days=days), text=f"Setuju {days}", **fields)


@pytest.mark.parametrize(
    ("raw", "rule"),
    [
        pytest.param(answer(), "B17", id="the contact answers"),
        pytest.param(answer(ANI, BUDI), "B17", id="the user goes on"),
        pytest.param(answer(subject="Bls: penawaran"), "B17", id="in Indonesian"),
        pytest.param(answer(subject="Jadi?", headers={"Thread-Index": CHILD}), "B17", id="by Outlook's index"),
        pytest.param(answer(message_id=""), "B17", id="without an id of its own"),
        pytest.param(answer(subject="Penawaran"), "B1", id="a new mail under the same subject"),
        pytest.param(answer(subject="Re: Penawaran lain"), "B1", id="another subject"),
        pytest.param(answer(subject="Fwd: Penawaran"), "B1", id="a forward"),
        pytest.param(answer(answers="<unknown@p.example>"), "B1", id="B9: it names what it answers, and nobody knows that"),
        pytest.param(answer(days=-31), "B1", id="a month apart"),
        pytest.param(answer(CITRA), "B1", id="somebody else on the same subject"),
        pytest.param(answer(ANI, CITRA), "B2", id="the user writes to somebody else on it"),
        pytest.param(answer(ANI, CITRA, cc=BUDI), "B2", id="to somebody else, the contact in Cc"),
        pytest.param(answer(ANI, "Dewa <dewa@asing.example>", cc=BUDI), "B2", id="C2: to a stranger, who would own it by BCC"),
    ],
)  # fmt: skip
def test_what_joins_the_talk(talk: Talk, raw: bytes, rule: str):
    details = ContactDetails([CITRA[7:-1]])
    contact_book.add(talk.ani.access, talk.ani.location_id, details, now_ms=talk.store.now_ms)
    entry = talk.by_gmail(raw)
    assert entry.rule == rule
    assert (len(set(talk.thread_ids)) == 1) == (rule == "B17")


def test_the_bcc_path_joins_it_too_and_either_may_come_first(talk: Talk):
    """The user's own answer, and on a shown address (C5) the contact's."""
    own, shown, later = answer(ANI, BUDI), answer(cc=talk.ani.bcc, days=3), answer(ANI, BUDI, days=4)
    for path in (talk.by_bcc, talk.by_gmail):
        path(own)
        path(shown)
    for path in (talk.by_gmail, talk.by_bcc):
        path(later)
    assert [entry.rule for entry in talk.store.entries(talk.ani)] == ["C2", "B17", "C5", "B17"]
    assert {tuple(entry.paths) for entry in talk.store.entries(talk.ani)[1:]} == {("bcc", "gmail")}
    assert len(set(talk.thread_ids)) == 1


def test_a_thread_that_only_another_user_has_seen_is_not_joined(talk: Talk):
    bagus = talk.store.user("bagus@firma.example", talk.ani.location_id)
    assert talk.by_gmail(answer(), bagus).rule == "B1"
    assert talk.by_gmail(answer(days=3), bagus).thread_id == talk.thread_ids[1], "and then by what that user has seen"


def test_a_contacts_other_address_is_the_same_person_and_two_merged_ones_are_one(talk: Talk):
    other = contact_book.add(
        talk.ani.access, talk.ani.location_id, ContactDetails(["budi@rumah.example"]), now_ms=talk.store.now_ms
    )
    assert talk.by_gmail(answer("budi@rumah.example")).rule == "B1"
    budi = Contact.get(Contact.id != other.id)
    contact_changes.merge(talk.ani.access, other.id, budi.id, now_ms=talk.store.now_ms)
    joined = talk.by_gmail(answer("budi@rumah.example", days=3))
    assert joined.rule == "B17"


def un_log(talk: Talk) -> None:
    (entry,) = talk.store.entries(talk.ani)
    entry_removal.remove(talk.ani.access, entry.id, now_ms=talk.store.now_ms)


def delete_and_make_anew(talk: Talk) -> None:
    contact_changes.delete(talk.ani.access, Contact.get().id, now_ms=talk.store.now_ms)
    details = ContactDetails(["budi@pelanggan.example"])
    contact_book.add(talk.ani.access, talk.ani.location_id, details, now_ms=talk.store.now_ms)


@pytest.mark.parametrize("change", [un_log, delete_and_make_anew], ids=["G3: un-logged", "G1: of a deleted contact"])
def test_what_is_not_to_be_seen_takes_no_answers(talk: Talk, change: Callable[[Talk], None]):
    change(talk)
    assert talk.by_gmail(answer()).rule == "B1"


def test_of_two_talks_the_nearer_one_goes_on(talk: Talk):
    second = talk.by_bcc(a_mail(to=BUDI, date=SENT + timedelta(days=1), text="lagi"))
    assert talk.by_gmail(answer()).thread_id == second.thread_id
    assert talk.by_gmail(answer(days=-3)).thread_id == talk.thread_ids[0]


def test_undoing_an_approval_takes_back_what_the_thread_learned_of_outlooks_index(talk: Talk):
    new_talk = b64encode(bytes(22) + bytes(5)).decode()
    talk.store.capture(answer(headers={"Thread-Index": new_talk}), talk.ani.bcc)
    held = Capture.get(Capture.state == "held")

    def known() -> set[bytes]:
        return {bytes(row.message_id_key) for row in ThreadReference.select()}

    before, source = known(), MailSource(talk.store.blobs, talk.store.settings.capture_domains)
    capture_approval.approve(talk.ani.access, held.id, Choice(), source, now_ms=talk.store.now_ms)
    assert len(set(talk.thread_ids)) == 1
    assert len(known() - before) == 2, "the mail's own id, and Outlook's of the talk"
    capture_decisions.undo(talk.ani.access, held.id, now_ms=talk.store.now_ms)
    assert known() == before
