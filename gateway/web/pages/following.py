"""/l/{location_id}/live/{view}: tells open pages that something on them has moved.

A page says `<div data-live="{{ live }}">` with live=following.address(session, view), asked for before what the page
shows, so that nothing that moves between is missed; static/live.js does the rest."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, NamedTuple

from fastapi import APIRouter, Header, Query, Response
from starlette.exceptions import HTTPException

from crm_store import conversations
from crm_store.access import Access
from crm_store.errors import NotFound
from crm_store.live_marks import marks
from crm_store.live_marks.place import Place, View
from crm_store.rules.states import Role
from gateway.web.live.hub import Hub
from gateway.web.live.stream import EventStream
from gateway.web.pages.asking import Session, signed_in
from gateway.web.pages.navigation import in_location
from gateway.web.pages.page_route import page_router
from gateway.web.pages.visit import Visit, Visitor
from gateway.web.shapes.fields import Id


@dataclass(frozen=True, slots=True)
class Followed:
    """Who may follow a view. subject: of one that is about one thing, asks for it by access, location and id, and
    raises NotFound where there is none in the location that the asker may see."""

    at_least: Role = Role.USER
    subject: Callable[[Access, int, int], object] | None = None


def _conversation(access: Access, location_id: int, conversation_id: int) -> None:
    if conversations.get(access, conversation_id).location_id != location_id:
        raise NotFound("no such conversation here")


VIEWS: Mapping[View, Followed] = {
    View.SETTINGS: Followed(),
    View.QUEUE: Followed(Role.OPERATOR),
    View.CAPTURES: Followed(),
    View.OUTBOX: Followed(),
    View.CONVERSATIONS: Followed(),
    View.CONVERSATION: Followed(subject=_conversation),
}
_PATH = "/l/{location_id}/live/{view}"
_Mark = Annotated[str, Query(max_length=64)]
_LastMark = Annotated[str, Header(alias="last-event-id", max_length=64)]
_Accept = Annotated[str, Header()]


def address(session: Session, view: View, subject_id: int = 0) -> str:
    """Where a page that is made now hears of what moves on it."""
    assert session.location is not None, "what is followed is in a location"
    place = Place(session.location.id, session.access.user_id, view, subject_id)
    mark = marks.of_place(place, now_ms=session.reader.now_ms)
    subject = f"/{subject_id}" if subject_id else ""
    return in_location(place.location_id, f"live/{view}{subject}?shown={mark}")


def router(live: Hub) -> APIRouter:
    """shown: the mark of what the page shows; a browser that comes again says the last one that it was told."""
    pages = page_router()

    @pages.get(_PATH)
    def follow(
        visit: Visitor, location_id: Id, view: str, shown: _Mark = "", last: _LastMark = "", accept: _Accept = ""
    ) -> Response:
        return _stream(live, visit, _Asked(location_id, view, 0), last or shown, accept)

    @pages.get(_PATH + "/{subject_id}")
    def follow_one(
        visit: Visitor,
        location_id: Id,
        view: str,
        subject_id: Id,
        shown: _Mark = "",
        last: _LastMark = "",
        accept: _Accept = "",
    ) -> Response:
        return _stream(live, visit, _Asked(location_id, view, subject_id), last or shown, accept)

    return pages


class _Asked(NamedTuple):
    """As an address says it."""

    location_id: int
    view: str
    subject_id: int


def _stream(live: Hub, visit: Visit, asked: _Asked, shown: str, accept: str) -> Response:
    with signed_in(visit, asked.location_id) as session:
        place = _place(session.access, asked)
        if EventStream.media_type not in accept:
            raise HTTPException(406)  # somebody typed the address: they would look at an empty page for ever
        return EventStream(live, place, session.id, shown)


def _place(access: Access, asked: _Asked) -> Place:
    """Raises: NotFound, Forbidden."""
    followed = VIEWS[View(asked.view)] if asked.view in set(View) else None
    if followed is None or (followed.subject is None) != (asked.subject_id == 0):
        raise NotFound("there is no such view")
    access.reader_of(asked.location_id, followed.at_least)
    if followed.subject is not None:
        followed.subject(access, asked.location_id, asked.subject_id)
    return Place(asked.location_id, access.user_id, View(asked.view), asked.subject_id)
