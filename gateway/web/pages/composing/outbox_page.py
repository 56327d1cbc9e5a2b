"""/l/{location_id}/outbox: what is to leave, what has left, and what may be done about it."""

from __future__ import annotations

import secrets
from typing import Annotated

from fastapi import APIRouter, Query, Response

from crm_store import draft_sending, outbox
from crm_store.blobs.store import BlobStore
from crm_store.errors import Conflict, Invalid, NotFound
from crm_store.live_marks.place import View
from crm_store.outbox import EmailView
from crm_store.outbox_wording import email_sentence
from crm_store.paging import PageRequest
from crm_store.rules.outbox import OutboxState
from crm_store.settings import Settings
from gateway.web.pages import following
from gateway.web.pages.asking import Session, signed_in
from gateway.web.pages.composing import problem_words
from gateway.web.pages.navigation import in_location
from gateway.web.pages.page_route import page_router, see_other
from gateway.web.pages.rendering import page
from gateway.web.pages.visit import Visitor
from gateway.web.shapes.fields import Id

_PATH = "/l/{location_id}/outbox"
_ONE = _PATH + "/{email_id}"
_SHOWN = 50
# What its sender may do; the store asks again when they do it.
ACTS: dict[OutboxState, tuple[str, ...]] = {
    OutboxState.WAITING: ("edit", "cancel"),
    OutboxState.FAILED: ("retry", "edit"),
    OutboxState.CANCELLED: ("retry", "edit"),
    OutboxState.UNKNOWN: ("was-sent", "was-not-sent"),
}


def router(settings: Settings, blobs: BlobStore) -> APIRouter:
    pages = page_router()

    @pages.get(_PATH)
    def show_outbox(
        visit: Visitor,
        location_id: Id,
        state: OutboxState | None = None,
        after: Annotated[str | None, Query(max_length=200)] = None,
    ) -> Response:
        with signed_in(visit, location_id) as session:
            live = following.address(session, View.OUTBOX)
            shown = outbox.list_for(session.access, location_id, PageRequest(_SHOWN, after), state=state)
            return page(
                session,
                "composing/outbox.html",
                live=live,
                emails=shown.items,
                next=shown.next,
                state=state,
                is_first=after is None,
                why=lambda view: _why(session, view),
            )

    @pages.get(_ONE)
    def show_email(visit: Visitor, location_id: Id, email_id: Id) -> Response:
        with signed_in(visit, location_id) as session:
            return _page(session, _own(session, email_id))

    @pages.post(_ONE)
    def act(visit: Visitor, location_id: Id, email_id: Id) -> Response:
        with signed_in(visit, location_id) as session:
            view, wanted = _own(session, email_id), visit.form.get("act", "")
            if wanted not in {act for acts in ACTS.values() for act in acts}:
                raise NotFound("no such act")
            try:
                done = _act(session, view, wanted, settings, blobs)
            except Invalid as error:
                problem = " ".join(problem_words.of(session.reader, error).values())
                return _page(session, outbox.get(session.access, email_id), status=422, problem=problem)
            except Conflict:
                problem = session.reader.gettext("It was too late for that: this is how it stands now.")
                return _page(session, outbox.get(session.access, email_id), status=409, problem=problem)
        return see_other(done)

    return pages


def _own(session: Session, email_id: int) -> EmailView:
    """Raises: NotFound."""
    assert session.location is not None
    view = outbox.get(session.access, email_id)
    if view.location_id != session.location.id:
        raise NotFound("no such e-mail")
    return view


def _act(session: Session, view: EmailView, wanted: str, settings: Settings, blobs: BlobStore) -> str:
    """Where it leads. Raises: Forbidden, Conflict, Invalid, StoreUnavailable."""
    access, now_ms = session.access, session.reader.now_ms
    here = f"outbox/{view.id}"
    if wanted == "edit":
        key = secrets.token_urlsafe(24)
        draft_id = draft_sending.take_back(access, view.location_id, view.id, key=key, now_ms=now_ms)
        return in_location(view.location_id, f"compose/{draft_id}")
    if wanted == "cancel":
        outbox.cancel(access, view.id, now_ms=now_ms)
    elif wanted == "retry":
        outbox.retry(access, view.id, now_ms=now_ms)
    else:
        was_sent, domains = wanted == "was-sent", settings.capture_domains
        outbox.resolve(access, view.id, blobs, domains, was_sent=was_sent, now_ms=now_ms)
    return in_location(view.location_id, f"{here}?done={wanted}")


def _page(session: Session, view: EmailView, *, status: int = 200, problem: str = "") -> Response:
    is_own = view.user_id == session.access.user_id
    return page(
        session,
        "composing/email.html",
        status=status,
        live=following.address(session, View.OUTBOX),
        view=view,
        why=_why(session, view),
        acts=ACTS.get(view.state, ()) if is_own else (),
        problem=problem,
        done=session.visit.query.get("done", ""),
    )


def _why(session: Session, view: EmailView) -> str | None:
    return email_sentence(view.state, view.counts, view.reason, view.detail, session.reader.language)
