"""POST /push/gmail: Pub/Sub tells that a mailbox has changed. Answered when that is in the store; the syncer looks."""

from http import HTTPStatus

import structlog
from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from crm_store import bell, push_notices
from crm_store.clock import now_ms
from crm_store.database.session import connected
from crm_store.errors import Forbidden, NotFound, Unauthenticated
from crm_store.settings import Settings
from gateway.google.push import MAX_BODY_BYTES, PUSH_PATH, Notice, PushGuard, notice_of
from gateway.google.signing_keys import SigningKeys

log = structlog.get_logger()


def router(settings: Settings) -> APIRouter:
    api = APIRouter(include_in_schema=False)  # Google calls it, and no client of ours
    guard = PushGuard(settings, SigningKeys(settings.google_certs_url))
    syncer = bell.of_syncer(settings.data)

    def note(notice: Notice) -> None:
        with connected():
            mailboxes = push_notices.note(notice.email, notice.history_id, now_ms=now_ms())
        log.info("push_taken", mailboxes=mailboxes)
        if mailboxes:
            bell.ring(syncer)

    @api.post(PUSH_PATH)
    async def push(request: Request) -> Response:
        """204 for whatever Google may push to us, also for mailboxes that we don't know: so nothing is to be found out
        here, and nothing comes again that would end the same."""
        if not settings.takes_pushes:
            raise NotFound("there is nothing under this address")
        try:
            await guard.admit(request.headers.get("authorization", ""))
        except (Unauthenticated, Forbidden) as refusal:
            log.info("push_refused", why=str(refusal))
            raise
        try:
            notice = notice_of(await _body(request))
        except ValueError:
            raise HTTPException(HTTPStatus.BAD_REQUEST) from None
        if notice is not None:
            await run_in_threadpool(note, notice)
        return Response(status_code=HTTPStatus.NO_CONTENT)

    return api


async def _body(request: Request) -> bytes:
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > MAX_BODY_BYTES:
            raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"a push has at most {MAX_BODY_BYTES} bytes")
    return bytes(body)
