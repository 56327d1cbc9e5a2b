"""/ and /locations: where somebody begins, and the way from one location to another."""

from typing import Annotated

from fastapi import Query, Response

from crm_store import locations
from crm_store.access import Access
from crm_store.paging import PageRequest
from gateway.web.pages.asking import signed_in
from gateway.web.pages.navigation import BEGIN, in_location, profile_tabs
from gateway.web.pages.page_route import page_router, see_other
from gateway.web.pages.rendering import page
from gateway.web.pages.role_names import role_names
from gateway.web.pages.visit import Visitor
from gateway.web.shapes.fields import Id

router = page_router()
_SHOWN = 50


@router.get("/")
def front_page(visit: Visitor) -> Response:
    """On to the one location, or to the choice; who is a member nowhere is told so there."""
    with signed_in(visit) as session:
        own = session.access.location_ids()
    return see_other(in_location(own[0], BEGIN) if len(own) == 1 else "/locations")


@router.get("/locations")
def choose_location(visit: Visitor, after: Annotated[str | None, Query()] = None) -> Response:
    with signed_in(visit) as session:
        own = Access(session.access.user_id, session.access.roles)  # also of who could name all of them
        shown = locations.list_for(own, PageRequest(_SHOWN, after))
        return page(
            session,
            "locations.html",
            locations=shown.items,
            next=shown.next,
            roles=session.access.roles,
            role_names=role_names(session.reader),
        )


@router.get("/l/{location_id}/")
def begin_in_location(visit: Visitor, location_id: Id) -> Response:
    with signed_in(visit, location_id):
        return see_other(in_location(location_id, BEGIN))


@router.get("/l/{location_id}/settings")
def begin_in_settings(visit: Visitor, location_id: Id) -> Response:
    with signed_in(visit, location_id) as session:
        return see_other(profile_tabs(session)[0].address)
