"""/l/{location_id}/drafts: what one has begun to write."""

from typing import Annotated

from fastapi import Query, Response

from crm_store import drafts
from crm_store.paging import PageRequest
from gateway.web.pages.asking import signed_in
from gateway.web.pages.page_route import page_router
from gateway.web.pages.rendering import page
from gateway.web.pages.visit import Visitor
from gateway.web.shapes.fields import Id

_SHOWN = 50
router = page_router()


@router.get("/l/{location_id}/drafts")
def show_drafts(
    visit: Visitor,
    location_id: Id,
    after: Annotated[str | None, Query(max_length=200)] = None,
    discarded: Annotated[Id | None, Query()] = None,
) -> Response:
    with signed_in(visit, location_id) as session:
        shown = drafts.list_for(session.access, location_id, PageRequest(_SHOWN, after))
        return page(session, "composing/drafts.html", drafts=shown.items, next=shown.next, discarded=discarded)
