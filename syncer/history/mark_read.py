"""What a user has read in the CRM is marked as read in their Gmail (B14): some of it a run, behind live mail.

Marking twice is harmless. What it changes comes back by history, and finds here what it says."""

import time
from collections.abc import Sequence

import structlog

from crm_store import fault_point, read_wishes
from crm_store.mailboxes import Held
from crm_store.read_wishes import MAX_TRIES, Wished
from crm_store.rules.connection import ConnectionProblem
from syncer.engine import Engine
from syncer.errors import Gone, Refused, Rejected, Unreachable
from syncer.remote import RemoteMailbox

log = structlog.get_logger()

# A new mail waits for no more than this.
SLICE_MESSAGES, SLICE_S = 50, 1.0


def mark_read(engine: Engine, held: Held, remote: RemoteMailbox) -> int | None:
    """A slice of it. In how many milliseconds to go on; None where nothing is left.

    Raises: LeaseLost, and what the remote raises that is no message's own fault."""
    left, until_s = SLICE_MESSAGES, time.monotonic() + SLICE_S
    while left > 0 and time.monotonic() < until_s and not engine.stopping():
        due_ms = read_wishes.next_due_ms(held)
        if due_ms is None:
            return None
        wait_ms = max(due_ms - engine.clock(), int(remote.backfill_wait_s() * 1000))
        if wait_ms > 0:
            return wait_ms
        wished = read_wishes.take(held, left, now_ms=engine.clock())
        left -= max(1, len(wished))
        if wished:
            fault_point.reach("sync.before-marking")
            _mark(engine, held, remote, wished)
            fault_point.reach("sync.after-marking-commit")
    return 0


def _mark(engine: Engine, held: Held, remote: RemoteMailbox, wished: Sequence[Wished]) -> None:
    try:
        remote.mark_read([one.gmail_id for one in wished])
    except Gone:
        if len(wished) > 1:
            return  # each is tried again alone
    except (Unreachable, Rejected) as error:
        log.warning("read_state_put_off", connection_id=held.connection_id, error=type(error).__name__)
        if len(wished) > 1 or (isinstance(error, Unreachable) and wished[0].attempts < MAX_TRIES):
            return
    except Refused as error:
        if error.problem is not ConnectionProblem.MISSING_PERMISSION:
            raise
        log.warning("read_state_refused", connection_id=held.connection_id)
        read_wishes.refused(held, wished, now_ms=engine.clock())
        return
    fault_point.reach("sync.after-marking")
    read_wishes.done(held, wished, now_ms=engine.clock())
