"""Turns lanes of the outbox that are due into tasks, beside mailboxes."""

import time
from collections.abc import Callable

import structlog

from crm_store import outbox_turns
from crm_store.database.session import connected
from crm_store.errors import StoreUnavailable
from crm_store.outbox_turns import LaneRing
from syncer.engine import Engine

log = structlog.get_logger()

SOONEST_S = 0.05  # what is due and cannot be handed out yet is no reason to ask all the time
LATEST_S = 0.5
FORGOTTEN_EVERY_S = 1.0


class OutboxDispatcher:
    """free_places: how many tasks the queue may take. Its turn is before that of mailboxes: a person waits."""

    def __init__(self, engine: Engine, ring: Callable[[LaneRing], None], free_places: Callable[[], int]) -> None:
        self._engine, self._ring, self._free_places = engine, ring, free_places
        self._forgotten_after = 0
        self._forgotten_at_s = 0.0

    def round(self) -> float:
        """Hand out what is due; in how many seconds to look again."""
        try:
            with connected():
                self._find_forgotten()
                places = self._free_places()
                for one in outbox_turns.hand_out(places, now_ms=self._engine.clock()) if places > 0 else ():
                    self._ring(one)
                due_in_ms = outbox_turns.due_in_ms(now_ms=self._engine.clock())
        except StoreUnavailable:
            log.warning("outbox_dispatcher_waits_for_store", exc_info=True)
            return LATEST_S
        return LATEST_S if due_in_ms is None else max(SOONEST_S, min(LATEST_S, due_in_ms / 1000))

    def _find_forgotten(self) -> None:
        """A page a time, round and round."""
        if time.monotonic() < self._forgotten_at_s:
            return
        self._forgotten_after = outbox_turns.find_forgotten(after=self._forgotten_after) or 0
        self._forgotten_at_s = time.monotonic() + FORGOTTEN_EVERY_S
