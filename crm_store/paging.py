"""Lists that cost the same on their last page as on their first: by key, never by offset."""

import base64
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from peewee import SQL, Cast, Expression, Field, ModelSelect, Select, Tuple, Value

from crm_store.database.engine import on_sqlite
from crm_store.database.rows import tuples
from crm_store.errors import Invalid

T = TypeVar("T")
R = TypeVar("R")
DEFAULT_LIMIT = 50
MAX_LIMIT = 200
MAX_CURSOR_LENGTH = 200
# Rows that a page of a sieved list looks at. As many as fill the largest page where two of five pass.
MOST_LOOKED_AT = 500
_HIGHEST = 2**63 - 1
_POSTGRESQL_TYPES: dict[type, str] = {int: "BIGINT", str: "TEXT", bytes: "BYTEA"}


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


@dataclass(frozen=True, slots=True)
class Order:
    """A stretch of one index, and the way along it.

    within: its first columns with the one value that each has here; none where the whole table is listed. key: the
    columns after them, integers, the last one unique there. Any: fields of any kind have a place here."""

    within: Sequence[tuple["Field[Any]", "int | str | bytes | Field[Any]"]]
    key: Sequence["Field[Any]"]
    newest_first: bool = False

    def by(self) -> list[Any]:
        columns = self.key if on_sqlite() else [*self._first(), *self.key]
        return [column.desc() if self.newest_first else column.asc() for column in columns]

    def beyond(self, last: Sequence[int] | None) -> list[Expression]:
        """The rows behind last, a key; all of them where it is None."""
        if self.within and not on_sqlite():
            return self._out_of_sight(last)
        found = [column == value for column, value in self.within]
        return found if last is None else [*found, self._side(self.key, last)]

    def _out_of_sight(self, last: Sequence[int] | None) -> list[Expression]:
        """For PostgreSQL: bounds in place of `=`. With `=` any index that has the key's order will do, and the planner
        walks one of other rows too where it expects to meet enough that are wanted; there may be none for thousands of
        rows. With bounds one index alone has the order. And as the planner cannot see the values, it expects a ninth
        of the table, whatever its statistics say: too much to sort."""
        first, values = self._first(), [_unseen(value) for _, value in self.within]
        end = _HIGHEST if self.newest_first else -_HIGHEST
        behind = [_unseen(value) for value in last or [end] * len(self.key)]
        here, there = _row(first), _row(values)
        return [
            self._side([*first, *self.key], [*values, *behind]),
            here >= there if self.newest_first else here <= there,
        ]

    def _first(self) -> list["Field[Any]"]:
        return [column for column, _ in self.within]

    def _side(self, columns: Sequence[Any], values: Sequence[Any]) -> Expression:
        side: Expression = _row(columns) < _row(values) if self.newest_first else _row(columns) > _row(values)
        return side


def along(
    query: "ModelSelect[Any]", order: Order, *, limit: int, last: Sequence[int] | None = None
) -> "ModelSelect[Any]":
    """The first of query's rows in this order, or of those behind the key `last`."""
    for bound in order.beyond(last):
        query = query.where(bound)
    # As a word of the statement: PostgreSQL plans a statement that comes again without its values, and for any limit.
    return query.order_by(*order.by()).limit(SQL(str(limit)))


def page(
    query: "ModelSelect[Any]", order: Order, request: PageRequest, shape: Callable[[Sequence[Any]], list[R]]
) -> Page[R]:
    """One page of query. order: as an index has it, which serves the query's conditions too.

    shape: turns a page's rows into what is shown, all at once, so that it may look up what belongs to them together.
    Raises: Invalid for a cursor that is none of ours."""
    limit = _limit(request)
    rows = list(along(query, order, limit=limit + 1, last=_last(request, order)))
    more = len(rows) > limit
    del rows[limit:]
    cursor = _encode([getattr(rows[-1], column.name) for column in order.key]) if more else None
    return Page(shape(rows), cursor)


def sieved(
    query: "ModelSelect[Any]",
    order: Order,
    passes: Expression,
    request: PageRequest,
    shape: Callable[[Sequence[int]], list[R]],
) -> Page[R]:
    """One page of what passes, where no index serves that. It looks at MOST_LOOKED_AT rows at most, so it may have
    fewer than asked for, or none, and yet a `next`.

    query: over the order's tables. shape: gets what the last column of the key has in the rows that pass, in order.
    Raises: Invalid for a cursor that is none of ours."""
    limit, last = _limit(request), _last(request, order)
    found: list[list[int]] = []
    query = query.select(*order.key, passes)
    for most in (limit + 1, MOST_LOOKED_AT - limit - 1):  # mostly all pass, or enough do
        rows = list(tuples(along(query, order, limit=most, last=last)))
        found += [key for *key, is_in in rows if is_in]
        if len(found) > limit:
            del found[limit:]
            return Page(shape([key[-1] for key in found]), _encode(found[-1]))
        if len(rows) < most:
            return Page(shape([key[-1] for key in found]), None)
        last = list(rows[-1][:-1])
    return Page(shape([key[-1] for key in found]), _encode(last or []))


@dataclass(frozen=True, slots=True)
class Stretch:
    """Ids, the highest first. below_id: those that come after them are lower; None where none come. Fewer ids than were
    asked for and yet a below_id: to find more would take too long."""

    ids: list[int]
    below_id: int | None


def sieved_stretches(
    next_ones: Callable[[int, int], Stretch],
    passing: Callable[[list[int]], list[int]],
    request: PageRequest,
    shape: Callable[[Sequence[int]], list[R]],
) -> Page[R]:
    """One page of what passes, as sieved, of what no index of the database's own order has.

    next_ones: the first ids below one, at most so many. Raises: Invalid for a cursor that is none of ours."""
    limit = _limit(request)
    below_id = _HIGHEST if request.after is None else _decode(request.after, 1)[0]
    found: list[int] = []
    for most in (limit + 1, MOST_LOOKED_AT - limit - 1):
        stretch = next_ones(below_id, most)
        found += passing(stretch.ids)
        if len(found) > limit:
            del found[limit:]
            return Page(shape(found), _encode([found[-1]]))
        if stretch.below_id is None:
            return Page(shape(found), None)
        below_id = stretch.below_id
        if len(stretch.ids) < most:
            break
    return Page(shape(found), _encode([below_id]))


def cursor_behind(*key: int) -> str:
    """The `next` of a page whose last row has this key, whether there is such a row or not."""
    return _encode(list(key))


def _row(columns: Sequence[Any]) -> Any:
    return Tuple(*columns) if len(columns) > 1 else columns[0]


def _unseen(value: "int | str | bytes | Field[Any]") -> Any:
    """The value, which the planner of PostgreSQL learns only when the query runs; as it does of a column's."""
    if isinstance(value, Field):
        return value
    name = next(name for kind, name in _POSTGRESQL_TYPES.items() if isinstance(value, kind))
    return Select(columns=[Cast(Value(value), name)])


def _limit(request: PageRequest) -> int:
    return max(1, min(request.limit, MAX_LIMIT))


def _last(request: PageRequest, order: Order) -> list[int] | None:
    return None if request.after is None else _decode(request.after, len(order.key))


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
