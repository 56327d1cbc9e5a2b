"""Reading columns instead of rows, and rows in an order that is known."""

from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

from peewee import ModelSelect

from crm_store.models.base import StoreModel

M = TypeVar("M", bound=StoreModel)


def tuples(query: "ModelSelect[Any]") -> Iterator[tuple[Any, ...]]:
    """A query's columns as plain tuples. Any: the stubs say that .tuples() gives rows of the model."""
    yield from query.tuples()


def in_order(table: type[M], ids: Sequence[int]) -> list[M]:
    """The rows with these ids, in this order; those that are gone meanwhile are left out."""
    found = {row.id: row for row in table.select().where(table.id.in_(list(ids)))}
    return [found[row_id] for row_id in ids if row_id in found]
