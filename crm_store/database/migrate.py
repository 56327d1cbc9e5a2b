"""Bring the database to the newest schema. Safe when several processes start at once."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playhouse.migrations import Runner

from crm_store.database.engine import configure, database, on_sqlite, sqlite_path
from crm_store.database.session import connected
from crm_store.settings import Settings

DIRECTORY = Path(__file__).parent.parent / "migrations"
_MIGRATION_LOCK = 0x53756E44  # any number that nobody else in this database uses


def migrate(settings: Settings) -> list[str]:
    """Apply what is missing; the names of what was applied, oldest first.

    Raises: StoreUnavailable."""
    configure(settings)
    if on_sqlite():
        sqlite_path().parent.mkdir(parents=True, exist_ok=True)
    with connected(), _alone():
        if on_sqlite():
            database.execute_sql("PRAGMA journal_mode = WAL")
        return list(runner().up())


def pending() -> list[str]:
    """Names of migrations that this database lacks."""
    return [step.name for step in runner().status() if step.applied is None]


def runner() -> Any:
    """Peewee's own runner over our numbered files. Any: playhouse.migrations has no types."""
    return Runner(database.obj, directory=str(DIRECTORY))


@contextmanager
def _alone() -> Iterator[None]:
    """Peewee's runner takes no lock: of two that start together one dies with "relation already exists"."""
    if on_sqlite():
        path = sqlite_path()
        with path.with_name(path.name + ".migrating").open("ab") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
    else:
        database.execute_sql("SELECT pg_advisory_lock(%s)", (_MIGRATION_LOCK,))
        try:
            yield
        finally:
            database.execute_sql("SELECT pg_advisory_unlock(%s)", (_MIGRATION_LOCK,))
