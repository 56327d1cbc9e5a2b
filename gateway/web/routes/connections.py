"""/users/{user_id}/connections, /connections/{connection_id}"""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from crm_store import connections
from crm_store.access import Access
from crm_store.clock import now_ms
from crm_store.connections import ConnectionView
from crm_store.reader_locale import locale_of
from gateway.google.consent import Consent
from gateway.web.asking import Token, asked_by
from gateway.web.json_route import api_router
from gateway.web.making import Once
from gateway.web.shapes.connection import (
    Authorization,
    Connection,
    ConnectionChanges,
    Days,
    NewConnection,
    connection,
)
from gateway.web.shapes.fields import Id, Listing, PageQuery, listing

_OF_USER = "/users/{user_id}/connections"
_ONE = "/connections/{connection_id}"


def router(consent: Consent) -> APIRouter:
    """All of it: one's own, anybody's for an --admin token. Mail is private, also from admins of a location."""
    api = api_router("connections")
    _add_consenting(api, consent)
    _add_reading(api)
    _add_changing(api, consent)
    return api


def _add_consenting(api: APIRouter, consent: Consent) -> None:
    @api.post(_OF_USER, status_code=201, response_model=Authorization, summary="Begin to connect a Gmail account")
    def connect(token: Token, once: Once, user_id: Id, body: NewConnection) -> Response:
        """The person opens the address within 10 minutes. What an --admin token began is connected when they come back
        from Google; what a user's own token began asks them once more, by name."""
        now = now_ms()
        with asked_by(token) as access:
            connections.require_own(access, user_id)
            return once.once(
                access,
                lambda: Authorization(authorization_url=consent.connect(access, user_id, body.location_id)),
                now_ms=now,
            )

    @api.post(
        f"{_ONE}/update", response_model=Authorization, summary="Begin to sign in again, or to change the account"
    )
    def update_connection(token: Token, once: Once, connection_id: Id) -> Response:
        """With the same account it is signing in again; another one takes the connection's place when it succeeds."""
        now = now_ms()
        with asked_by(token) as access:
            connections.place_of(access, connection_id)
            return once.once(
                access,
                lambda: Authorization(authorization_url=consent.update(access, connection_id)),
                now_ms=now,
                status=200,
            )


def _add_reading(api: APIRouter) -> None:
    @api.get(_OF_USER, summary="List a user's connections")
    def list_connections(token: Token, user_id: Id, query: Annotated[PageQuery, Query()]) -> Listing[Connection]:
        with asked_by(token) as access:
            page = connections.list_for(access, user_id, query.page_request(), now_ms=now_ms())
            return listing(page, [_shown(access, view) for view in page.items])

    @api.get(_ONE, summary="Read a connection")
    def get_connection(token: Token, connection_id: Id) -> Connection:
        with asked_by(token) as access:
            return _shown(access, connections.get(access, connection_id, now_ms=now_ms()))


def _add_changing(api: APIRouter, consent: Consent) -> None:
    @api.patch(_ONE, summary="Change a connection's settings")
    def change_connection(token: Token, connection_id: Id, body: ConnectionChanges) -> Connection:
        with asked_by(token) as access:
            return _shown(access, connections.change(access, connection_id, dict(body), now_ms=now_ms()))

    @api.delete(_ONE, status_code=204, summary="Disconnect")
    def disconnect(token: Token, connection_id: Id) -> None:
        """At once. Tokens are erased, and revoked at Google; what was recorded stays."""
        with asked_by(token) as access:
            connections.place_of(access, connection_id)
        consent.disconnect(access, connection_id)

    @api.post(f"{_ONE}/sync", status_code=202, summary="Sync now")
    def sync_connection(token: Token, connection_id: Id) -> Connection:
        with asked_by(token) as access:
            return _shown(access, connections.want_sync(access, connection_id, now_ms=now_ms()))

    @api.post(f"{_ONE}/backfill", status_code=202, summary="Record mail of the last days too")
    def backfill_connection(token: Token, connection_id: Id, body: Days) -> Connection:
        """From before connecting; newest first, at a pace that leaves the live sync its quota."""
        with asked_by(token) as access:
            return _shown(access, connections.want_backfill(access, connection_id, body.days, now_ms=now_ms()))

    @api.delete(f"{_ONE}/backfill", status_code=204, summary="Stop recording mail of the last days")
    def stop_backfill(token: Token, connection_id: Id) -> None:
        """What is recorded stays. Safe to ask twice, and where none runs."""
        with asked_by(token) as access:
            connections.stop_backfill(access, connection_id, now_ms=now_ms())


def _shown(access: Access, view: ConnectionView) -> Connection:
    return connection(view, locale_of(access, view.location_id))
