"""Turns rows that are due into tasks: the gateway writes a wish and cannot ring Huey (design.md 2)."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import structlog

from crm_store import connections, mailboxes, revocations
from crm_store.database.session import connected
from crm_store.errors import StoreUnavailable, Temporary
from crm_store.mailboxes import Ring
from syncer.engine import Engine
from syncer.gmail.revoke import revoke
from syncer.gmail.watch import stop_watch
from syncer.schedule import longest_wait_ms

log = structlog.get_logger()

LOOK_EVERY_S = 0.5  # for wishes: rows that the gateway wrote
SOONEST_S = 0.05  # what is due and cannot be handed out yet is no reason to ask all the time
AFTER_FAILURE_S = 1.0
FORGOTTEN_EVERY_S = 1.0
ENDINGS_EVERY_S = 15.0
REVOKED_EVERY_S = 2.0


class Dispatcher:
    """free_places: how many tasks the queue may take, so that what is due longest is not behind what came before."""

    def __init__(self, engine: Engine, ring: Callable[[Ring], None], free_places: Callable[[], int]) -> None:
        self._engine, self._ring, self._free_places = engine, ring, free_places
        self._forgotten_after = 0
        self._regular: Sequence[_Regular] = (
            _Regular(FORGOTTEN_EVERY_S, self._find_forgotten),
            _Regular(ENDINGS_EVERY_S, self._end_replaced),
            _Regular(REVOKED_EVERY_S, self._revoke),
        )

    def round(self) -> float:
        """Hand out what is due; in how many seconds to look again."""
        try:
            with connected():
                mailboxes.take_wishes(now_ms=self._engine.clock())
                places = self._free_places()
                for one in mailboxes.hand_out(places, now_ms=self._engine.clock()) if places > 0 else ():
                    self._ring(one)
                for sweep in self._regular:
                    sweep.if_due()
                due_in_ms = mailboxes.due_in_ms(now_ms=self._engine.clock())
        except StoreUnavailable:
            log.warning("dispatcher_waits_for_store", exc_info=True)
            return AFTER_FAILURE_S
        return LOOK_EVERY_S if due_in_ms is None else max(SOONEST_S, min(LOOK_EVERY_S, due_in_ms / 1000))

    def _find_forgotten(self) -> None:
        """A page a time, round and round."""
        after = mailboxes.find_forgotten(
            after=self._forgotten_after,
            longest_wait_ms=longest_wait_ms(self._engine.settings),
            now_ms=self._engine.clock(),
        )
        self._forgotten_after = after or 0

    def _end_replaced(self) -> None:
        """A3: an account that was replaced, and whose last sync did not come to its end in time."""
        connections.end_overdue(self._engine.sealer, now_ms=self._engine.clock())

    def _revoke(self) -> None:
        """One a time: Google may be slow, and mailboxes wait for this loop."""
        for revocation_id in revocations.due(now_ms=self._engine.clock(), limit=1):
            token = revocations.take(revocation_id, self._engine.sealer, now_ms=self._engine.clock())
            if token is None:
                continue
            try:
                stop_watch(self._engine.settings, token.token)  # with what is about to be revoked
                revoke(self._engine.settings, token.token)
                revocations.done(revocation_id)
            except Temporary:
                log.warning("token_not_revoked", revocation_id=revocation_id)


@dataclass
class _Regular:
    """What is done every so often."""

    every_s: float
    sweep: Callable[[], None]
    next_s: float = 0.0

    def if_due(self) -> None:
        if time.monotonic() >= self.next_s:
            self.sweep()
            self.next_s = time.monotonic() + self.every_s
