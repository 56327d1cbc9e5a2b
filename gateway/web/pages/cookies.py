"""The one cookie: whose browser this is."""

from fastapi import Response

from crm_store.web_sessions import LONGEST_MS
from gateway.web.pages.visit import Visit


def keep_secret(answer: Response, visit: Visit, token: str) -> Response:
    """Signed in from now on. token: of the session."""
    _set(answer, visit, token, max_age_s=LONGEST_MS // 1000)
    return answer


def keep_visit(answer: Response, visit: Visit) -> Response:
    """For pages with a form that a stranger sends: the form's token hangs on it. It ends with the browser."""
    if visit.is_new:
        _set(answer, visit, visit.secret, max_age_s=None)
    return answer


def forget(answer: Response, visit: Visit) -> Response:
    answer.delete_cookie(visit.site.cookie_name, path="/", secure=visit.site.secure, httponly=True, samesite="lax")
    return answer


def _set(answer: Response, visit: Visit, value: str, max_age_s: int | None) -> None:
    answer.set_cookie(
        visit.site.cookie_name,
        value,
        max_age=max_age_s,
        path="/",
        secure=visit.site.secure,
        httponly=True,
        samesite="lax",
    )
