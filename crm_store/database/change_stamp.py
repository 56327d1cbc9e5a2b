"""Whether anything in the database may have changed since it was last asked: so cheap that it can be asked all day."""

import sqlite3
from contextlib import suppress

from crm_store.database.engine import on_sqlite, sqlite_path


class ChangeStamp:
    """One call at a time. On PostgreSQL it always says yes: what is asked then has an index."""

    def __init__(self) -> None:
        self._watcher: sqlite3.Connection | None = None
        self._seen: int | None = None

    def moved(self) -> bool:
        """True at the first call, and where the database does not answer: who asks it next will be told why."""
        if not on_sqlite():
            return True
        try:
            now = self._data_version()
        except sqlite3.Error:
            self.close()
            return True
        moved, self._seen = now != self._seen, now
        return moved

    def close(self) -> None:
        if self._watcher is not None:
            with suppress(sqlite3.Error):
                self._watcher.close()
        self._watcher = self._seen = None

    def _data_version(self) -> int:
        if self._watcher is None:
            # A connection of its own: the number does not move for what the asking connection wrote itself.
            self._watcher = sqlite3.connect(
                f"{sqlite_path().absolute().as_uri()}?mode=ro", uri=True, check_same_thread=False
            )
        return int(self._watcher.execute("PRAGMA data_version").fetchone()[0])
