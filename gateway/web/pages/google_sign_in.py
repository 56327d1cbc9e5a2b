"""/sign-in/google, and the way back from it."""

from fastapi import APIRouter, Response

from crm_store.errors import NotFound
from crm_store.rules.oauth_flow import STATE_LIVES_MS
from gateway.google.consent import Return
from gateway.google.ending import Word
from gateway.google.sign_in import GoogleSignIn
from gateway.web.pages import google_words
from gateway.web.pages.page_route import SIGN_IN, page_router, see_other
from gateway.web.pages.rendering import page
from gateway.web.pages.sign_in import let_in, local_path
from gateway.web.pages.visit import Visit, Visitor

PATH = f"{SIGN_IN}/google"


def router(signing_in: GoogleSignIn) -> APIRouter:
    api = page_router()

    @api.get(PATH)
    def begin(visit: Visitor) -> Response:
        """On to Google. Whoever sends somebody here has them sign in as themselves, and no one else."""
        if not visit.site.settings.has_google_client:
            raise NotFound("no Google client is set")
        begun = signing_in.begin(local_path(visit.query.get("next", "")))
        answer = see_other(begun.url)
        answer.set_cookie(
            cookie_name(visit),
            begun.kept,
            max_age=STATE_LIVES_MS // 1000,
            secure=visit.site.secure,
            httponly=True,
            samesite="lax",
        )
        return answer

    return api


def come_back(visit: Visit, signing_in: GoogleSignIn, returned: Return, kept: str) -> Response:
    """kept: the cookie that begin() set, "" for none."""
    ended = signing_in.come_back(returned, kept)
    if isinstance(ended, Word):
        words = google_words.words_of(ended)
        answer = page(visit, "google_ending.html", status=403, words=words, unchanged="", missing=[], back=SIGN_IN)
    else:
        answer = let_in(visit, ended.user_id, local_path(ended.next_path))
    answer.delete_cookie(cookie_name(visit), secure=visit.site.secure, httponly=True, samesite="lax")
    return answer


def cookie_name(visit: Visit) -> str:
    return f"{visit.site.cookie_name}-google"
