"""Captures that have some words. They have no index: a queue is short, and what its retention ends leaves no trace."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from peewee import Expression, ModelSelect

from crm_store.database.rows import in_order, tuples
from crm_store.models.captures import Capture
from crm_store.paging import Order, Page, PageRequest, Stretch, along, sieved_stretches
from crm_store.search.documents import entry_document
from crm_store.search.query import Query, Searched, fits, parse

R = TypeVar("R")


def page_of(
    q: str,
    query: "ModelSelect[Any]",
    order: Order,
    rest: Sequence[Expression],
    request: PageRequest,
    shape: Callable[[Sequence[int]], list[R]],
) -> Page[R]:
    """One page of query's captures, which come by descending ids, for which the rest is true and that have what q asks
    for. shape: gets their ids. Raises: Invalid."""
    asked = parse(q)
    if asked.is_empty:
        return Page([], None)

    def next_ones(below_id: int, most: int) -> Stretch:
        listed = along(query.select(*order.key), order, limit=most, last=[below_id])
        ids = [capture_id for (capture_id,) in tuples(listed)]
        return Stretch(ids, ids[-1] if len(ids) == most else None)

    return sieved_stretches(next_ones, lambda ids: _passing(ids, rest, asked), request, shape)


def _passing(ids: Sequence[int], rest: Sequence[Expression], asked: Query) -> list[int]:
    kept = Capture.id.in_(list(ids)) & Capture.blob_sha256.is_null(False)
    passing = {capture_id for (capture_id,) in tuples(Capture.select(Capture.id).where(kept, *rest))}
    rows = in_order(Capture, [capture_id for capture_id in ids if capture_id in passing])
    return [row.id for row in rows if fits(asked, _document(row))]


def _document(row: Capture) -> Searched:
    return entry_document(
        subject=row.subject or "",
        author=(row.author_name or "", row.author_address or ""),
        recipients=[(one["name"], one["address"]) for one in (*(row.to or ()), *(row.cc or ()))],
        text=row.text_preview or "",
        files=[one["name"] for one in row.attachments or () if not one["inline"]],
    )
