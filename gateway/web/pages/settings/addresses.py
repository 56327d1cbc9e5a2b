"""What is done with one's own addresses (Words: identity): add one by a mail to it, and remove one."""

from fastapi import APIRouter, Response

from crm_store import identities
from crm_store.blobs.store import BlobStore
from crm_store.errors import Conflict, Invalid, TooOften
from crm_store.identities import Asking, NobodyCanMail
from crm_store.settings import Settings
from gateway.web.pages import form_problems
from gateway.web.pages.asking import Session, signed_in
from gateway.web.pages.navigation import in_location
from gateway.web.pages.page_route import page_router, see_other
from gateway.web.pages.settings import general
from gateway.web.pages.visit import Visitor
from gateway.web.shapes.fields import Id

_PATH = "/l/{location_id}/settings/addresses"


def router(settings: Settings, blobs: BlobStore) -> APIRouter:
    pages = page_router()

    def prepared(session: Session, address: str, location_id: int) -> Asking:
        access = session.access
        base_url, domains = settings.base_url, settings.capture_domains
        return identities.prepare(
            access,
            access.user_id,
            address,
            blobs,
            base_url,
            domains,
            preferred_id=location_id,
            now_ms=session.reader.now_ms,
        )

    @pages.post(_PATH)
    def ask(visit: Visitor, location_id: Id) -> Response:
        with signed_in(visit, location_id) as session:
            address = visit.line("address")
            try:
                asking = prepared(session, address, location_id)
                identities.ask(session.access, asking, blobs, now_ms=visit.now_ms)
            except (Invalid, Conflict, TooOften) as error:
                status, problems = _problem(session, error)
                return general.page_of(session, status=status, typed={"address": address}, problems=problems)
        return _back(location_id, "asked")

    @pages.post(_PATH + "/remove")
    def remove(visit: Visitor, location_id: Id) -> Response:
        with signed_in(visit, location_id) as session:
            user_id = session.access.user_id
            identities.remove(session.access, user_id, visit.line("address"), now_ms=visit.now_ms)
        return _back(location_id, "address-removed")

    return pages


def _problem(session: Session, error: Invalid | Conflict | TooOften) -> tuple[int, dict[str, str]]:
    """The answer's status, and what is told beside the field."""
    reader = session.reader
    match error:
        case TooOften():
            again = reader.ago(error.until_ms)
            words = reader.gettext("Too many e-mails were asked for. Try again %(when)s.", when=again)
            return 429, {"address": words}
        case NobodyCanMail():
            words = reader.gettext(
                "Nobody can mail it: no location of yours has an e-mail provider. An admin sets one up in the settings."
            )
            return 409, {"address": words}
        case Conflict():
            words = reader.gettext("It is yours already, or too many of your addresses wait to be confirmed.")
            return 409, {"address": words}
        case _:
            told = form_problems.of(reader, Invalid("email", str(error)))
            return 422, {"address": told["email"]}


def _back(location_id: int, done: str) -> Response:
    return see_other(in_location(location_id, f"settings/general?done={done}#addresses"))
