"""/locations/{location_id}/captures and /captures: the capture queue"""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from crm_store import capture_approval, capture_decisions, capture_queue
from crm_store.access import Access
from crm_store.blobs.store import BlobStore
from crm_store.capture_approval import Choice, MailSource
from crm_store.capture_decisions import Outcome
from crm_store.capture_steps import Step
from crm_store.capture_views import CaptureView
from crm_store.clock import now_ms
from crm_store.errors import Invalid
from crm_store.settings import Settings
from gateway.web import downloads, problems
from gateway.web.asking import Token, asked_by
from gateway.web.json_route import api_router
from gateway.web.shapes.capture import (
    Approval,
    Bulk,
    BulkResult,
    BulkResults,
    Capture,
    CaptureQuery,
    InstallationCaptureQuery,
    Rejection,
    capture,
)
from gateway.web.shapes.fields import Id, Listing, id_or_none, listing

_ONE = "/captures/{capture_id}"
_RAW: dict[int | str, dict[str, Any]] = {
    200: {"content": {"message/rfc822": {"schema": {"type": "string", "format": "binary"}}}}
}


def router(settings: Settings, blobs: BlobStore) -> APIRouter:
    api = api_router("captures")
    _add_reading(api, blobs)
    _add_deciding(api, MailSource(blobs, settings.capture_domains))
    return api


def _add_reading(api: APIRouter, blobs: BlobStore) -> None:
    @api.get("/locations/{location_id}/captures", summary="List captures, newest first")
    def list_captures(token: Token, location_id: Id, query: Annotated[CaptureQuery, Query()]) -> Listing[Capture]:
        """All of the location for operators; for others what came to their own BCC addresses."""
        with asked_by(token) as access:
            page = capture_queue.list_for(
                access, location_id, query.page_request(), now_ms=now_ms(), state=query.as_state(), q=query.q
            )
            return listing(page, map(capture, page.items))

    @api.get("/captures", summary="List mail to postmaster and abuse, newest first")
    def list_installation_captures(
        token: Token, query: Annotated[InstallationCaptureQuery, Query()]
    ) -> Listing[Capture]:
        """Takes an --admin token."""
        with asked_by(token) as access:
            page = capture_queue.list_of_installation(
                access, query.page_request(), now_ms=now_ms(), state=query.as_state()
            )
            return listing(page, map(capture, page.items))

    @api.get(_ONE, summary="Read a capture")
    def get_capture(token: Token, capture_id: Id) -> Capture:
        with asked_by(token) as access:
            return capture(capture_queue.get(access, capture_id, now_ms=now_ms()))

    @api.get(
        f"{_ONE}/raw",
        response_class=Response,
        responses=_RAW,
        summary="Download the mail of a capture, byte for byte",
    )
    def get_raw_capture(token: Token, capture_id: Id) -> Response:
        with asked_by(token) as access:
            content = capture_queue.raw(access, capture_id, blobs)
        return downloads.raw_mail(content, f"capture-{capture_id}.eml")


def _add_deciding(api: APIRouter, source: MailSource) -> None:
    @api.post(f"{_ONE}/approve", summary="Record a held capture")
    def approve_capture(token: Token, capture_id: Id, body: Approval | None = None) -> Capture:
        """To the contact named in `would`, a chosen one, or a new one."""
        choice = Choice() if body is None else body.as_choice()
        with asked_by(token) as access:
            return capture(capture_approval.approve(access, capture_id, choice, source, now_ms=now_ms()))

    @api.post(f"{_ONE}/reject", summary="Reject a held capture")
    def reject_capture(token: Token, capture_id: Id, body: Rejection | None = None) -> Capture:
        """The sender is not told."""
        block_sender = body is not None and body.block_sender
        with asked_by(token) as access:
            return capture(capture_decisions.reject(access, capture_id, block_sender=block_sender, now_ms=now_ms()))

    @api.post(f"{_ONE}/retry", summary="Ask the rules again about a capture")
    def retry_capture(token: Token, capture_id: Id) -> Capture:
        with asked_by(token) as access:
            return capture(capture_decisions.retry(access, capture_id, now_ms=now_ms()))

    @api.post(f"{_ONE}/undo", summary="Take back what a person decided about a capture")
    def undo_capture(token: Token, capture_id: Id) -> Capture:
        """For 30 days, and until something rests on it. It is held again."""
        with asked_by(token) as access:
            return capture(capture_decisions.undo(access, capture_id, now_ms=now_ms()))

    @api.post("/locations/{location_id}/captures/bulk", summary="Decide about many captures at a time")
    def decide_captures(token: Token, location_id: Id, body: Bulk) -> BulkResults:
        """Each for itself: one that can't be decided stops no other."""
        with asked_by(token) as access:
            act = _action(access, body, source)
            ids = [id_or_none(word) for word in body.ids]
            outcomes = capture_decisions.each(access, location_id, ids, act, Step(body.action))
            return BulkResults(results=list(map(_result, body.ids, outcomes)))


def _action(access: Access, body: Bulk, source: MailSource) -> Callable[[int], CaptureView]:
    """Raises: Invalid for an option of another action."""
    approves, rejects = body.action == "approve", body.action == "reject"
    for option, is_its in (("allow_sender", approves), ("contact_id", approves), ("block_sender", rejects)):
        if getattr(body, option) is not None and not is_its:
            raise Invalid(option, f"does not go with the action {body.action}")
    now, blocks = now_ms(), bool(body.block_sender)
    choice = Choice(contact_id=body.contact_id, allow_sender=bool(body.allow_sender))
    acts: dict[str, Callable[[int], CaptureView]] = {
        "approve": lambda capture_id: capture_approval.approve(access, capture_id, choice, source, now_ms=now),
        "reject": lambda capture_id: capture_decisions.reject(access, capture_id, block_sender=blocks, now_ms=now),
        "retry": lambda capture_id: capture_decisions.retry(access, capture_id, now_ms=now),
        "undo": lambda capture_id: capture_decisions.undo(access, capture_id, now_ms=now),
    }
    return acts[body.action]


def _result(word: str, outcome: Outcome) -> BulkResult:
    if outcome.view is not None:
        return BulkResult(id=word, status=200, capture=capture(outcome.view), problem=None)
    assert outcome.error is not None, "an outcome is one of the two"
    told = problems.document_of(outcome.error)
    return BulkResult(id=word, status=told.status, capture=None, problem=told)
