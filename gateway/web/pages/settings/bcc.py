"""What is done with one's own BCC address (C1): test it, replace it, switch it off and on, save it as a contact."""

from fastapi import APIRouter, Response

from crm_store import bcc_addresses, bcc_tests
from crm_store.errors import Conflict
from crm_store.settings import Settings
from gateway.web.pages.asking import Session, signed_in
from gateway.web.pages.navigation import in_location
from gateway.web.pages.page_route import page_router, see_other
from gateway.web.pages.rendering import page
from gateway.web.pages.settings.vcard import vcard
from gateway.web.pages.visit import Visitor
from gateway.web.shapes.fields import Id

_PATH = "/l/{location_id}/settings/bcc"


def router(settings: Settings) -> APIRouter:
    pages = page_router()
    domain = settings.capture_domains[0]

    @pages.get(_PATH + "/replace")
    def ask_replace(visit: Visitor, location_id: Id) -> Response:
        with signed_in(visit, location_id) as session:
            return _page(session, "settings/bcc_replace.html")

    @pages.post(_PATH + "/replace")
    def replace(visit: Visitor, location_id: Id) -> Response:
        """grace: "none" for an address that leaked, else the location's days."""
        grace_days = 0 if visit.form.get("grace") == "none" else None
        with signed_in(visit, location_id) as session:
            _replace(session, domain, grace_days)
        return _back(location_id, "replaced")

    @pages.get(_PATH + "/off")
    def ask_switch_off(visit: Visitor, location_id: Id) -> Response:
        with signed_in(visit, location_id) as session:
            return _page(session, "settings/bcc_off.html")

    @pages.post(_PATH + "/off")
    def switch_off(visit: Visitor, location_id: Id) -> Response:
        with signed_in(visit, location_id) as session:
            user_id = session.access.user_id
            bcc_addresses.switch_off(location_id, user_id, by=user_id, now_ms=visit.now_ms)
        return _back(location_id, "off")

    @pages.post(_PATH + "/on")
    def switch_on(visit: Visitor, location_id: Id) -> Response:
        """With a new address. One that another tab has switched on already is left as it is."""
        with signed_in(visit, location_id) as session:
            if not bcc_addresses.show(location_id, session.access.user_id, now_ms=visit.now_ms).active:
                _replace(session, domain, None)
        return _back(location_id, "on")

    @pages.post(_PATH + "/test")
    def test(visit: Visitor, location_id: Id) -> Response:
        with signed_in(visit, location_id) as session:
            user_id = session.access.user_id
            bcc_tests.start(location_id, user_id, by=user_id, now_ms=visit.now_ms)
        return see_other(in_location(location_id, "settings/general#bcc"))

    @pages.get(_PATH + "/contact.vcf")
    def save_as_contact(visit: Visitor, location_id: Id) -> Response:
        with signed_in(visit, location_id) as session:
            return _card(session, location_id)

    @pages.get(_PATH + "/how-to")
    def how_to(visit: Visitor, location_id: Id) -> Response:
        with signed_in(visit, location_id) as session:
            return _page(session, "settings/bcc_how_to.html")

    return pages


def _replace(session: Session, domain: str, grace_days: int | None) -> None:
    assert session.location is not None
    user_id = session.access.user_id
    bcc_addresses.replace(
        session.location.id, user_id, domain, grace_days=grace_days, by=user_id, now_ms=session.reader.now_ms
    )


def _back(location_id: int, done: str) -> Response:
    return see_other(in_location(location_id, f"settings/general?done={done}#bcc"))


def _page(session: Session, template: str) -> Response:
    assert session.location is not None
    bcc = bcc_addresses.show(session.location.id, session.access.user_id, now_ms=session.reader.now_ms)
    return page(session, template, bcc=bcc)


def _card(session: Session, location_id: int) -> Response:
    """Raises: Conflict while the address is switched off."""
    assert session.location is not None
    address = bcc_addresses.show(location_id, session.access.user_id, now_ms=session.reader.now_ms).address
    if address is None:
        raise Conflict("the BCC address is switched off")
    name = session.reader.gettext("BCC %(location)s", location=session.location.settings.name)
    note = session.reader.gettext(
        "Put it in Bcc, and the mail is recorded in the CRM. It is yours alone: keep it secret."
    )
    answer = Response(vcard(name, note, address), media_type="text/vcard; charset=utf-8")
    answer.headers["Content-Disposition"] = 'attachment; filename="bcc.vcf"'
    return answer
