"""/l/{location_id}/queue and /captures: the list, one capture beside it, and its mail as a file."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from fastapi import APIRouter, Response

from crm_store import capture_counts, capture_history, capture_queue
from crm_store.blobs.store import BlobStore
from crm_store.capture_views import CaptureView
from crm_store.errors import Invalid
from crm_store.live_marks.place import View
from crm_store.paging import Page
from crm_store.rules.states import CaptureState, Role
from gateway.web import downloads
from gateway.web.pages import following
from gateway.web.pages.asking import Session, signed_in
from gateway.web.pages.page_route import page_router, see_other
from gateway.web.pages.queue import notes, rows, wording
from gateway.web.pages.queue.asked import MAX_Q_LENGTH, OWN, QUEUE, Asked, asked, base_of
from gateway.web.pages.queue.detail import detail
from gateway.web.pages.reader import Reader, say
from gateway.web.pages.rendering import page
from gateway.web.pages.visit import Visit, Visitor
from gateway.web.shapes.fields import Id

LIST = "/l/{location_id}/queue"
ONE = LIST + "/{capture_id}"
_OWN_LIST = "/l/{location_id}/captures"
_OWN_ONE = _OWN_LIST + "/{capture_id}"
_COUNTED = (CaptureState.HELD, CaptureState.FAILED, CaptureState.RECEIVED)


@dataclass(frozen=True, slots=True)
class Button:
    """label: to be translated. kind: its classes."""

    action: str
    label: str
    key: str
    kind: str = ""


# What is done with many at a time, and in which list each of them may be open.
BULK = {
    one.action: one
    for one in (
        Button("approve", say("Approve"), "e"),
        Button("allow", say("Always allow"), "a"),
        Button("reject", say("Reject"), "#", "bad"),
        Button("retry", say("Try again"), "r", "plain"),
        Button("undo", say("Undo the decision"), "z", "plain"),
    )
}
_BULK_IN: Mapping[CaptureState | None, tuple[str, ...]] = {
    CaptureState.HELD: ("approve", "allow", "reject", "retry"),
    CaptureState.FAILED: ("retry",),
    CaptureState.RECORDED: ("undo",),
    CaptureState.REJECTED: ("undo", "retry"),
    None: ("approve", "allow", "reject", "retry", "undo"),
}
_VIEWS = {QUEUE: View.QUEUE, OWN: View.CAPTURES}


def router(blobs: BlobStore) -> APIRouter:
    pages = page_router()

    @pages.get(LIST)
    def show_queue(visit: Visitor, location_id: Id) -> Response:
        with signed_in(visit, location_id, at_least=Role.OPERATOR) as session:
            return shown(session, asked(visit.query, location_id, QUEUE))

    @pages.get(ONE)
    def show_capture(visit: Visitor, location_id: Id, capture_id: Id) -> Response:
        with signed_in(visit, location_id, at_least=Role.OPERATOR) as session:
            return shown(session, asked(visit.query, location_id, QUEUE), capture_id)

    @pages.get(ONE + "/raw")
    def download(visit: Visitor, location_id: Id, capture_id: Id) -> Response:
        return _raw(visit, location_id, capture_id, blobs, Role.OPERATOR)

    @pages.get(_OWN_LIST)
    def show_own(visit: Visitor, location_id: Id) -> Response:
        """D5. An operator's are among all the others."""
        with signed_in(visit, location_id) as session:
            base = base_of(session.role)
            its = asked(visit.query, location_id, base)
            return shown(session, its) if base == OWN else see_other(its.path())

    @pages.get(_OWN_ONE)
    def show_own_capture(visit: Visitor, location_id: Id, capture_id: Id) -> Response:
        with signed_in(visit, location_id) as session:
            base = base_of(session.role)
            its = asked(visit.query, location_id, base)
            view = one(session, capture_id)
            return shown(session, its, capture_id) if base == OWN else see_other(its.path(view.id))

    @pages.get(_OWN_ONE + "/raw")
    def download_own(visit: Visitor, location_id: Id, capture_id: Id) -> Response:
        return _raw(visit, location_id, capture_id, blobs, Role.USER)

    return pages


def one(session: Session, capture_id: int) -> CaptureView:
    """Raises: NotFound."""
    reader = session.reader
    return capture_queue.get(session.here, capture_id, now_ms=reader.now_ms, language=reader.language)


def shown(session: Session, its: Asked, capture_id: int | None = None, *, status: int = 200) -> Response:
    """capture_id: the one that is open beside the list; None for none. Raises: NotFound, where it is another's."""
    live = following.address(session, _VIEWS[its.base])
    view = None if capture_id is None else one(session, capture_id)
    listed, is_faulty = _listed(session, its)
    names = capture_history.owners([*listed.items, *([view] if view else [])]) if its.base == QUEUE else {}
    return page(
        session,
        "queue/queue.html",
        status=422 if is_faulty else status,
        its=its,
        live=live,
        days=rows.days(listed.items, names, session.reader),
        next_page="" if listed.next is None else replace(its, after=listed.next).path(),
        first_page=replace(its, after="").path() if its.after else "",
        chips=_chips(session, its),
        bulk=[BULK[action] for action in _BULK_IN.get(its.state, ())] if its.base == QUEUE else [],
        is_faulty=is_faulty,
        longest_q=MAX_Q_LENGTH,
        all_ticked=session.visit.query.get("all") == "1",
        opened=None if view is None else detail(view, names.get(view.id, ()), session),
        neighbours=_neighbours(its, listed.items, view),
        told=notes.told(session, its),
        retention_days=session.location.settings.retention_days if session.location else 0,
    )


def _raw(visit: Visit, location_id: int, capture_id: int, blobs: BlobStore, at_least: Role) -> Response:
    with signed_in(visit, location_id, at_least=at_least) as session:
        content = capture_queue.raw(session.here, capture_id, blobs)
    return downloads.raw_mail(content, f"capture-{capture_id}.eml")


def _listed(session: Session, its: Asked) -> tuple[Page[CaptureView], bool]:
    """And whether what was searched for can't be."""
    try:
        return its.page(session), False
    except Invalid as error:
        if error.field == "after":  # an address that somebody cut off
            return _listed(session, replace(its, after=""))
        return Page([], None), True


@dataclass(frozen=True, slots=True)
class Chip:
    """One way to filter the list. count: "" where nobody counts."""

    title: str
    address: str
    count: str
    is_here: bool


def _chips(session: Session, its: Asked) -> list[Chip]:
    """Each state, and all of them. What waits is counted, as far as anybody reads."""
    reader = session.reader
    counts = capture_counts.in_states(its.location_id, _COUNTED) if its.base == QUEUE else {}
    states: list[CaptureState | None] = [None, *CaptureState] if its.usual is None else [*wording.STATES, None]
    return [
        Chip(
            title=reader.gettext(wording.STATES[state] if state else wording.ALL),
            address=replace(its, state=state, after="").path(),
            count=_count(counts.get(state, 0) if state else 0, reader),
            is_here=its.state is state,
        )
        for state in states
    ]


def _count(count: int, reader: Reader) -> str:
    return reader.number_up_to(count, capture_counts.MOST_COUNTED) if count else ""


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Addresses of the captures before and after the open one; "" where there is none on this page of the list."""

    before: str
    after: str


def _neighbours(its: Asked, listed: list[CaptureView], opened: CaptureView | None) -> Neighbours:
    """Of one that left the list by now: those that stand where it was. Of none: the first."""
    ids = [view.id for view in listed]
    if opened is None:
        return Neighbours("", its.path(ids[0]) if ids else "")
    newer, older = [one for one in ids if one > opened.id], [one for one in ids if one < opened.id]
    return Neighbours(its.path(newer[-1]) if newer else "", its.path(older[0]) if older else "")
