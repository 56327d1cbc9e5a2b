"""All pages of a location's settings."""

from fastapi import APIRouter, Response

from crm_store.blobs.store import BlobStore
from crm_store.rules.states import Role
from crm_store.settings import Settings
from gateway.web.pages.admin import audit, location, members, provider, senders
from gateway.web.pages.asking import signed_in
from gateway.web.pages.navigation import admin_tabs
from gateway.web.pages.page_route import page_router, see_other
from gateway.web.pages.visit import Visitor
from gateway.web.shapes.fields import Id


def router(settings: Settings, blobs: BlobStore) -> APIRouter:
    pages = page_router()

    @pages.get("/l/{location_id}/admin")
    def begin_in_admin(visit: Visitor, location_id: Id) -> Response:
        """At the first tab that is theirs."""
        with signed_in(visit, location_id, Role.OPERATOR) as session:
            return see_other(admin_tabs(session)[0].address)

    for part in (
        location.router,
        members.router(settings),
        senders.router,
        provider.router(settings, blobs),
        audit.router,
    ):
        pages.include_router(part)
    return pages
