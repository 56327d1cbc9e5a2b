"""Both databases, as durable as in earnest."""

import contextlib
from collections.abc import Callable, Iterator

from postgres_server import PostgresServer


@contextlib.contextmanager
def both() -> Iterator[dict[str, Callable[[], dict[str, str]]]]:
    """By name: what makes an empty one and gives the settings that choose it."""
    server = PostgresServer(fsync=True)
    try:
        yield {"SQLite": dict, "PostgreSQL": lambda: {"SUNNYDAY_DATABASE_URL": server.create_database()}}
    finally:
        server.close()
