"""The look that is taken for all open pages, a few times a second."""

from collections.abc import Collection

from crm_store import web_sessions
from crm_store.clock import now_ms
from crm_store.database.change_stamp import ChangeStamp
from crm_store.database.session import connected
from crm_store.live_marks import marks
from crm_store.live_marks.place import Place
from gateway.web.live.hub import Seen


class Looking:
    """One call at a time, from whatever thread."""

    def __init__(self) -> None:
        self._stamp = ChangeStamp()

    def look(self, places: Collection[Place], sessions: Collection[int], thoroughly: bool) -> Seen | None:
        """Raises: StoreUnavailable."""
        moved = self._stamp.moved()  # asked before the rows: what changes while they are read is seen the next time
        if not (moved or thoroughly):
            return None
        now = now_ms()
        with connected():
            return Seen(marks.of_places(places, now_ms=now), web_sessions.living(sessions, now_ms=now))
