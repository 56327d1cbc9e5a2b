"""/locations/{location_id}/provider"""

from fastapi import APIRouter

from crm_store import providers
from crm_store.clock import now_ms
from crm_store.sealing import Sealer
from crm_store.settings import Settings
from gateway.web.asking import Token, asked_by
from gateway.web.json_route import api_router
from gateway.web.shapes.fields import Id
from gateway.web.shapes.provider import NewProvider, Provider, provider

_PATH = "/locations/{location_id}/provider"


def router(settings: Settings) -> APIRouter:
    """All of it takes the role admin in the location, or an --admin token."""
    api = api_router("e-mail provider")
    sealer = Sealer.of(settings)

    @api.put(_PATH, summary="Set by what a location sends bulk and automated mail")
    def put_provider(token: Token, location_id: Id, body: NewProvider) -> Provider:
        """An SMTP relay. What waits for it is tried at once."""
        with asked_by(token) as access:
            return provider(
                providers.put(
                    access,
                    location_id,
                    body.as_settings(),
                    body.password or None,
                    sealer,
                    private_allowed=settings.provider_private_hosts,
                    now_ms=now_ms(),
                )
            )

    @api.get(_PATH, summary="Read by what a location sends bulk and automated mail")
    def get_provider(token: Token, location_id: Id) -> Provider:
        with asked_by(token) as access:
            return provider(providers.get(access, location_id))

    @api.delete(_PATH, status_code=204, summary="Send no more bulk and automated mail")
    def remove_provider(token: Token, location_id: Id) -> None:
        """What waits for it fails, and can be sent again."""
        with asked_by(token) as access:
            providers.remove(access, location_id, now_ms=now_ms())

    return api
