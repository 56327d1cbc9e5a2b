"""Both databases, as durable as in earnest."""

import contextlib
from collections.abc import Iterator

from postgres_server import PostgresServer


@contextlib.contextmanager
def both() -> Iterator[dict[str, dict[str, str]]]:
    """By name: the settings that choose an empty one."""
    server = PostgresServer(fsync=True)
    try:
        yield {"SQLite": {}, "PostgreSQL": {"SUNNYDAY_DATABASE_URL": server.create_database()}}
    finally:
        server.close()
