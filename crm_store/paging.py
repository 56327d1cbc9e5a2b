"""Lists that cost the same on their last page as on their first: by key, never by offset."""

import base64
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from peewee import Field, ModelSelect, Tuple

from crm_store.errors import Invalid

T = TypeVar("T")
R = TypeVar("R")
DEFAULT_LIMIT = 50
MAX_LIMIT = 200
MAX_CURSOR_LENGTH = 200


@dataclass(frozen=True, slots=True)
class PageRequest:
    """after: the `next` of the page before, None for the first. limit: 1 to MAX_LIMIT."""

    limit: int = DEFAULT_LIMIT
    after: str | None = None


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """next: what to ask for the following page with; None on the last."""

    items: list[T]
    next: str | None


def page(
    query: "ModelSelect[Any]",
    key: Sequence["Field[Any]"],
    request: PageRequest,
    shape: Callable[[Sequence[Any]], list[R]],
    *,
    newest_first: bool = False,
) -> Page[R]:
    """One page of query, ordered by key: columns that an index has in this order, the last one unique.

    shape: turns a page's rows into what is shown, all at once, so that it may look up what belongs to them together.
    Raises: Invalid for a cursor that is none of ours."""
    if request.after is not None:
        columns = Tuple(*key) if len(key) > 1 else key[0]
        values = _decode(request.after, len(key))
        last = Tuple(*values) if len(key) > 1 else values[0]
        query = query.where(columns < last if newest_first else columns > last)
    limit = max(1, min(request.limit, MAX_LIMIT))
    ordered = query.order_by(*(column.desc() if newest_first else column.asc() for column in key))
    rows = list(ordered.limit(limit + 1))
    more = len(rows) > limit
    del rows[limit:]
    cursor = _encode([getattr(rows[-1], column.name) for column in key]) if more else None
    return Page(shape(rows), cursor)


def _encode(values: list[int]) -> str:
    return base64.urlsafe_b64encode(json.dumps(values, separators=(",", ":")).encode()).rstrip(b"=").decode()


def _decode(cursor: str, count: int) -> list[int]:
    if len(cursor) > MAX_CURSOR_LENGTH:  # json gives up with RecursionError on a thousand brackets
        raise Invalid("after", "is not a cursor of this list")
    try:
        values = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except ValueError:
        values = None
    if not isinstance(values, list) or len(values) != count or not all(type(value) is int for value in values):
        raise Invalid("after", "is not a cursor of this list")
    if any(abs(value) >= 2**63 for value in values):
        raise Invalid("after", "is not a cursor of this list")
    return values
