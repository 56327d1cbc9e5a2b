"""Statements of the hot paths: Peewee makes their text once, and each call binds its values.

Measured while filing, making the same text again and again was two thirds of a mail's CPU time."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from inspect import signature
from typing import Any, Generic, ParamSpec, Protocol

from peewee import AsIs, JSONField, Model, Node

from crm_store.database.engine import database, on_sqlite

P = ParamSpec("P")

# A list of another length is another text. Hostile mail can have any; more texts than these are made anew.
_MAX_TEXTS = 64


class Statement(Protocol):
    """Any of Peewee's queries."""

    def sql(self) -> tuple[str, list[Any]]: ...


@dataclass(frozen=True, slots=True)
class _Slot:
    """Where an argument's value goes; for one that is a list, which of its items."""

    argument: int
    item: int | None = None


class Prepared(Generic[P]):
    """build makes the query; it gets a node in place of each argument, and a list of nodes in place of a list.

    So it may put them into a query, and must not look at them: None is bound as NULL, which equals nothing. What is
    bound is what the driver takes: no field converts it."""

    def __init__(self, build: Callable[P, Statement]) -> None:
        self._build = build
        self._arguments = len(signature(build).parameters)
        self._text = lru_cache(maxsize=_MAX_TEXTS)(self._made)

    def rows(self, *values: P.args, **named: P.kwargs) -> list[tuple[Any, ...]]:
        """What it selects or returns, as the driver gives it."""
        return list(self._execute(values, named).fetchall())

    def first(self, *values: P.args, **named: P.kwargs) -> tuple[Any, ...] | None:
        row: tuple[Any, ...] | None = self._execute(values, named).fetchone()
        return row

    def run(self, *values: P.args, **named: P.kwargs) -> int:
        """How many rows it changed."""
        return int(self._execute(values, named).rowcount)

    def _execute(self, values: Sequence[Any], named: dict[str, Any]) -> Any:  # Any: a cursor of either driver
        if named:
            raise TypeError("values are bound by their places")
        lengths = tuple([len(value) if isinstance(value, (list, tuple)) else None for value in values])
        text, recipe = self._text(on_sqlite(), lengths)
        return database.execute_sql(text, [_bound(part, values) for part in recipe])

    def _made(self, _engine: bool, lengths: tuple[int | None, ...]) -> tuple[str, list[Any]]:
        nodes = [_nodes(argument, length) for argument, length in enumerate(lengths)]
        return self._build(*nodes).sql()  # type: ignore[arg-type, call-arg]  # nodes stand for the arguments


class PreparedInsert:
    """INSERT of one row of a table that has an id."""

    def __init__(self, model: type[Model]) -> None:
        self._model = model
        self._statement = lru_cache(maxsize=_MAX_TEXTS)(self._made)
        # Any: columns' values, here and below.
        self._defaults: dict[str, Any] = {
            field.name: field.default() if callable(field.default) else field.default
            for field in model._meta.sorted_fields
            if field.default is not None
        }
        self._json = frozenset(field.name for field in model._meta.sorted_fields if isinstance(field, JSONField))

    def insert(self, **values: Any) -> int:
        """The new row's id. Raises: IntegrityError."""
        row = self._statement(tuple(values), False).first(self._bound(values))
        assert row is not None, "a row that is inserted has an id"
        return int(row[0])

    def insert_new(self, **values: Any) -> int | None:
        """The new row's id; None where a row is there that a unique index says is the same one."""
        row = self._statement(tuple(values), True).first(self._bound(values))
        return None if row is None else int(row[0])

    def insert_together(self, rows: Sequence[dict[str, Any]]) -> list[int]:
        """The new rows' ids, in their order. All rows name the same columns. Raises: IntegrityError.

        Ids count up, and both engines give them in the order of VALUES; of RETURNING neither promises an order."""
        if not rows:
            return []
        bound = [value for row in rows for value in self._bound(row)]
        return sorted(int(row_id) for (row_id,) in self._statement(tuple(rows[0]), False).rows(bound))

    def _bound(self, values: dict[str, Any]) -> list[Any]:
        together = {**self._unsaid(values), **values}
        return [json.dumps(value) if name in self._json else value for name, value in together.items()]

    def _unsaid(self, values: dict[str, Any]) -> dict[str, Any]:
        return {name: default for name, default in self._defaults.items() if name not in values}

    def _made(self, names: tuple[str, ...], or_nothing: bool) -> Prepared[[list[Any]]]:
        columns = [*self._unsaid(dict.fromkeys(names)), *names]

        def build(values: list[Any]) -> Statement:
            # As many values for each row as there are columns.
            rows = zip(*[iter(values)] * len(columns), strict=True)
            query = self._model.insert_many([dict(zip(columns, row, strict=True)) for row in rows])
            if or_nothing:
                query = query.on_conflict(action="NOTHING")
            statement: Statement = query.returning(self._model._meta.primary_key)
            return statement

        return Prepared(build)


def _nodes(argument: int, length: int | None) -> Node | list[Node]:
    if length is None:
        return AsIs(_Slot(argument), False)
    return [AsIs(_Slot(argument, item), False) for item in range(length)]


def _bound(part: Any, values: Sequence[Any]) -> Any:  # Any: a column's value
    if type(part) is not _Slot:
        return part
    return values[part.argument] if part.item is None else values[part.argument][part.item]
