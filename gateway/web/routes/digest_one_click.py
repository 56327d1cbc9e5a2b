"""POST /digest/{token}: how a mail program switches the daily mail off by one click of its reader (RFC 8058 §3.2). It
has neither a cookie nor a page of ours: the link alone says for whom."""

from http import HTTPStatus

from fastapi import APIRouter, Response
from starlette.exceptions import HTTPException

from crm_store import users
from crm_store.database.session import connected
from crm_store.digest_links import PATH, DigestLinks
from crm_store.settings import Settings
from gateway.web.pages.visit import Visitor


def router(settings: Settings) -> APIRouter:
    api = APIRouter(include_in_schema=False)  # mail programs call it, and no client of ours
    links = DigestLinks.of(settings)

    @api.post(PATH + "/{token}")
    def switch_off(visit: Visitor, token: str) -> Response:
        if visit.form.get("List-Unsubscribe") != "One-Click":
            raise HTTPException(HTTPStatus.BAD_REQUEST)
        with connected():
            users.end_digest(links.user_of(token), now_ms=visit.now_ms)
        return Response("The daily e-mail is switched off.\n", media_type="text/plain")

    return api
