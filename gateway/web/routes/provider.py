"""/locations/{location_id}/provider"""

from fastapi import APIRouter, Response

from crm_store import provider_tests, providers
from crm_store.access import Access
from crm_store.blobs.store import BlobStore
from crm_store.clock import now_ms
from crm_store.provider_tests import ProviderTestView
from crm_store.reader_locale import locale_of
from crm_store.sealing import Sealer
from crm_store.settings import Settings
from gateway.web.asking import Token, asked_by
from gateway.web.json_route import api_router
from gateway.web.making import Once
from gateway.web.shapes.fields import Id
from gateway.web.shapes.provider import (
    NewProvider,
    NewProviderTest,
    Provider,
    ProviderTest,
    provider,
    provider_test,
)

_PATH = "/locations/{location_id}/provider"


def router(settings: Settings, blobs: BlobStore) -> APIRouter:
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

    _add_testing(api, blobs)
    return api


def _add_testing(api: APIRouter, blobs: BlobStore) -> None:
    @api.post(
        f"{_PATH}/test", status_code=202, response_model=ProviderTest, summary="Have a location's provider send a mail"
    )
    def test_provider(token: Token, once: Once, location_id: Id, body: NewProviderTest | None = None) -> Response:
        """It goes before all that waits; GET tells what became of it, and what the provider said."""
        now, to = now_ms(), body.to if body else None
        with asked_by(token) as access:
            answered = once.answered(access)
            if answered is not None:
                return answered
            prepared = provider_tests.prepare(access, location_id, to, blobs, now_ms=now)
            return once.once(
                access,
                lambda: _shown(access, location_id, provider_tests.start(access, prepared, blobs, now_ms=now)),
                now_ms=now,
                status=202,
            )

    @api.get(f"{_PATH}/test", summary="Read what became of the provider's latest test mail")
    def get_provider_test(token: Token, location_id: Id) -> ProviderTest:
        with asked_by(token) as access:
            return _shown(access, location_id, provider_tests.latest(access, location_id))


def _shown(access: Access, location_id: int, view: ProviderTestView) -> ProviderTest:
    return provider_test(view, locale_of(access, location_id))
