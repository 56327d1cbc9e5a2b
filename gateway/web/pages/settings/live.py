"""/l/{location_id}/settings/live: tells the open settings pages that something on them has moved."""

from typing import Annotated

from fastapi import APIRouter, Header, HTTPException, Query, Response

from crm_store.live_marks import Place
from gateway.web.live.hub import Hub
from gateway.web.live.stream import EventStream
from gateway.web.pages.asking import signed_in
from gateway.web.pages.page_route import page_router
from gateway.web.pages.visit import Visitor
from gateway.web.shapes.fields import Id


def router(live: Hub) -> APIRouter:
    pages = page_router()

    @pages.get("/l/{location_id}/settings/live")
    def follow(
        visit: Visitor,
        location_id: Id,
        shown: Annotated[str, Query(max_length=64)] = "",
        last_event_id: Annotated[str, Header(max_length=64)] = "",
        accept: Annotated[str, Header()] = "",
    ) -> Response:
        """shown: the mark of what the page shows; a browser that comes again says the last one that it was told."""
        with signed_in(visit, location_id) as session:
            if EventStream.media_type not in accept:
                raise HTTPException(406)  # somebody typed the address: they would look at an empty page for ever
            place = Place(location_id, session.access.user_id)
            return EventStream(live, place, session.id, last_event_id or shown)

    return pages
