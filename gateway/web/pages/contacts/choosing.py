"""A contact is chosen on the page of something else: to whom a thread goes, into whom somebody is merged."""

from dataclasses import dataclass

from crm_store.paging import PageRequest
from gateway.web.pages.asking import Session
from gateway.web.pages.contacts.finding import found_contacts
from gateway.web.pages.conversations.people import Who, who_is

_OFFERED = 20


@dataclass(frozen=True, slots=True)
class Choices:
    """words: what was searched for (?q=)."""

    words: str
    found: list[Who]


def choices_of(session: Session, *, without_id: int) -> Choices:
    words = session.visit.query.get("q", "").strip()
    found = found_contacts(session, words, PageRequest(_OFFERED)).items
    return Choices(words, [who_is(one) for one in found if one.id != without_id])
