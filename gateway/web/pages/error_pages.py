"""Errors as pages: what happened and what to do next, in the reader's language."""

from collections.abc import Mapping
from dataclasses import dataclass

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from crm_store.errors import (
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    ProductError,
    StoreUnavailable,
    Temporary,
    TooOften,
    Unauthenticated,
)
from gateway.web.pages.asking import signed_in
from gateway.web.pages.reader import say
from gateway.web.pages.rendering import page
from gateway.web.pages.visit import Visit, visit_of

RETRY_AFTER_S = 3
_STATUS: tuple[tuple[type[ProductError], int], ...] = (
    (Forbidden, 403),
    (NotFound, 404),
    (Conflict, 409),
    (Invalid, 422),
    (TooOften, 429),
    (Temporary, 503),
)


@dataclass(frozen=True, slots=True)
class Words:
    """title: what happened. advice: what to do next. Both are translated where they are shown."""

    title: str
    advice: str


_WORDS: Mapping[int, Words] = {
    400: Words(say("This can't be read"), say("Go back, and try it again from the page before.")),
    403: Words(say("This is not yours to do"), say("Ask an admin of the location if you need it.")),
    404: Words(
        say("This page does not exist"),
        say("The address may be wrong, or what was here is gone, or it belongs to another location."),
    ),
    405: Words(say("This address is not opened like that"), say("Go back to the beginning and try from there.")),
    409: Words(say("Somebody was first"), say("Look at what is there now, then decide again.")),
    413: Words(say("That was too much at once"), say("Send less, and try again.")),
    422: Words(say("This can't be taken"), say("Go back, and correct what you entered.")),
    429: Words(say("That was asked too often"), say("Wait a while, then try again.")),
    500: Words(
        say("Something went wrong on our side"),
        say("It is in the log. Try again, and tell whoever runs this installation if it happens again."),
    ),
    503: Words(
        say("The database does not answer just now"),
        say("Mail is taken all the same, and nothing is lost. Try again in a moment."),
    ),
}
_NOT_OURS = Words(
    say("This form was not sent from here"),
    say("The page was open for too long, or your browser keeps no cookies. Open it anew, and send the form again."),
)


def wants_page(path: str, accept: str) -> bool:
    """Whether an error is told to a person: browsers say so, and programs have the API."""
    return not path.startswith("/api/") and "text/html" in accept


async def page_of(request: Request, error: Exception) -> Response:
    """The page for an error that an endpoint raised."""
    if isinstance(error, ProductError):
        status = next((status for kind, status in _STATUS if isinstance(error, kind)), 500)
        if status == 500:
            raise error  # nothing that the reader could mend: into the log
        if isinstance(error, StoreUnavailable):
            return await _say(request, 503, look_up_reader=False)
        return await _say(request, status)
    if isinstance(error, RequestValidationError):
        return await _say(request, 404)  # only addresses are checked that way
    assert isinstance(error, HTTPException)
    return await _say(request, error.status_code)


async def of_status(request: Request, status: int) -> Response:
    """Without a look into the database: for what went wrong before or behind the endpoints."""
    return await _say(request, status, look_up_reader=False)


async def form_is_not_ours(request: Request) -> Response:
    return await _say(request, 403, _NOT_OURS)


async def _say(request: Request, status: int, words: Words | None = None, *, look_up_reader: bool = True) -> Response:
    visit = visit_of(request, {})  # its form may be what is wrong
    known = words or _WORDS.get(status) or _WORDS[400 if status < 500 else 500]
    if look_up_reader:
        visit = await run_in_threadpool(_in_their_language, visit)
    answer = page(visit, "error.html", status=status, words=known, status_shown=status)
    if status == 503:
        answer.headers["Retry-After"] = str(RETRY_AFTER_S)
    return answer


def _in_their_language(visit: Visit) -> Visit:
    """The profile's, where somebody is signed in."""
    try:
        with signed_in(visit) as session:
            return visit.in_language(session.reader.language)
    except (Unauthenticated, StoreUnavailable):
        return visit
