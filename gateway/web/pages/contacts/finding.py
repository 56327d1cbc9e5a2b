"""Contacts by what somebody types."""

from crm_store import contact_book
from crm_store.contact_book import ContactView
from crm_store.errors import Invalid
from crm_store.paging import Page, PageRequest
from crm_store.search import finding
from gateway.web.pages.asking import Session


def found_contacts(session: Session, words: str, request: PageRequest) -> Page[ContactView]:
    """Of nothing typed all of them, the latest first; nobody of more than anybody types.

    Raises: Invalid for a cursor that is none of ours."""
    assert session.location is not None, "the page is of a location"
    if words:
        try:
            return finding.find_contacts(session.here, session.location.id, words, request)
        except Invalid as error:
            if error.field != "q":
                raise
            return Page([], None)
    return contact_book.list_for(session.here, session.location.id, request, address=None, newest_first=True)
