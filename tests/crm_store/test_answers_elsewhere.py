"""B10: an answer goes where the mail that it answers is recorded; what was taken away there is recorded no more."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from mails import a_mail
from store import Person, Store

from crm_store import contact_book, contact_changes, entry_removal, mailbox_filing
from crm_store.contact_book import ContactDetails
from crm_store.mail.read import read
from crm_store.mailbox_filing import MailboxMail
from crm_store.models.contacts import Contact
from crm_store.rules.parties import parties_of
from crm_store.rules.states import Role

BUDI = "Budi Santoso <budi@pelanggan.example>"


@dataclass(frozen=True)
class Places:
    """Ani in two locations, Budi a contact of both. What Ani wrote to Budi is recorded in the first."""

    store: Store
    here: Person
    there: Person

    def answered(
        self, answers: str | None = "<m1@f>", author: str = BUDI, to: str = "ani@firma.example"
    ) -> tuple[int, int]:
        """Budi answers to Ani's mailbox. How many answers each location has."""
        subject = "Re: Penawaran"
        raw = a_mail(author, to=to, subject=subject, message_id="<m2@p>", answers=answers, text="Setuju")
        mail = read(raw)
        parties = parties_of(mail, self.store.settings.capture_domains)
        seen = MailboxMail(self.here.user_id, "g2", raw, hashlib.sha256(raw).digest(), mail, parties, self.store.now_ms)
        mailbox_filing.file_from_mailbox(seen, self.store.blobs, now_ms=self.store.now_ms)
        here, there = (
            sum(entry.message.message_id == "m2@p" for entry in self.store.entries(place))
            for place in (self.here, self.there)
        )
        return here, there


@pytest.fixture
def places(store: Store) -> Places:
    here = store.user("ani@firma.example", store.location("Satu"), Role.ADMIN)
    there = store.user("ani@firma.example", store.location("Dua"), Role.ADMIN, user_id=here.user_id)
    for person in (here, there):
        contact_book.add(person.access, person.location_id, ContactDetails([BUDI[14:-1]]), now_ms=store.now_ms)
    store.capture(a_mail(to=BUDI, message_id="<m1@f>"), here.bcc)
    return Places(store, here, there)


def un_log(places: Places) -> None:
    (entry,) = places.store.entries(places.here)
    entry_removal.remove(places.here.access, entry.id, now_ms=places.store.now_ms)


def delete_the_contact(places: Places) -> None:
    contact = Contact.get(Contact.location_id == places.here.location_id)
    contact_changes.delete(places.here.access, contact.id, now_ms=places.store.now_ms)


@pytest.mark.parametrize(
    ("change", "recorded"),
    [
        pytest.param(lambda places: None, (1, 0), id="only where the talk goes on"),
        pytest.param(un_log, (1, 1), id="G3: un-logged there, it is a new mail of a contact of both"),
        pytest.param(delete_the_contact, (0, 1), id="G1: its contact deleted there, it is one of the other's"),
    ],
)
def test_where_an_answer_is_recorded(places: Places, change: Callable[[Places], None], recorded: tuple[int, int]):
    change(places)
    assert places.answered() == recorded


@pytest.mark.parametrize(
    ("change", "recorded"),
    [
        pytest.param(lambda places: None, (1, 0), id="B17: only where the talk goes on"),
        pytest.param(un_log, (1, 1), id="G3: un-logged there"),
        pytest.param(delete_the_contact, (0, 1), id="G1: its contact deleted there"),
    ],
)
def test_where_an_answer_that_names_no_ids_is_recorded(
    places: Places, change: Callable[[Places], None], recorded: tuple[int, int]
):
    change(places)
    assert places.answered(None) == recorded


@pytest.mark.parametrize(
    ("to", "recorded"),
    [
        pytest.param(BUDI, (1, 0), id="to the talk's own people: only where it goes on"),
        pytest.param("Citra <citra@pelanggan.example>", (0, 1), id="B2: to somebody else it answers nothing"),
    ],
)
def test_where_what_the_user_sends_on_from_a_talk_is_recorded(places: Places, to: str, recorded: tuple[int, int]):
    details = ContactDetails(["citra@pelanggan.example"])
    contact_book.add(places.there.access, places.there.location_id, details, now_ms=places.store.now_ms)
    assert places.answered(author="Ani <ani@firma.example>", to=to) == recorded
