"""/sign-in, /sign-out"""

from fastapi import Response

from crm_store import first_run, sign_in, web_sessions
from crm_store.database.session import connected
from crm_store.errors import Unauthenticated
from crm_store.passwords import Busy
from crm_store.sign_in import WrongPassword
from crm_store.sign_in_limits import TooManyFailures
from gateway.web.pages import cookies
from gateway.web.pages.asking import signed_in
from gateway.web.pages.page_route import SIGN_IN, page_router, see_other
from gateway.web.pages.rendering import page
from gateway.web.pages.visit import Visit, Visitor

router = page_router()


@router.get(SIGN_IN)
def show_sign_in(visit: Visitor) -> Response:
    """Who is signed in already goes on."""
    try:
        with signed_in(visit):
            return see_other(local_path(visit.query.get("next", "")))
    except Unauthenticated:
        with connected():
            is_first_run = first_run.is_awaited()
        return _form(visit, 200, is_first_run=is_first_run)


@router.post(SIGN_IN)
def take_sign_in(visit: Visitor) -> Response:
    email, password = visit.form.get("email", ""), visit.form.get("password", "")
    gettext = visit.reader.gettext
    try:
        user_id = sign_in.by_password(email, password, network=visit.network, now_ms=visit.now_ms)
    except WrongPassword:
        return _form(visit, 422, problem=gettext("The e-mail or the password is wrong."))
    except TooManyFailures as error:
        return too_many(_form(visit, 429, problem=wait_sentence(visit, error)), visit, error)
    except Busy:
        return _form(visit, 503, problem=gettext("Many people are signing in just now. Try again in a moment."))
    return let_in(visit, user_id, local_path(visit.form.get("next", "")))


@router.post("/sign-out")
def sign_out(visit: Visitor) -> Response:
    try:
        with signed_in(visit) as session:
            web_sessions.end(session.access, session.id, now_ms=visit.now_ms)
    except Unauthenticated:
        pass  # that is what was wanted
    return cookies.forget(see_other(SIGN_IN), visit)


def let_in(visit: Visit, user_id: int, path: str) -> Response:
    """A session under a new id, whatever the browser had before, and on to a path of ours."""
    with connected():
        token = web_sessions.begin(user_id, agent=visit.agent, now_ms=visit.now_ms)
    return cookies.keep_secret(see_other(path), visit, token)


def local_path(wanted: str) -> str:
    """wanted, if it is a path of this site, else the beginning. Browsers take a backslash for a slash, drop tabs and
    line ends, and take two slashes for another host."""
    is_local = wanted.startswith("/") and not wanted.startswith("//") and "\\" not in wanted and wanted.isprintable()
    return wanted if is_local else "/"


def wait_sentence(visit: Visit, error: TooManyFailures) -> str:
    reader = visit.reader
    return reader.gettext(
        "Signing in failed too often. Try again %(when)s, at %(time)s.",
        when=reader.ago(error.until_ms),
        time=f"{reader.clock(error.until_ms)} {reader.zone.key}",
    )


def too_many(answer: Response, visit: Visit, error: TooManyFailures) -> Response:
    answer.headers["Retry-After"] = str(-(-(error.until_ms - visit.now_ms) // 1000))
    return answer


def _form(visit: Visit, status: int, *, problem: str = "", is_first_run: bool = False) -> Response:
    said = {**visit.query, **visit.form}
    next_path = local_path(said.get("next", ""))
    answer = page(
        visit,
        "sign_in.html",
        status=status,
        problem=problem,
        email=said.get("email", "") if visit.form else "",
        next_path=next_path,
        is_first_run=is_first_run,
    )
    return cookies.keep_visit(answer, visit)
