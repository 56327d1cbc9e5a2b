"""/l/{location_id}/settings/email: the tab Email Two Way Sync, and what is done with a connection (rules A)."""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Response

from crm_store import connections
from crm_store.connections import MAX_BACKFILL_DAYS, MAX_DAILY_LIMIT, ConnectionView
from crm_store.errors import Conflict, Invalid
from crm_store.live_marks.place import View
from crm_store.rules.connection import ConnectionState
from crm_store.rules.oauth_flow import FlowKind
from gateway.google.consent import Consent
from gateway.google.ending import SUCCESSES, Word
from gateway.web.pages import following, google_words
from gateway.web.pages.asking import Session, signed_in
from gateway.web.pages.navigation import in_location
from gateway.web.pages.page_route import page_router, see_other
from gateway.web.pages.reader import Reader, say
from gateway.web.pages.rendering import page
from gateway.web.pages.settings import connected_accounts
from gateway.web.pages.settings.connected_accounts import own
from gateway.web.pages.visit import Visit, Visitor
from gateway.web.shapes.fields import Id

PATH = "/l/{location_id}/settings/email"
_ONE = PATH + "/{connection_id}"
_USUAL_DAYS = 30
_DONE: Mapping[str, str] = {
    "sync": say("The mailbox is looked at now."),
    "backfill": say("Older mail is being fetched. It goes on while you work."),
    "stopped": say("No more older mail is fetched. What is recorded stays."),
    "changed": say("The settings of the connection are saved."),
    "disconnected": say("The account is disconnected. What is recorded stays."),
}


def router(consent: Consent) -> APIRouter:
    pages = page_router()

    @pages.get(PATH)
    def show_connections(visit: Visitor, location_id: Id) -> Response:
        with signed_in(visit, location_id) as session:
            return _list(session)

    @pages.post(PATH + "/connect")
    def connect(visit: Visitor, location_id: Id) -> Response:
        """A1: on to Google's consent."""
        with signed_in(visit, location_id) as session:
            user_id = session.access.user_id
            return see_other(consent.connect(own(session), user_id, location_id, session_id=session.id))

    @pages.post(_ONE + "/update")
    def update(visit: Visitor, location_id: Id, connection_id: Id) -> Response:
        """A3; or A5 where the account is to sign in again."""
        with signed_in(visit, location_id) as session:
            view = connections.get(own(session), connection_id, now_ms=visit.now_ms)
            lost = view.state is ConnectionState.NEEDS_REAUTH and visit.form.get("account") != "other"
            kind = FlowKind.REAUTH if lost else FlowKind.UPDATE
            return see_other(consent.update(own(session), connection_id, kind=kind, session_id=session.id))

    @pages.post(_ONE + "/sync")
    def sync(visit: Visitor, location_id: Id, connection_id: Id) -> Response:
        with signed_in(visit, location_id) as session:
            connections.want_sync(own(session), connection_id, now_ms=visit.now_ms)
        return _back(location_id, "sync")

    @pages.post(_ONE + "/backfill/stop")
    def stop_backfill(visit: Visitor, location_id: Id, connection_id: Id) -> Response:
        with signed_in(visit, location_id) as session:
            connections.stop_backfill(own(session), connection_id, now_ms=visit.now_ms)
        return _back(location_id, "stopped")

    @pages.post(_ONE)
    def change(visit: Visitor, location_id: Id, connection_id: Id) -> Response:
        with signed_in(visit, location_id) as session:
            _connection(session, connection_id)  # whose it is comes before what was typed
            try:
                changes = {
                    "daily_limit": _number(visit.form.get("daily_limit", ""), "daily_limit"),
                    "import_contacts": visit.form.get("import_contacts") == "yes",
                }
                connections.change(own(session), connection_id, changes, now_ms=visit.now_ms)
            except Invalid:
                return _list(session, status=422, faulty_id=connection_id, typed_limit=visit.form.get("daily_limit"))
        return _back(location_id, "changed")

    _add_confirmed(pages, consent)
    return pages


def _add_confirmed(pages: APIRouter, consent: Consent) -> None:
    """What is asked about once more before it is done."""

    @pages.get(_ONE + "/disconnect")
    def ask_disconnect(visit: Visitor, location_id: Id, connection_id: Id) -> Response:
        with signed_in(visit, location_id) as session:
            return page(session, "settings/disconnect.html", view=_connection(session, connection_id))

    @pages.post(_ONE + "/disconnect")
    def disconnect(visit: Visitor, location_id: Id, connection_id: Id) -> Response:
        with signed_in(visit, location_id) as session:
            access = own(session)
        consent.disconnect(access, connection_id)  # it speaks with Google, and meanwhile holds no connection
        return _back(location_id, "disconnected")

    @pages.get(_ONE + "/backfill")
    def ask_backfill(visit: Visitor, location_id: Id, connection_id: Id) -> Response:
        return _backfill_page(visit, location_id, connection_id)

    @pages.post(_ONE + "/backfill")
    def backfill(visit: Visitor, location_id: Id, connection_id: Id) -> Response:
        try:
            with signed_in(visit, location_id) as session:
                days = _number(visit.form.get("days", ""), "days")
                connections.want_backfill(own(session), connection_id, days, now_ms=visit.now_ms)
        except Invalid:
            return _backfill_page(visit, location_id, connection_id, typed=visit.form.get("days", ""))
        return _back(location_id, "backfill")


def _backfill_page(visit: Visit, location_id: int, connection_id: int, typed: str | None = None) -> Response:
    """typed: what could not be taken; None for the question."""
    with signed_in(visit, location_id) as session:
        return page(
            session,
            "settings/backfill.html",
            status=200 if typed is None else 422,
            view=_connection(session, connection_id),
            days=_USUAL_DAYS if typed is None else typed,
            most_days=MAX_BACKFILL_DAYS,
            is_faulty=typed is not None,
        )


def _connection(session: Session, connection_id: int) -> ConnectionView:
    """One that is not over. Raises: NotFound, Conflict."""
    view = connections.get(own(session), connection_id, now_ms=session.reader.now_ms)
    if view.state is ConnectionState.DISCONNECTED:
        raise Conflict("it is disconnected")
    return view


def _number(text: str, field: str) -> int:
    """Raises: Invalid."""
    digits = text.strip()
    if not (digits.isascii() and digits.isdecimal() and len(digits) <= 6):
        raise Invalid(field, "is a number")
    return int(digits)


def _back(location_id: int, done: str) -> Response:
    return see_other(in_location(location_id, f"settings/email?done={done}"))


# Any: what a template shows.
def _list(session: Session, *, status: int = 200, faulty_id: int | None = None, typed_limit: Any = None) -> Response:
    """faulty_id: the connection whose typed_limit could not be taken."""
    live = following.address(session, View.SETTINGS)
    return page(
        session,
        "settings/email.html",
        status=status,
        accounts=connected_accounts.cards(session),
        location_names=connected_accounts.location_names(session),
        done=_done(session.visit.query.get("done", ""), session.reader),
        faulty_id=faulty_id,
        typed_limit=typed_limit,
        highest_limit=MAX_DAILY_LIMIT,
        live=live,
        forms_end_at=connected_accounts.forms_end_at(session),
        **connected_accounts.set_up(session),
    )


def _done(word: str, reader: Reader) -> str:
    """What was done, in words; "" for a word that is none of ours."""
    if word in _DONE:
        return reader.gettext(_DONE[word])
    if word in SUCCESSES:
        words = google_words.words_of(Word(word))
        return f"{reader.gettext(words.title)}. {reader.gettext(words.advice)}"
    return ""
