"""Where the measured product keeps its things."""

import contextlib
from collections.abc import Iterator, Mapping
from pathlib import Path

from store import Store

from crm_store.database import engine
from crm_store.database.migrate import migrate
from crm_store.database.session import connected
from crm_store.settings import load


def environ_of(folder: Path, **settings: str) -> dict[str, str]:
    """Settings of a product in this folder, with loopback as the relay that vouches for senders."""
    return {
        "SUNNYDAY_DATA": str(folder),
        "SUNNYDAY_TRUSTED_RELAYS": "127.0.0.1",
        "SUNNYDAY_SMTP_LISTEN": "127.0.0.1:0",
        "SUNNYDAY_HTTP_LISTEN": "127.0.0.1:0",
        "SUNNYDAY_LOG": "json",
        **settings,
    }


@contextlib.contextmanager
def store_of(environ: Mapping[str, str]) -> Iterator[Store]:
    """Its database, migrated, in this process."""
    settings = load(environ)
    migrate(settings)
    try:
        with connected():
            yield Store(settings)
    finally:
        engine.database.obj.close_all()
