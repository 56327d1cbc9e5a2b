"""The database for commands that need it up to date."""

from collections.abc import Iterator
from contextlib import contextmanager

from crm_store.database import engine
from crm_store.database.migrate import pending
from crm_store.database.session import connected
from crm_store.errors import Permanent
from crm_store.settings import Settings


@contextmanager
def up_to_date(settings: Settings) -> Iterator[None]:
    """A connection for the block. Raises: StoreUnavailable; Permanent where migrations are missing."""
    engine.configure(settings)
    path = settings.sqlite_path
    # Asked first: SQLite would make an empty file, or name no reason where the folder is missing.
    if path is not None and not path.exists():
        raise Permanent(f"There is no database at {path} yet: run sunnyday migrate.")
    with connected():
        if missing := pending():
            raise Permanent(f"The database lacks {', '.join(missing)}: run sunnyday migrate.")
        yield
