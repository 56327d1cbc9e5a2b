"""/locations/{location_id}/members/{user_id}/bcc-address"""

from fastapi import APIRouter, Response

from crm_store import bcc_addresses, bcc_tests, members
from crm_store.access import Access
from crm_store.clock import now_ms
from crm_store.reader_locale import locale_of
from crm_store.settings import Settings
from gateway.web.asking import Token, asked_by
from gateway.web.json_route import api_router
from gateway.web.making import Once
from gateway.web.shapes.bcc_address import BccAddress, Replacement, bcc_address
from gateway.web.shapes.fields import Id

_PATH = "/locations/{location_id}/members/{user_id}/bcc-address"


def router(settings: Settings) -> APIRouter:
    """All of it: the member's own, or for an admin of the location."""
    api = api_router("BCC addresses")

    @api.get(_PATH, summary="Read a member's BCC address")
    def get_bcc_address(token: Token, location_id: Id, user_id: Id) -> BccAddress:
        with asked_by(token) as access:
            members.require_own_or_managed(access, location_id, user_id)
            return _shown(access, location_id, user_id, now_ms())

    @api.post(_PATH + "/replace", response_model=BccAddress, summary="Replace a BCC address, or switch it on again")
    def replace_bcc_address(
        token: Token, once: Once, location_id: Id, user_id: Id, body: Replacement | None = None
    ) -> Response:
        """The old address works on for the grace period."""
        now = now_ms()
        domain = settings.capture_domains[0]
        grace_days = None if body is None else body.grace_days
        with asked_by(token) as access:
            members.require_own_or_managed(access, location_id, user_id)

            def replace() -> BccAddress:
                bcc_addresses.replace(
                    location_id, user_id, domain, grace_days=grace_days, by=access.user_id, now_ms=now
                )
                return _shown(access, location_id, user_id, now)

            return once.once(access, replace, now_ms=now, status=200)

    @api.post(_PATH + "/test", response_model=BccAddress, summary="Test a BCC address")
    def test_bcc_address(token: Token, once: Once, location_id: Id, user_id: Id) -> Response:
        """From now on the next mail at the address answers the test. One that its owner sends to it alone makes no
        contact, is not held, and nothing of it is kept; any other mail is recorded as always."""
        now = now_ms()
        with asked_by(token) as access:
            members.require_own_or_managed(access, location_id, user_id)

            def start() -> BccAddress:
                bcc_tests.start(location_id, user_id, by=access.user_id, now_ms=now)
                return _shown(access, location_id, user_id, now)

            return once.once(access, start, now_ms=now, status=200)

    @api.delete(_PATH, status_code=204, summary="Switch a BCC address off")
    def switch_off_bcc_address(token: Token, location_id: Id, user_id: Id) -> None:
        """At once, replaced ones in their grace too."""
        with asked_by(token) as access:
            members.require_own_or_managed(access, location_id, user_id)
            bcc_addresses.switch_off(location_id, user_id, by=access.user_id, now_ms=now_ms())

    return api


def _shown(access: Access, location_id: int, user_id: int, now_ms: int) -> BccAddress:
    return bcc_address(bcc_addresses.show(location_id, user_id, now_ms=now_ms), locale_of(access, location_id))
