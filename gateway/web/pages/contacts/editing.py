"""One contact: made, shown and changed, deleted and brought back."""

from collections.abc import Mapping
from typing import Any

from fastapi import Response

from crm_store import contact_book, contact_changes, conversations
from crm_store.contact_book import ContactDetails, ContactView
from crm_store.errors import Invalid
from crm_store.paging import PageRequest
from crm_store.rules.states import ContactSource
from gateway.web.pages.asking import Session, signed_in
from gateway.web.pages.conversations.people import initials_of, name_of
from gateway.web.pages.conversations.toasts import toast_of
from gateway.web.pages.navigation import in_location
from gateway.web.pages.page_route import page_router, see_other
from gateway.web.pages.reader import Reader, say
from gateway.web.pages.rendering import page
from gateway.web.pages.visit import Visit, Visitor
from gateway.web.shapes.fields import Id

_ALL = "/l/{location_id}/contacts"
_ONE = _ALL + "/{contact_id}"
SOURCES: Mapping[ContactSource, str] = {
    ContactSource.CRM: say("made in the CRM"),
    ContactSource.BCC: say("from a BCC address"),
    ContactSource.GOOGLE: say("from Google's contacts"),
    ContactSource.CAPTURE: say("from the capture queue"),
}
_PROBLEMS: Mapping[str, str] = {
    "addresses": say("Write 1 to 50 addresses, one on each line, such as budi@company.com."),
    "name": say("Use 200 characters at most."),
    "phone": say("Use 200 characters at most."),
    "organization": say("Use 200 characters at most."),
}

router = page_router()


@router.get(_ALL + "/new")
def ask_new(visit: Visitor, location_id: Id) -> Response:
    with signed_in(visit, location_id) as session:
        return page(session, "contacts/new.html", typed=_typed(visit.query), problems={})


@router.post(_ALL + "/new")
def add(visit: Visitor, location_id: Id) -> Response:
    with signed_in(visit, location_id) as session:
        try:
            made = contact_book.add(session.here, location_id, _details(visit), now_ms=visit.now_ms)
        except Invalid as error:
            problems = _problems(session.reader, error)
            return page(session, "contacts/new.html", status=422, typed=_typed(visit.form), problems=problems)
    return see_other(in_location(location_id, f"contacts/{made.id}?done=contact_added"))


@router.get(_ONE)
def show_contact(visit: Visitor, location_id: Id, contact_id: Id) -> Response:
    with signed_in(visit, location_id) as session:
        view = contact_book.get(session.here, contact_id)
        return _page(session, view, _stored(view))


@router.post(_ONE)
def change(visit: Visitor, location_id: Id, contact_id: Id) -> Response:
    with signed_in(visit, location_id) as session:
        view = contact_book.get(session.here, contact_id)
        try:
            details = _details(visit)
            changes = {field: getattr(details, field) for field in ("name", "phone", "organization", "addresses")}
            contact_book.change(session.here, contact_id, changes, now_ms=visit.now_ms)
        except Invalid as error:
            return _page(session, view, _typed(visit.form), problems=_problems(session.reader, error))
    return see_other(in_location(location_id, f"contacts/{contact_id}?done=contact_saved"))


@router.get(_ONE + "/delete")
def ask_delete(visit: Visitor, location_id: Id, contact_id: Id) -> Response:
    with signed_in(visit, location_id) as session:
        view = contact_book.get(session.here, contact_id)
        return page(session, "contacts/delete.html", view=view, name=name_of(view))


@router.post(_ONE + "/delete")
def delete(visit: Visitor, location_id: Id, contact_id: Id) -> Response:
    with signed_in(visit, location_id) as session:
        contact_changes.delete(session.here, contact_id, now_ms=visit.now_ms)
    return see_other(in_location(location_id, f"contacts?done=contact_deleted&id={contact_id}"))


@router.post(_ONE + "/restore")
def restore(visit: Visitor, location_id: Id, contact_id: Id) -> Response:
    with signed_in(visit, location_id) as session:
        contact_changes.restore(session.here, contact_id, now_ms=visit.now_ms)
    return see_other(in_location(location_id, f"contacts/{contact_id}?done=contact_restored"))


def _page(
    session: Session, view: ContactView, typed: Mapping[str, str], *, problems: Mapping[str, str] | None = None
) -> Response:
    """problems: with what was typed, where it could not be taken."""
    told = conversations.list_for(session.here, view.location_id, PageRequest(1), contact_id=view.id).items
    return page(
        session,
        "contacts/contact.html",
        status=422 if problems else 200,
        view=view,
        name=name_of(view),
        initials=initials_of(name_of(view)),
        source=session.reader.gettext(SOURCES[view.source]),
        conversation=told[0] if told else None,
        typed=typed,
        problems=problems or {},
        toast=toast_of(session),
    )


def _stored(view: ContactView) -> dict[str, str]:
    details = view.details
    return {
        "name": details.name,
        "phone": details.phone,
        "organization": details.organization,
        "addresses": "\n".join(details.addresses),
    }


def _typed(said: Mapping[str, Any]) -> dict[str, str]:
    """Any: a form's fields, or an address's."""
    return {field: str(said.get(field, "")) for field in ("name", "phone", "organization", "addresses")}


def _details(visit: Visit) -> ContactDetails:
    """One address on each line; blank lines are none."""
    addresses = [line.strip() for line in visit.form.get("addresses", "").splitlines() if line.strip()]
    return ContactDetails(addresses, visit.line("name"), visit.line("phone"), visit.line("organization"))


def _problems(reader: Reader, error: Invalid) -> dict[str, str]:
    field = error.field.partition(".")[0]
    return {field: reader.gettext(_PROBLEMS[field])}
