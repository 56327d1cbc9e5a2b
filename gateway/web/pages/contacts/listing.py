"""/l/{location_id}/contacts"""

from fastapi import Response

from crm_store import imported_people
from crm_store.paging import PageRequest
from gateway.web.pages.asking import signed_in
from gateway.web.pages.contacts.finding import found_contacts
from gateway.web.pages.conversations.people import who_is
from gateway.web.pages.conversations.toasts import toast_of
from gateway.web.pages.page_route import page_router
from gateway.web.pages.rendering import page
from gateway.web.pages.visit import Visitor
from gateway.web.shapes.fields import Id

_AT_ONCE = 50

router = page_router()


@router.get("/l/{location_id}/contacts")
def list_contacts(visit: Visitor, location_id: Id) -> Response:
    with signed_in(visit, location_id) as session:
        words = visit.query.get("q", "").strip()
        found = found_contacts(session, words, PageRequest(_AT_ONCE, visit.query.get("after")))
        suggested = imported_people.suggestions(session.here, location_id, PageRequest(1)).items
        return page(
            session,
            "contacts/list.html",
            rows=list(map(who_is, found.items)),
            next=found.next,
            words=words,
            is_first="after" not in visit.query,
            has_suggestions=bool(suggested),
            toast=toast_of(session),
        )
