"""SQLite in the data folder by default, PostgreSQL by URL: which one this process speaks to, and how."""

from pathlib import Path

from peewee import Database, DatabaseProxy, SqliteDatabase
from playhouse.pool import PooledPostgresqlDatabase, PooledSqliteDatabase

from crm_store.settings import Settings

# The web's thread pool has 40 threads; each may hold one connection, and a few are needed beside it.
MAX_CONNECTIONS = 48
CONNECT_TIMEOUT_S = 5
# Longer than any statement of ours takes at ten million messages; a stuck one must not hold a worker for ever.
STATEMENT_TIMEOUT_MS = 60_000
# An index of its own answers whatever we ask. Where the planner takes a table for small it would rather read it all, or
# what another index finds, and sort that; and how much there is by now it learns late.
# A join goes from row to row by key: to merge or to hash means to read the other table from its beginning.
INDEXES_ONLY = " ".join(
    f"-c enable_{way}=off" for way in ("seqscan", "bitmapscan", "incremental_sort", "mergejoin", "hashjoin")
)

database = DatabaseProxy()


def configure(settings: Settings) -> None:
    """Point this process at its database. Connects to nothing yet."""
    path = settings.sqlite_path
    database.initialize(_postgresql(settings.database_url.get_secret_value()) if path is None else _sqlite(path))


def on_sqlite() -> bool:
    return isinstance(database.obj, SqliteDatabase)


def sqlite_path() -> Path:
    return Path(str(database.obj.database))


def _sqlite(path: Path) -> Database:
    return PooledSqliteDatabase(
        str(path),
        # journal_mode=WAL is a property of the file and set once, by the migration: the pragma does not wait for locks.
        pragmas={
            "synchronous": "FULL",
            "foreign_keys": 1,
            "temp_store": "MEMORY",
            "cache_size": -16_000,
            "secure_delete": 1,  # B5: what may not be kept is not left in the gaps of pages either
        },
        timeout=30,
        lock_type="immediate",  # a transaction that turns from reading to writing half-way can only fail
        max_connections=MAX_CONNECTIONS,
        check_same_thread=False,
    )


def _postgresql(url: str) -> Database:
    return PooledPostgresqlDatabase(
        "postgresql" + url[url.index("://") :],
        prefer_psycopg3=True,
        max_connections=MAX_CONNECTIONS,
        connect_timeout=CONNECT_TIMEOUT_S,
        application_name="sunnyday",
        options=f"-c statement_timeout={STATEMENT_TIMEOUT_MS} -c synchronous_commit=on -c timezone=UTC {INDEXES_ONLY}",
    )
