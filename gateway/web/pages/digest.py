"""/digest/{token}: where the link in each digest leads: it switches the daily mail off, for who need not sign in."""

from fastapi import APIRouter, Response

from crm_store import users
from crm_store.database.session import connected
from crm_store.digest_links import PATH, DigestLinks
from crm_store.settings import Settings
from gateway.web.pages import cookies
from gateway.web.pages.page_route import page_router
from gateway.web.pages.reader import say
from gateway.web.pages.rendering import page
from gateway.web.pages.visit import Visitor

_PATH = PATH + "/{token}"
_OFF = say("The daily e-mail is switched off")
_ON_AGAIN = say("You can switch it on again under Settings, My profile, General.")


def router(settings: Settings) -> APIRouter:
    pages = page_router()
    links = DigestLinks.of(settings)

    @pages.get(_PATH)
    def ask(visit: Visitor, token: str) -> Response:
        """Opening it changes nothing: programs that look for bad links open them, too."""
        with connected():
            user = users.of_link(links.user_of(token))
        visit = visit.in_language(user.settings.locale or visit.language)
        answer = page(visit, "digest_off.html", email=user.email, action=f"{PATH}/{token}/off")
        return cookies.keep_visit(answer, visit)

    @pages.post(_PATH + "/off")
    def switch_off(visit: Visitor, token: str) -> Response:
        with connected():
            user = users.end_digest(links.user_of(token), now_ms=visit.now_ms)
        visit = visit.in_language(user.settings.locale or visit.language)
        return page(visit, "told.html", title=_OFF, sentence=_ON_AGAIN)

    return pages
