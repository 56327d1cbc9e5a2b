"""Two contacts that are one person are made one (G2); and those of whom an import thinks so."""

from fastapi import Response

from crm_store import contact_book, contact_changes, imported_people
from crm_store.errors import Invalid
from crm_store.paging import PageRequest
from gateway.web.pages.asking import Session, signed_in
from gateway.web.pages.contacts.choosing import choices_of
from gateway.web.pages.conversations.people import name_of, who_is
from gateway.web.pages.conversations.toasts import toast_of
from gateway.web.pages.navigation import in_location
from gateway.web.pages.page_route import page_router, see_other
from gateway.web.pages.rendering import page
from gateway.web.pages.visit import Visit, Visitor
from gateway.web.shapes.fields import Id

_ALL = "/l/{location_id}/contacts"
_ONE = _ALL + "/{contact_id}"
_SUGGESTED = 20

router = page_router()


@router.get(_ALL + "/suggestions")
def list_suggestions(visit: Visitor, location_id: Id) -> Response:
    with signed_in(visit, location_id) as session:
        request = PageRequest(_SUGGESTED, visit.query.get("after"))
        found = imported_people.suggestions(session.here, location_id, request)
        pairs = [(one.id, [who_is(view) for view in one.contacts]) for one in found.items]
        return page(session, "contacts/suggestions.html", pairs=pairs, next=found.next, toast=toast_of(session))


@router.post("/l/{location_id}/merge-suggestions/{suggestion_id}/dismiss")
def dismiss(visit: Visitor, location_id: Id, suggestion_id: Id) -> Response:
    with signed_in(visit, location_id) as session:
        imported_people.dismiss(session.here, suggestion_id, now_ms=visit.now_ms)
    return see_other(in_location(location_id, "contacts/suggestions?done=dismissed"))


@router.get(_ONE + "/merge")
def ask_merge(visit: Visitor, location_id: Id, contact_id: Id) -> Response:
    with signed_in(visit, location_id) as session:
        return _page(session, contact_id)


@router.post(_ONE + "/merge")
def merge(visit: Visitor, location_id: Id, contact_id: Id) -> Response:
    """Into the one that is chosen. There is no way back."""
    with signed_in(visit, location_id) as session:
        try:
            stays = contact_changes.merge(session.here, contact_id, _chosen(visit), now_ms=visit.now_ms)
        except Invalid:
            return _page(session, contact_id, is_wrong=True)
    return see_other(in_location(location_id, f"contacts/{stays.id}?done=contacts_merged"))


def _page(session: Session, contact_id: int, *, is_wrong: bool = False) -> Response:
    """is_wrong: nobody was chosen, or somebody with whom it can't be."""
    view = contact_book.get(session.here, contact_id)
    return page(
        session,
        "contacts/merge.html",
        status=422 if is_wrong else 200,
        view=view,
        name=name_of(view),
        choices=choices_of(session, without_id=contact_id),
        is_wrong=is_wrong,
    )


def _chosen(visit: Visit) -> int:
    """Raises: Invalid for nobody."""
    said = visit.form.get("contact", "")
    if not (said.isascii() and said.isdecimal() and len(said) <= 18):
        raise Invalid("into", "is a contact's id")
    return int(said)
