"""/oauth/google/callback: where people come back to from Google, and the page that asks once more."""

from http import HTTPStatus

from fastapi import APIRouter, Request, Response

from crm_store.errors import Unauthenticated
from crm_store.rules.permissions import scope_of
from gateway.google.consent import CALLBACK_PATH, Consent, Return
from gateway.google.ending import Ending, Question, Word
from gateway.google.sign_in import GoogleSignIn, is_of_sign_in
from gateway.web.pages import cookies, google_sign_in, google_words
from gateway.web.pages.asking import Session, signed_in
from gateway.web.pages.navigation import in_location
from gateway.web.pages.page_route import page_router, see_other
from gateway.web.pages.rendering import page
from gateway.web.pages.visit import Visit, Visitor

ANSWER_PATH = "/oauth/google/answer"
SETTINGS = "settings/email"
_MAX_LENGTH = 4000  # of a state or a code; Google's are shorter by far
_STATUS = {
    Word.CANCELLED: HTTPStatus.OK,
    Word.DECLINED: HTTPStatus.OK,
    Word.MISSING_PERMISSIONS: HTTPStatus.FORBIDDEN,
    Word.OTHER_SESSION: HTTPStatus.FORBIDDEN,
    Word.ORGANISATION_FORBIDS: HTTPStatus.FORBIDDEN,
    Word.NOT_A_MEMBER: HTTPStatus.FORBIDDEN,
    Word.UNKNOWN: HTTPStatus.BAD_REQUEST,
    Word.EXPIRED: HTTPStatus.BAD_REQUEST,
    Word.GOOGLE_AWAY: HTTPStatus.SERVICE_UNAVAILABLE,
}


def router(consent: Consent, signing_in: GoogleSignIn) -> APIRouter:
    api = page_router()

    @api.get(CALLBACK_PATH)
    def come_back(visit: Visitor, request: Request) -> Response:
        if visit.method != "GET":
            return Response(None, HTTPStatus.METHOD_NOT_ALLOWED, {"Allow": "GET"})  # who only looks uses up no state
        returned = _returned(visit)
        if is_of_sign_in(returned.state):
            kept = request.cookies.get(google_sign_in.cookie_name(visit), "")
            return google_sign_in.come_back(visit, signing_in, returned, kept)
        ended = consent.come_back(returned, _session_id(visit))
        if isinstance(ended, Question):
            return cookies.keep_visit(_question(visit, ended), visit)
        return _told(visit, ended)

    @api.post(ANSWER_PATH)
    def take_answer(visit: Visitor) -> Response:
        agreed = visit.form.get("agreed") == "yes"
        return _told(visit, consent.answered(visit.form.get("answer", "")[:_MAX_LENGTH], agreed=agreed))

    return api


def _question(visit: Visit, asked: Question) -> Response:
    return page(visit, "google_question.html", flow=asked.flow, answer=asked.answer, action=ANSWER_PATH)


def _returned(visit: Visit) -> Return:
    said = {name: value[:_MAX_LENGTH] for name, value in visit.query.items()}
    return Return(said.get("state", ""), said.get("code"), said.get("error"))


def _session_id(visit: Visit) -> int | None:
    try:
        with signed_in(visit) as session:
            return session.id
    except Unauthenticated:
        return None


def _told(visit: Visit, ended: Ending) -> Response:
    """Back to the settings page where the user sits before it; whoever else it is gets a page of its own."""
    try:
        with signed_in(visit) as session:
            if ended.is_success and ended.user_id == session.access.user_id and ended.location_id is not None:
                return see_other(f"{in_location(ended.location_id, SETTINGS)}?done={ended.word}")
            return _page(session, ended)
    except Unauthenticated:
        return _page(visit, ended)


def _page(whom: Visit | Session, ended: Ending) -> Response:
    status = HTTPStatus.OK if ended.is_success else _STATUS.get(ended.word, HTTPStatus.CONFLICT)
    is_theirs = isinstance(whom, Session) and ended.location_id in whom.access.roles
    return page(
        whom,
        "google_ending.html",
        status=status,
        words=google_words.words_of(ended.word),
        unchanged=google_words.NOTHING_CHANGED if google_words.leaves_all_as_it_was(ended.word) else "",
        missing=[(google_words.PERMISSIONS[permission], scope_of(permission)) for permission in ended.missing],
        back=in_location(ended.location_id, SETTINGS) if is_theirs and ended.location_id is not None else "/",
    )
