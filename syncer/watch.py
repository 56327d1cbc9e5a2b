"""Has Google tell of changes at once, where the installation takes pushes; polling goes on whatever comes of it."""

import structlog

from crm_store import mailbox_watches
from crm_store.errors import Temporary
from crm_store.mailboxes import Held, LeaseLost
from syncer.engine import Engine
from syncer.errors import NotWatched, Refused, Rejected
from syncer.remote import RemoteMailbox

log = structlog.get_logger()

# "Call watch at least once every 7 days … recommend once per day" (facts/gmail.md 1.5).
_RENEW_MS = 86_400_000
_SOONEST_MS = 60_000
_AGAIN_MS = 3_600_000


def keep_watch(engine: Engine, held: Held, remote: RemoteMailbox) -> None:
    """Begin the watch, or renew it, where that is due. Raises: LeaseLost, AccessLost, StoreUnavailable."""
    topic = engine.settings.google_pubsub_topic
    if not engine.settings.asks_for_pushes or not mailbox_watches.is_due(held, now_ms=engine.clock()):
        return
    try:
        until_ms = remote.watch(topic)
    except LeaseLost:
        raise
    except (NotWatched, Rejected, Refused, Temporary) as error:
        now_ms, is_refused = engine.clock(), isinstance(error, NotWatched)
        log.warning("watch_not_begun", connection_id=held.connection_id, error=str(error), is_refused=is_refused)
        mailbox_watches.put_off(held, is_refused=is_refused, renew_at_ms=now_ms + _AGAIN_MS, now_ms=now_ms)
        return
    now_ms = engine.clock()
    # Half of the time is left when it is renewed, should Google's be shorter some day, or our clock be wrong.
    renew_in_ms = max(_SOONEST_MS, min(_RENEW_MS, (until_ms - now_ms) // 2))
    mailbox_watches.begun(held, until_ms=until_ms, renew_at_ms=now_ms + renew_in_ms, now_ms=now_ms)
    log.info("watch_begun", connection_id=held.connection_id, until_ms=until_ms)
