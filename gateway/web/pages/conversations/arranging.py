"""/l/{location_id}/threads/{thread_id}/arrange: a thread is split, made one with another, or moved to somebody else."""

from collections.abc import Mapping

from fastapi import APIRouter, Response

from crm_store import conversations, thread_views, threads
from crm_store.blobs.store import BlobStore
from crm_store.errors import Invalid
from crm_store.paging import PageRequest
from gateway.web.pages.asking import Session, signed_in
from gateway.web.pages.contacts.choosing import choices_of
from gateway.web.pages.conversations import cards
from gateway.web.pages.conversations.people import name_of
from gateway.web.pages.navigation import in_location
from gateway.web.pages.page_route import page_router, see_other
from gateway.web.pages.reader import say
from gateway.web.pages.rendering import page
from gateway.web.pages.visit import Visit, Visitor
from gateway.web.shapes.fields import Id

PATH = "/l/{location_id}/threads/{thread_id}"
_TICKED = "entry-"
_ENTRIES, _OTHERS = 50, 50
_PROBLEMS: Mapping[str, str] = {
    "entry_ids": say("Tick at least one mail, and leave at least one in the thread."),
    "into": say("Choose the other thread."),
    "contact_id": say("Choose the contact."),
}


def router(blobs: BlobStore) -> APIRouter:
    pages = page_router()

    @pages.get(PATH + "/arrange")
    def arrange(visit: Visitor, location_id: Id, thread_id: Id) -> Response:
        with signed_in(visit, location_id) as session:
            return _page(session, thread_id)

    @pages.post(PATH + "/split")
    def split(visit: Visitor, location_id: Id, thread_id: Id) -> Response:
        with signed_in(visit, location_id) as session:
            try:
                plan = threads.plan_split(session.here, thread_id, _ticked(visit), blobs)
                made = threads.split(session.here, plan, now_ms=visit.now_ms)
            except Invalid:
                return _page(session, thread_id, wrong="entry_ids")
        told = f"done=split&id={made.id}&into={thread_id}"
        return see_other(in_location(location_id, f"conversations/{made.conversation_id}?{told}"))

    @pages.post(PATH + "/merge")
    def merge(visit: Visitor, location_id: Id, thread_id: Id) -> Response:
        """Into the one of the same conversation that is chosen."""
        with signed_in(visit, location_id) as session:
            try:
                stays = threads.merge(session.here, thread_id, _chosen(visit, "into"), now_ms=visit.now_ms)
            except Invalid:
                return _page(session, thread_id, wrong="into")
        return see_other(in_location(location_id, f"conversations/{stays.conversation_id}?done=merged"))

    @pages.post(PATH + "/move")
    def move(visit: Visitor, location_id: Id, thread_id: Id) -> Response:
        with signed_in(visit, location_id) as session:
            before = thread_views.thread(session.here, thread_id, PageRequest(1)).conversation_id
            owner_id = conversations.get(session.here, before).contact.id
            try:
                moved = threads.move(session.here, thread_id, _chosen(visit, "contact"), now_ms=visit.now_ms)
            except Invalid:
                return _page(session, thread_id, wrong="contact_id")
        told = f"done=moved&id={thread_id}&contact={owner_id}"
        return see_other(in_location(location_id, f"conversations/{moved.conversation_id}?{told}"))

    return pages


def _ticked(visit: Visit) -> list[int]:
    """A form has each name once, so each box has its own."""
    return [
        int(number)
        for name in visit.form
        for number in [name.removeprefix(_TICKED)]
        if name.startswith(_TICKED) and _is_id(number)
    ]


def _chosen(visit: Visit, name: str) -> int:
    """Raises: Invalid for none."""
    said = visit.form.get(name, "")
    if not _is_id(said):
        raise Invalid(name, "is an id")
    return int(said)


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= 18


def _page(session: Session, thread_id: int, *, wrong: str = "") -> Response:
    """wrong: what of the form that was sent could not be taken."""
    request = PageRequest(_ENTRIES, session.visit.query.get("after"))
    thread = thread_views.thread(session.here, thread_id, request)
    view = conversations.get(session.here, thread.conversation_id)
    others = thread_views.titles(session.here, view.id, PageRequest(_OTHERS)).items
    return page(
        session,
        "conversations/arrange.html",
        status=422 if wrong else 200,
        view=view,
        name=name_of(view.contact),
        shown=cards.of_threads(session.reader, [thread])[0],
        others=[(other_id, subject) for other_id, subject in others if other_id != thread_id],
        choices=choices_of(session, without_id=view.contact.id),
        problem={field: session.reader.gettext(said) if field == wrong else "" for field, said in _PROBLEMS.items()},
    )
