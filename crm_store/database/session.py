"""Connections and transactions: one connection a block, one short transaction a change."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from functools import lru_cache
from pathlib import Path
from typing import Any

from peewee import InterfaceError, OperationalError
from playhouse.pool import MaxConnectionsExceeded

from crm_store.database.engine import database, on_sqlite, sqlite_path
from crm_store.database.write_gate import WriteGate
from crm_store.errors import StoreUnavailable

# PostgreSQL's advisory locks share one space of two 32-bit numbers; the first one says what is locked.
_LOCATION_LOCK = 1


@contextmanager
def connected() -> Iterator[None]:
    """A pooled connection for the block; a block inside a block shares it. Raises: StoreUnavailable."""
    try:
        opened = database.connect(reuse_if_open=True)
    except (OperationalError, InterfaceError, MaxConnectionsExceeded) as error:
        raise StoreUnavailable("the database does not answer") from error
    try:
        yield
    except (OperationalError, InterfaceError) as error:
        raise StoreUnavailable("the database stopped answering") from error
    finally:
        if opened:
            _close()


@contextmanager
def writing() -> Iterator[None]:
    """One write transaction; inside another one, a savepoint. Keep it short: on SQLite everybody waits for it.

    Raises: StoreUnavailable where the database fails, say for want of room: no fault of what was to be written."""
    alone = _gate(sqlite_path()).turn() if on_sqlite() and not database.in_transaction() else nullcontext()
    try:
        with alone, database.atomic():
            yield
    except (OperationalError, InterfaceError) as error:
        raise StoreUnavailable("the database does not write") from error


def lock_location(location_id: int) -> None:
    """Until the transaction ends, nobody else files in this location. SQLite has one writer anyway."""
    if not on_sqlite():
        # The key has 32 bits: two locations that share one wait for each other, and nothing worse.
        database.execute_sql("SELECT pg_advisory_xact_lock(%s, %s)", (_LOCATION_LOCK, location_id % 2**31))


def after_commit(ring: Callable[[], None]) -> None:
    """Call ring once the outermost transaction has committed; never if it rolls back."""
    database.obj.after_commit(ring)


def explain(query: Any) -> str:
    """The plan that the database has for a query, in its own words. Any: peewee's queries share no public type."""
    sql, parameters = query.sql()
    prefix = "EXPLAIN QUERY PLAN " if on_sqlite() else "EXPLAIN "
    return "\n".join(" ".join(map(str, row)) for row in database.execute_sql(prefix + sql, parameters).fetchall())


def _close() -> None:
    # Where the server went away under us the pool drops the connection, and the block's own error is the one to tell.
    with suppress(OperationalError, InterfaceError):
        database.close()


@lru_cache(maxsize=4)
def _gate(path: Path) -> WriteGate:
    return WriteGate(path)
