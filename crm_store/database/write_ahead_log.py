"""SQLite's write-ahead log, as far as it remembers what the tables have forgotten."""

from crm_store.database.engine import database, on_sqlite

_WAIT_MS = 500


def forget_old_pages() -> bool:
    """Empty the log, in which rows stand as they were before they were changed or deleted. Call outside a transaction.

    False: somebody reads or writes just now; nothing is lost by trying again later. PostgreSQL has nothing to do here:
    its log is the server's, and in no backup of the database."""
    if not on_sqlite():
        return True
    (before_ms,) = database.execute_sql("PRAGMA busy_timeout").fetchone()
    database.execute_sql(f"PRAGMA busy_timeout = {_WAIT_MS}")  # who waits here has the write lock
    try:
        (busy, _, _) = database.execute_sql("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    finally:
        database.execute_sql(f"PRAGMA busy_timeout = {before_ms}")
    return not busy
