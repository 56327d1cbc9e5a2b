"""/locations/{location_id}/members"""

from typing import Annotated

from fastapi import APIRouter, Query

from crm_store import members, users
from crm_store.clock import now_ms
from crm_store.settings import Settings
from gateway.web.asking import Token, asked_by
from gateway.web.json_route import api_router
from gateway.web.shapes.fields import Id, Listing, PageQuery, listing
from gateway.web.shapes.member import Member, Membership, member


def router(settings: Settings) -> APIRouter:
    api = api_router("members")

    @api.get("/locations/{location_id}/members", summary="List who works in a location")
    def list_members(token: Token, location_id: Id, query: Annotated[PageQuery, Query()]) -> Listing[Member]:
        with asked_by(token) as access:
            page = members.list_for(access, location_id, query.page_request())
            return listing(page, map(member, page.items))

    @api.put("/locations/{location_id}/members/{user_id}", summary="Make a user a member, or change the role")
    def put_member(token: Token, location_id: Id, user_id: Id, body: Membership) -> Member:
        """Takes the role admin in the location, and a user whom the asker may see; or an --admin token. A new member
        gets a BCC address."""
        with asked_by(token) as access:
            access.manager_of(location_id)
            users.get(access, user_id)  # F3: by its answer an admin would learn who else works in the installation
            domain = settings.capture_domains[0]
            role = body.as_role()
            return member(members.put(location_id, user_id, role, domain=domain, by=access.user_id, now_ms=now_ms()))

    @api.delete(
        "/locations/{location_id}/members/{user_id}", status_code=204, summary="Take a member out of a location"
    )
    def remove_member(token: Token, location_id: Id, user_id: Id) -> None:
        """Their BCC address dies at once; what was recorded stays. A location keeps at least one admin."""
        with asked_by(token) as access:
            members.remove(access, location_id, user_id, now_ms=now_ms())

    return api
