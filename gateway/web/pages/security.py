"""/l/{location_id}/settings/security: the password, and where one is signed in."""

from fastapi import Response

from crm_store import sign_in, users, web_sessions
from crm_store.errors import Invalid
from crm_store.passwords import Busy
from crm_store.sign_in import WrongPassword
from crm_store.sign_in_limits import TooManyFailures
from gateway.web.pages import browsers, cookies, form_problems
from gateway.web.pages.asking import Session, signed_in
from gateway.web.pages.navigation import in_location
from gateway.web.pages.page_route import page_router, see_other
from gateway.web.pages.rendering import page
from gateway.web.pages.sign_in import too_many, wait_sentence
from gateway.web.pages.visit import Visit, Visitor
from gateway.web.shapes.fields import Id

_PATH = "/l/{location_id}/settings/security"
router = page_router()


@router.get(_PATH)
def show_security(visit: Visitor, location_id: Id) -> Response:
    with signed_in(visit, location_id) as session:
        return _page(session, done=visit.query.get("done", ""))


@router.post(_PATH + "/password")
def change_password(visit: Visitor, location_id: Id) -> Response:
    with signed_in(visit, location_id) as session:
        access, session_id = session.access, session.id
    try:
        if visit.form.get("password") != visit.form.get("again"):
            raise Invalid("again", "is another one")
        old, new = visit.form.get("old", ""), visit.form.get("password", "")
        token = sign_in.change_password(access, session_id, old, new, network=visit.network, now_ms=visit.now_ms)
    except Invalid as error:
        return _again(visit, location_id, 422, form_problems.of(visit.reader, error))
    except WrongPassword:
        return _again(visit, location_id, 422, {"old": session.reader.gettext("This is not your password.")})
    except TooManyFailures as error:
        return too_many(_again(visit, location_id, 429, {"old": wait_sentence(visit, error)}), visit, error)
    except Busy:
        words = session.reader.gettext("Many people are signing in just now. Try again in a moment.")
        return _again(visit, location_id, 503, {"old": words})
    return cookies.keep_secret(see_other(in_location(location_id, "settings/security?done=password")), visit, token)


@router.post(_PATH + "/sessions/end-others")
def end_other_sessions(visit: Visitor, location_id: Id) -> Response:
    with signed_in(visit, location_id) as session:
        web_sessions.end_others(session.access, session.id, now_ms=visit.now_ms)
    return see_other(in_location(location_id, "settings/security?done=sessions"))


@router.post(_PATH + "/sessions/{session_id}/end")
def end_session(visit: Visitor, location_id: Id, session_id: Id) -> Response:
    with signed_in(visit, location_id) as session:
        web_sessions.end(session.access, session_id, now_ms=visit.now_ms)
    return see_other(in_location(location_id, "settings/security?done=session"))


def _again(visit: Visit, location_id: int, status: int, problems: dict[str, str]) -> Response:
    with signed_in(visit, location_id) as session:
        return _page(session, status=status, problems=problems)


def _page(session: Session, *, status: int = 200, problems: dict[str, str] | None = None, done: str = "") -> Response:
    return page(
        session,
        "security.html",
        status=status,
        problems=problems or {},
        done=done,
        sessions=web_sessions.list_for(session.access, now_ms=session.reader.now_ms),
        browser_of=browsers.named,
        shortest_password=users.MIN_PASSWORD_LENGTH,
    )
