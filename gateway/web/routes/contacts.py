"""/locations/{location_id}/contacts and /contacts"""

from typing import Annotated

from fastapi import Query, Response

from crm_store import contact_book, contact_changes, imported_people
from crm_store.clock import now_ms
from crm_store.contact_book import ContactDetails
from crm_store.errors import Invalid
from crm_store.search import finding
from gateway.web.asking import Token, asked_by
from gateway.web.json_route import api_router
from gateway.web.making import Once
from gateway.web.shapes.contact import (
    Contact,
    ContactChanges,
    ContactMerge,
    ContactQuery,
    MergeSuggestion,
    NewContact,
    contact,
    merge_suggestion,
)
from gateway.web.shapes.fields import Id, Listing, PageQuery, listing

router = api_router("contacts")


@router.post("/locations/{location_id}/contacts", status_code=201, response_model=Contact, summary="Make a contact")
def add_contact(token: Token, once: Once, location_id: Id, body: NewContact) -> Response:
    now = now_ms()
    with asked_by(token) as access:
        access.reader_of(location_id)
        return once.once(
            access,
            lambda: contact(contact_book.add(access, location_id, ContactDetails(**body), now_ms=now)),
            now_ms=now,
        )


@router.get("/locations/{location_id}/contacts", summary="List a location's contacts")
def list_contacts(token: Token, location_id: Id, query: Annotated[ContactQuery, Query()]) -> Listing[Contact]:
    """Oldest first; with `q`, of names, organizations, addresses and phone numbers, newest first."""
    request = query.page_request()
    with asked_by(token) as access:
        if query.sought is None:
            page = contact_book.list_for(access, location_id, request, address=query.address)
        else:
            if query.address is not None:
                raise Invalid("q", "goes not together with address")
            page = finding.find_contacts(access, location_id, query.sought, request)
        return listing(page, map(contact, page.items))


@router.get("/contacts/{contact_id}", summary="Read a contact")
def get_contact(token: Token, contact_id: Id) -> Contact:
    with asked_by(token) as access:
        return contact(contact_book.get(access, contact_id))


@router.patch("/contacts/{contact_id}", summary="Change a contact")
def change_contact(token: Token, contact_id: Id, body: ContactChanges) -> Contact:
    with asked_by(token) as access:
        return contact(contact_book.change(access, contact_id, dict(body), now_ms=now_ms()))


@router.delete("/contacts/{contact_id}", status_code=204, summary="Delete a contact")
def delete_contact(token: Token, contact_id: Id) -> None:
    """Hides its conversation; for 30 days there is a way back. Mail from it stays away until it is captured anew."""
    with asked_by(token) as access:
        contact_changes.delete(access, contact_id, now_ms=now_ms())


@router.post("/contacts/{contact_id}/restore", summary="Bring a deleted contact back, within 30 days")
def restore_contact(token: Token, contact_id: Id) -> Contact:
    with asked_by(token) as access:
        return contact(contact_changes.restore(access, contact_id, now_ms=now_ms()))


@router.post("/contacts/{contact_id}/merge", summary="Merge a contact into another one")
def merge_contact(token: Token, contact_id: Id, body: ContactMerge) -> Contact:
    """The other one gets the addresses and the mail of both, and is answered. There is no way back."""
    with asked_by(token) as access:
        return contact(contact_changes.merge(access, contact_id, body.into, now_ms=now_ms()))


@router.get("/locations/{location_id}/merge-suggestions", summary="List contacts that seem to be one person")
def list_merge_suggestions(
    token: Token, location_id: Id, query: Annotated[PageQuery, Query()]
) -> Listing[MergeSuggestion]:
    """The import of contacts from Google found addresses of one person at several. Merging them settles it."""
    with asked_by(token) as access:
        page = imported_people.suggestions(access, location_id, query.page_request())
        return listing(page, map(merge_suggestion, page.items))


@router.delete("/merge-suggestions/{suggestion_id}", status_code=204, summary="Say that two contacts are two people")
def dismiss_merge_suggestion(token: Token, suggestion_id: Id) -> None:
    """No import suggests them again; they can still be merged."""
    with asked_by(token) as access:
        imported_people.dismiss(access, suggestion_id, now_ms=now_ms())
