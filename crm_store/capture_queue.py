"""The capture queue as it is looked at: whose captures an asker may see (D5), found by state, author or Message-ID.

Its decisions are in capture_decisions.py; the legal steps, drawn, in capture_steps.py."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce
from operator import and_
from typing import Any, TypeAlias

from peewee import Expression, Field, ModelSelect, TextField, fn

from crm_store import capture_search, decisions
from crm_store.access import Access
from crm_store.blobs.store import BlobStore
from crm_store.capture_views import CaptureView, may_decide, views
from crm_store.database.rows import in_order
from crm_store.errors import Forbidden, NotFound
from crm_store.models.captures import Capture, CaptureRecipient
from crm_store.paging import Order, Page, PageRequest, page, sieved
from crm_store.rules.address import domain_of, normalise
from crm_store.rules.states import CaptureState

# An indexed column of an author, and the value that is asked for.
Author: TypeAlias = "tuple[TextField[str | None], str]"


def list_for(
    access: Access,
    location_id: int,
    request: PageRequest,
    *,
    now_ms: int,
    state: CaptureState | None = None,
    q: str | None = None,
) -> Page[CaptureView]:
    """Newest first: the location's for operators and admins, those of own BCC addresses for others. Where two of own,
    state and q are asked for, a page may have fewer than its limit and a `next` all the same (paging.sieved).

    q: an author's address, "@" and an author's domain, or a Message-ID in angle brackets; else words, which are looked
    for in captures that have their content, so many at a time (paging.sieved). Raises: NotFound, Invalid."""
    access.reader_of(location_id)
    own_of = None if may_decide(access, location_id) else access.user_id
    q = (q or "").strip() or None
    if q is not None and q.startswith("<"):
        query = _with_message_id(location_id, q)
        for condition in _passes(own_of, state, None):
            query = query.where(condition)
        return page(query, Order([], [Capture.id], newest_first=True), request, _shape(access, location_id, now_ms))

    shape = _shape(access, location_id, now_ms)
    author = None if q is None else _author(q)
    query, order, rest = _along_an_index(location_id, own_of, state, author)
    if q is not None and author is None:
        return capture_search.page_of(q, query, order, rest, request, lambda ids: shape(in_order(Capture, ids)))
    if not rest:
        return page(query, order, request, shape)
    return sieved(query, order, reduce(and_, rest), request, lambda ids: shape(in_order(Capture, ids)))


def list_of_installation(
    access: Access, request: PageRequest, *, now_ms: int, state: CaptureState = CaptureState.HELD
) -> Page[CaptureView]:
    """Mail to postmaster and abuse, newest first. Raises: Forbidden."""
    access.require_installation_admin()
    query = Capture.select().where(Capture.location_id.is_null())
    return page(query, _newest(Capture.id, (Capture.state, state)), request, _shape(access, None, now_ms))


def get(access: Access, capture_id: int, *, now_ms: int, language: str | None = None) -> CaptureView:
    """language: of its sentences; None for the asker's own. Raises: NotFound."""
    row = seen(access, capture_id)
    return views(access, row.location_id, [row], now_ms=now_ms, language=language)[0]


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
        CaptureRecipient.user_id == access.user_id,
        CaptureRecipient.location_id == row.location_id,
        CaptureRecipient.capture_id == row.id,
    )
    return own.exists()


def _along_an_index(
    location_id: int, own_of: int | None, state: CaptureState | None, author: Author | None
) -> tuple[ModelSelect[Capture], Order, list[Expression]]:
    """The index that leads to the fewest captures, and what is left to ask of each of them."""
    here = (Capture.location_id, location_id)
    if state not in (None, CaptureState.RECORDED):  # most are recorded: of all others there are few
        return Capture.select(), _newest(Capture.id, here, (Capture.state, state)), _passes(own_of, None, author)
    if author is not None:
        return Capture.select(), _newest(Capture.id, here, author), _passes(own_of, state, None)
    if own_of is not None:
        return *_own(own_of, location_id), _passes(None, state, None)
    if state is not None:
        return Capture.select(), _newest(Capture.id, here, (Capture.state, state)), []
    return Capture.select(), _newest(Capture.id, here), []


def _own(user_id: int, location_id: int) -> tuple[ModelSelect[Capture], Order]:
    """D5: all of a user's, along the index of the user's captures."""
    other = CaptureRecipient.alias()
    # A mail may name two addresses of one user, and is one capture.
    first = other.select(fn.MIN(other.id)).where(
        other.user_id == CaptureRecipient.user_id,
        other.location_id == CaptureRecipient.location_id,
        other.capture_id == CaptureRecipient.capture_id,
    )
    query = (
        Capture.select(Capture, CaptureRecipient.capture_id)
        .join(CaptureRecipient, on=(CaptureRecipient.capture_id == Capture.id))
        .where(CaptureRecipient.id == first)
        .objects()  # the key of the page is a column of the row
    )
    whose, here = (CaptureRecipient.user_id, user_id), (CaptureRecipient.location_id, location_id)
    return query, _newest(CaptureRecipient.capture_id, whose, here)


def _newest(key: Field[Any], *within: tuple[Field[Any], Any]) -> Order:
    """Any: columns of several kinds, and their values."""
    return Order(within, [key], newest_first=True)


def _passes(own_of: int | None, state: CaptureState | None, author: Author | None) -> list[Expression]:
    """What is asked of a capture beside its place in the order of the list."""
    # Counted, for PostgreSQL answers EXISTS and IN from a table of all that the user has.
    own = CaptureRecipient.select(fn.COUNT(CaptureRecipient.id)).where(
        CaptureRecipient.user_id == own_of,
        CaptureRecipient.location_id == Capture.location_id,
        CaptureRecipient.capture_id == Capture.id,
    )
    asked: list[Expression] = []
    if own_of is not None:
        asked.append(own > 0)
    if state is not None:
        asked.append(Capture.state == state)
    if author is not None:
        asked.append(author[0] == author[1])
    return asked


def _with_message_id(location_id: int, q: str) -> ModelSelect[Capture]:
    """Each capture that was decided has a decision, and those are found by Message-ID."""
    ids = decisions.captures_of(q, location_id)
    return Capture.select().where(Capture.id.in_(ids), Capture.location_id == location_id)


def _author(q: str) -> Author | None:
    """None where it is neither an address nor a domain."""
    normal = normalise(f"anybody{q}" if q.startswith("@") else q)
    if not normal:
        return None
    if q.startswith("@"):
        return Capture.author_domain, domain_of(normal)
    return Capture.author_normal, normal


def _shape(access: Access, location_id: int | None, now_ms: int) -> Callable[[Sequence[Capture]], list[CaptureView]]:
    return lambda rows: views(access, location_id, rows, now_ms=now_ms)
