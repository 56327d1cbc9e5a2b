"""Reading columns instead of rows."""

from collections.abc import Iterator
from typing import Any

from peewee import ModelSelect


def tuples(query: "ModelSelect[Any]") -> Iterator[tuple[Any, ...]]:
    """A query's columns as plain tuples. Any: the stubs say that .tuples() gives rows of the model."""
    yield from query.tuples()
