"""/locations/{location_id}/emails and /emails/{email_id}: the outbox"""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from crm_store import outbox, outbox_posting
from crm_store.access import Access
from crm_store.blobs.store import BlobStore
from crm_store.clock import now_ms
from crm_store.outbox import EmailView
from crm_store.reader_locale import locale_of
from crm_store.settings import Settings
from gateway.web.asking import Token, asked_by
from gateway.web.json_route import api_router
from gateway.web.large_body import LargeBody, parsed, schema_of
from gateway.web.making import Once
from gateway.web.shapes.email import Email, EmailQuery, EmailToSend, Resolution, email
from gateway.web.shapes.fields import Id, Listing, listing

_OF_LOCATION = "/locations/{location_id}/emails"
_ONE = "/emails/{email_id}"


def router(settings: Settings, blobs: BlobStore) -> APIRouter:
    """One's own e-mails; admins of a location see all of it, and who runs the installation acts for anybody."""
    api = api_router("emails")
    _add_posting(api, blobs)
    _add_reading(api)
    _add_deciding(api, settings, blobs)
    return api


def _add_posting(api: APIRouter, blobs: BlobStore) -> None:
    @api.post(
        _OF_LOCATION,
        status_code=202,
        response_model=Email,
        openapi_extra=schema_of(EmailToSend),
        summary="Send an e-mail",
    )
    def post_email(token: Token, body: LargeBody, once: Once, location_id: Id) -> Response:
        """Checked and queued; GET tells what becomes of it. A repetition under the same Idempotency-Key sends nothing
        twice."""
        now = now_ms()
        with asked_by(token) as access:
            new = parsed(EmailToSend, body).as_new_email()
            outbox_posting.require_sender(access, location_id, new.user_id)
            answered = once.answered(access)
            if answered is not None:
                return answered
            prepared = outbox_posting.prepare(location_id, new, blobs, now_ms=now)
            return once.once(
                access,
                lambda: _shown(access, outbox.post(access, prepared, blobs, now_ms=now)),
                now_ms=now,
                status=202,
            )


def _add_reading(api: APIRouter) -> None:
    @api.get(_OF_LOCATION, summary="List e-mails, newest first")
    def list_emails(token: Token, location_id: Id, query: Annotated[EmailQuery, Query()]) -> Listing[Email]:
        """One's own; all of the location for its admins."""
        with asked_by(token) as access:
            page = outbox.list_for(access, location_id, query.page_request(), state=query.as_state())
            locale = locale_of(access, location_id)
            return listing(page, [email(view, locale) for view in page.items])

    @api.get(_ONE, summary="Read an e-mail")
    def get_email(token: Token, email_id: Id) -> Email:
        with asked_by(token) as access:
            return _shown(access, outbox.get(access, email_id))


def _add_deciding(api: APIRouter, settings: Settings, blobs: BlobStore) -> None:
    @api.post(f"{_ONE}/cancel", summary="Do not send what waits")
    def cancel_email(token: Token, email_id: Id) -> Email:
        with asked_by(token) as access:
            return _shown(access, outbox.cancel(access, email_id, now_ms=now_ms()))

    @api.post(f"{_ONE}/retry", summary="Send what failed or was cancelled")
    def retry_email(token: Token, email_id: Id) -> Email:
        """As it was written, by the way that there is now."""
        with asked_by(token) as access:
            return _shown(access, outbox.retry(access, email_id, now_ms=now_ms()))

    @api.post(f"{_ONE}/resolve", summary="Say what became of an e-mail that is unknown")
    def resolve_email(token: Token, email_id: Id, body: Resolution) -> Email:
        """Look into Sent, or ask the receiver, first: said not to be sent, it is sent again."""
        with asked_by(token) as access:
            view = outbox.resolve(
                access, email_id, blobs, settings.capture_domains, was_sent=body.sent, now_ms=now_ms()
            )
            return _shown(access, view)


def _shown(access: Access, view: EmailView) -> Email:
    return email(view, locale_of(access, view.location_id))
