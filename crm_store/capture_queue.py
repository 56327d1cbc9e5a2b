"""The capture queue as it is looked at: whose captures an asker may see (D5), found by state, author or Message-ID.

Its decisions are in capture_decisions.py; the legal steps, drawn, in capture_steps.py."""

from __future__ import annotations

from typing import Any

from peewee import Expression, Field, ModelSelect, fn

from crm_store.access import Access
from crm_store.blobs.store import BlobStore
from crm_store.capture_views import CaptureView, may_decide, views
from crm_store.decisions import bare
from crm_store.errors import Forbidden, Invalid, NotFound
from crm_store.models.captures import Capture, CaptureRecipient, DecisionRow
from crm_store.paging import Page, PageRequest, page
from crm_store.rules.address import domain_of, normalise
from crm_store.rules.sameness import message_id_key
from crm_store.rules.states import CaptureState


def list_for(
    access: Access,
    location_id: int,
    request: PageRequest,
    *,
    now_ms: int,
    state: CaptureState | None = None,
    q: str | None = None,
) -> Page[CaptureView]:
    """Newest first: the location's for operators and admins, those of own BCC addresses for others.

    q: an author's address, "@" and an author's domain, or a Message-ID in angle brackets. Raises: NotFound, Invalid."""
    access.reader_of(location_id)
    found = None if q is None else _found_by(q.strip(), location_id)
    key: Field[Any] = Capture.id
    if may_decide(access, location_id):
        query = Capture.select()
    elif found is None and state in (None, CaptureState.RECORDED):
        query, key = _own_by_user(access.user_id), CaptureRecipient.capture_id
    else:
        query = _own_among_few(access.user_id)
    query = query.where(Capture.location_id == location_id)
    if found is not None:
        query = query.where(found)
    if state is not None:
        # With q the index of what q names is the one to use, and SQLite can't tell: nobody gathers statistics for it.
        query = query.where((Capture.state if found is None else fn.COALESCE(Capture.state, "")) == state)
    return _page(access, location_id, query, key, request, now_ms)


def list_of_installation(
    access: Access, request: PageRequest, *, now_ms: int, state: CaptureState = CaptureState.HELD
) -> Page[CaptureView]:
    """Mail to postmaster and abuse, newest first. Raises: Forbidden."""
    access.require_installation_admin()
    query = Capture.select().where(Capture.location_id.is_null(), Capture.state == state)
    return _page(access, None, query, Capture.id, request, now_ms)


def get(access: Access, capture_id: int, *, now_ms: int) -> CaptureView:
    """Raises: NotFound."""
    row = seen(access, capture_id)
    return views(access, row.location_id, [row], now_ms=now_ms)[0]


def raw(access: Access, capture_id: int, blobs: BlobStore) -> bytes:
    """The mail, byte for byte. Raises: NotFound, also where its content is not kept; StoreUnavailable."""
    sha256 = seen(access, capture_id).blob_sha256
    if sha256 is None:
        raise NotFound("the content of this capture is not kept")
    return blobs.read(bytes(sha256))


def seen(access: Access, capture_id: int) -> Capture:
    """The row, if the asker may see it. Raises: NotFound."""
    row: Capture | None = Capture.get_or_none(Capture.id == capture_id)
    if row is None or not (may_decide(access, row.location_id) or _is_own(access, row)):
        raise NotFound("no such capture")
    return row


def for_decision(access: Access, capture_id: int) -> Capture:
    """The row, if the asker may decide about it. Raises: NotFound; Forbidden to a user whose own capture it is."""
    row = seen(access, capture_id)
    if not may_decide(access, row.location_id):
        raise Forbidden("this takes the role operator in the location")
    return row


def _is_own(access: Access, row: Capture) -> bool:
    if row.location_id not in access.roles:
        return False
    own = CaptureRecipient.select(CaptureRecipient.id).where(
        CaptureRecipient.user_id == access.user_id, CaptureRecipient.capture_id == row.id
    )
    return own.exists()


def _own_by_user(user_id: int) -> ModelSelect[Capture]:
    """D5, where most of a user's captures are asked for: the index of the user's captures gives the page's order."""
    other = CaptureRecipient.alias()
    # A mail may name two addresses of one user, and is one capture.
    first = other.select(fn.MIN(other.id)).where(
        other.user_id == CaptureRecipient.user_id, other.capture_id == CaptureRecipient.capture_id
    )
    return (
        Capture.select(Capture, CaptureRecipient.capture_id)
        .join(CaptureRecipient, on=(CaptureRecipient.capture_id == Capture.id))
        .where(CaptureRecipient.user_id == user_id, CaptureRecipient.id == first)
        .objects()  # the key of the page is a column of the row
    )


def _own_among_few(user_id: int) -> ModelSelect[Capture]:
    """D5, where few captures are asked for, the user's or not: what is in the queue, or of one author."""
    own = CaptureRecipient.select(CaptureRecipient.id).where(
        CaptureRecipient.user_id == user_id, CaptureRecipient.capture_id == Capture.id
    )
    return Capture.select().where(fn.EXISTS(own))


def _found_by(q: str, location_id: int) -> Expression:
    if q.startswith("<"):
        # By the decisions' index: each capture that was decided has one.
        decided = DecisionRow.select(DecisionRow.capture_id).where(
            DecisionRow.message_id_key == message_id_key(bare(q)), DecisionRow.location_id == location_id
        )
        return Capture.id.in_(decided)
    normal = normalise(f"anybody{q}" if q.startswith("@") else q)
    if not normal:
        raise Invalid("q", "is an e-mail address, @domain, or a Message-ID in angle brackets")
    if q.startswith("@"):
        return Capture.author_domain == domain_of(normal)
    return Capture.author_normal == normal


def _page(
    access: Access,
    location_id: int | None,
    query: ModelSelect[Capture],
    key: Field[Any],
    request: PageRequest,
    now_ms: int,
) -> Page[CaptureView]:
    """key: the capture's id, in the table whose index has the order. Any: the two have different kinds."""
    return page(query, [key], request, lambda rows: views(access, location_id, rows, now_ms=now_ms), newest_first=True)
