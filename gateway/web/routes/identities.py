"""/users/{user_id}/identities"""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from crm_store import identities
from crm_store.blobs.store import BlobStore
from crm_store.clock import now_ms
from crm_store.errors import Invalid
from crm_store.settings import Settings
from gateway.web.asking import Token, asked_by
from gateway.web.json_route import api_router
from gateway.web.making import Once
from gateway.web.shapes.fields import Id, Line
from gateway.web.shapes.user import NewIdentity, PendingIdentity, pending_identity

_PATH = "/users/{user_id}/identities"
_Named = Annotated[Line | None, Query(description="the address, where no body says it")]


def router(settings: Settings, blobs: BlobStore) -> APIRouter:
    """Oneself, anybody for an --admin token."""
    api = api_router("users")

    @api.post(_PATH, status_code=202, response_model=PendingIdentity, summary="Ask whether an address is a user's")
    def ask_identity(token: Token, once: Once, user_id: Id, body: NewIdentity) -> Response:
        """By a mail to it, through the provider of one of the user's locations; who reads it confirms it. Asked again,
        another mail is sent, and only its link works."""
        now = now_ms()
        with asked_by(token) as access:
            answered = once.answered(access)
            if answered is not None:
                return answered
            asking = identities.prepare(
                access, user_id, body.address, blobs, settings.base_url, settings.capture_domains, now_ms=now
            )
            return once.once(
                access,
                lambda: pending_identity(identities.ask(access, asking, blobs, now_ms=now)),
                now_ms=now,
                status=202,
            )

    @api.delete(_PATH, status_code=204, summary="Remove an address of a user, or one that waits to be confirmed")
    def remove_identity(token: Token, user_id: Id, body: NewIdentity | None = None, address: _Named = None) -> None:
        """Not the login, nor the account of a connection. What is recorded stays."""
        with asked_by(token) as access:
            if (body is None) == (address is None):  # many programs send no body with DELETE
                raise Invalid("address", "is said once: in the body, or as ?address=")
            identities.remove(access, user_id, body.address if body else address or "", now_ms=now_ms())

    return api
