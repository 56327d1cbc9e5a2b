"""Turns imports that are due into tasks, beside those of mailboxes."""

import time
from collections.abc import Callable

import structlog

from crm_store import contact_import_work
from crm_store.contact_import_work import Turn
from crm_store.database.session import connected
from crm_store.errors import StoreUnavailable
from syncer.engine import Engine

log = structlog.get_logger()

FORGOTTEN_EVERY_S = 1.0


class ContactsDispatcher:
    """free_places: how many tasks the queue may take; half of them are left to mail."""

    def __init__(self, engine: Engine, ring: Callable[[Turn], None], free_places: Callable[[], int]) -> None:
        self._engine, self._ring, self._free_places = engine, ring, free_places
        self._forgotten_after = 0
        self._forgotten_at_s = 0.0

    def round(self) -> None:
        """Before the mailboxes' own: a wish to look at a mailbox is one for its contacts too, until it is taken."""
        try:
            with connected():
                contact_import_work.take_wishes(now_ms=self._engine.clock())
                self._find_forgotten()
                places = (self._free_places() + 1) // 2
                if places > 0:
                    self._hand_out(places)
        except StoreUnavailable:
            log.warning("contacts_dispatcher_waits_for_store", exc_info=True)

    def _hand_out(self, places: int) -> None:
        for turn in contact_import_work.hand_out(places, self._engine.name, now_ms=self._engine.clock()):
            self._ring(turn)

    def _find_forgotten(self) -> None:
        """A page a time, round and round."""
        if time.monotonic() < self._forgotten_at_s:
            return
        after = contact_import_work.find_forgotten(after=self._forgotten_after, now_ms=self._engine.clock())
        self._forgotten_after = after or 0
        self._forgotten_at_s = time.monotonic() + FORGOTTEN_EVERY_S
