"""/identity/{token}: what the link opens in the mail that asks whether an address is a user's. Opening it changes
nothing: programs that look for bad links open them, too."""

from http import HTTPStatus

from fastapi import Response

from crm_store import identities
from crm_store.database.session import connected
from crm_store.errors import Conflict, NotFound
from gateway.web.pages import cookies
from gateway.web.pages.page_route import page_router
from gateway.web.pages.reader import say
from gateway.web.pages.rendering import page
from gateway.web.pages.visit import Visit, Visitor

_PATH = identities.LINK_PATH + "/{token}"
_ADDED = (say("The address is confirmed"), say("From now on mail from it counts as its user's in the CRM."))
_DECLINED = (say("The address is not theirs"), say("Nothing was changed, and the link does not work any more."))
_OVER = (
    say("This link does not work any more"),
    say(
        "It works once, for 24 hours, and only the one of the latest e-mail does. Ask for another one in the settings."
    ),
)
_ANOTHERS = (
    say("This address belongs to another account"),
    say("Nothing was changed. If both accounts are yours, remove the address from the other one, then ask again."),
)

router = page_router()


@router.get(_PATH)
def show_question(visit: Visitor, token: str) -> Response:
    try:
        with connected():
            asked = identities.question(token, now_ms=visit.now_ms)
    except NotFound:
        return _told(visit, _OVER, HTTPStatus.NOT_FOUND)
    visit = visit.in_language(asked.language or visit.language)
    return cookies.keep_visit(
        page(visit, "identity_question.html", asked=asked, action=f"{identities.LINK_PATH}/{token}"), visit
    )


@router.post(_PATH)
def take_answer(visit: Visitor, token: str) -> Response:
    agreed = visit.form.get("agreed") == "yes"
    try:
        with connected():
            asked = identities.answer(token, is_theirs=agreed, now_ms=visit.now_ms)
    except NotFound:
        return _told(visit, _OVER, HTTPStatus.NOT_FOUND)
    except Conflict:
        return _told(visit, _ANOTHERS, HTTPStatus.CONFLICT)
    return _told(visit.in_language(asked.language or visit.language), _ADDED if agreed else _DECLINED, HTTPStatus.OK)


def _told(visit: Visit, words: tuple[str, str], status: HTTPStatus) -> Response:
    return page(visit, "told.html", status=status, title=words[0], sentence=words[1])
