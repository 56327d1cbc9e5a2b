"""/locations"""

from typing import Annotated

from fastapi import Query, Response

from crm_store import locations
from crm_store.clock import now_ms
from crm_store.locations import LocationSettings
from gateway.web.asking import Token, asked_by
from gateway.web.json_route import api_router
from gateway.web.making import Once
from gateway.web.shapes.fields import Id, Listing, PageQuery, listing
from gateway.web.shapes.location import Location, LocationChanges, NewLocation, location

router = api_router("locations")


@router.post("/locations", status_code=201, response_model=Location, summary="Make a location")
def add_location(token: Token, once: Once, body: NewLocation) -> Response:
    """Takes an --admin token."""
    now = now_ms()
    with asked_by(token) as access:
        access.require_installation_admin()
        return once.once(
            access,
            lambda: location(locations.add(LocationSettings(**body), by=access.user_id, now_ms=now)),
            now_ms=now,
        )


@router.get("/locations", summary="List the locations that the token's user works in; all for an --admin token")
def list_locations(token: Token, query: Annotated[PageQuery, Query()]) -> Listing[Location]:
    with asked_by(token) as access:
        page = locations.list_for(access, query.page_request())
        return listing(page, map(location, page.items))


@router.get("/locations/{location_id}", summary="Read a location's settings")
def get_location(token: Token, location_id: Id) -> Location:
    with asked_by(token) as access:
        return location(locations.get(access, location_id))


@router.patch("/locations/{location_id}", summary="Change a location's settings")
def change_location(token: Token, location_id: Id, body: LocationChanges) -> Location:
    """Takes the role admin in the location, or an --admin token."""
    with asked_by(token) as access:
        return location(locations.change(access, location_id, dict(body), now_ms=now_ms()))
