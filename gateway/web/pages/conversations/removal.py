"""A mail is taken out of a conversation, and put back (G3)."""

from fastapi import Response

from crm_store import conversations, entry_removal
from crm_store.errors import NotFound
from gateway.web.pages.asking import Session, signed_in
from gateway.web.pages.conversations.cards import card
from gateway.web.pages.navigation import in_location
from gateway.web.pages.page_route import page_router, see_other
from gateway.web.pages.rendering import page
from gateway.web.pages.visit import Visitor
from gateway.web.shapes.fields import Id

_ENTRY = "/l/{location_id}/entries/{entry_id}"
_PREVIEW_OCTETS = 1_000

router = page_router()


@router.get(_ENTRY + "/remove")
def ask_remove(visit: Visitor, location_id: Id, entry_id: Id) -> Response:
    with signed_in(visit, location_id) as session:
        view = conversations.entry(session.here, entry_id)
        told = card(session.reader, view, _PREVIEW_OCTETS, 0, "")
        return page(session, "conversations/remove.html", card=told)


@router.post(_ENTRY + "/remove")
def remove(visit: Visitor, location_id: Id, entry_id: Id) -> Response:
    with signed_in(visit, location_id) as session:
        conversation_id = conversations.entry(session.here, entry_id).conversation_id
        entry_removal.remove(session.here, entry_id, now_ms=visit.now_ms)
        return see_other(_where(session, conversation_id, f"done=removed&id={entry_id}"))


@router.post(_ENTRY + "/restore")
def restore(visit: Visitor, location_id: Id, entry_id: Id) -> Response:
    with signed_in(visit, location_id) as session:
        view = entry_removal.restore(session.here, entry_id, now_ms=visit.now_ms)
        return see_other(_where(session, view.conversation_id, "done=restored"))


def _where(session: Session, conversation_id: int, told: str) -> str:
    """The conversation; the list, where nothing is left in it."""
    assert session.location is not None, "the page is of a location"
    try:
        conversations.get(session.here, conversation_id)
    except NotFound:
        return in_location(session.location.id, f"conversations?{told}")
    return in_location(session.location.id, f"conversations/{conversation_id}?{told}")
