"""Mail from before connecting, on request (A6): a page of the list or some looks a run, after what is live.

Listing costs nothing to speak of (5 units for 500 messages), so all is named first, and how much it is can be told. It
goes on where it stood: a page that is read twice does no harm, and one that Google knows no more begins it anew."""

import time
from functools import partial

import structlog

from crm_store import fault_point, mailbox_backfill, mailboxes
from crm_store.connection_work import MailboxAccess
from crm_store.mailbox_backfill import Backfill
from crm_store.mailbox_ledger import Noted
from crm_store.mailboxes import Held
from syncer.engine import Engine
from syncer.errors import Rejected, Unreachable
from syncer.history.look import LookAt
from syncer.history.work_off import Lane, work_off
from syncer.remote import RemoteMailbox

log = structlog.get_logger()

# A new mail waits for no more than this.
SLICE_MESSAGES, SLICE_S = 20, 1.0
AFTER_FAILURE_MS = 60_000


def backfill(engine: Engine, held: Held, access: MailboxAccess, remote: RemoteMailbox) -> int | None:
    """A slice of it, where one was asked for, or of stopping it. In how many milliseconds to go on; None where nothing
    is left.

    Raises: LeaseLost, and what the remote raises, but what is no reason to put live mail off."""
    if mailbox_backfill.is_to_stop(held):
        return 0 if mailbox_backfill.stop_some(held, now_ms=engine.clock()) else None
    under_way = mailbox_backfill.running(held, now_ms=engine.clock())
    if under_way is None:
        return None
    try:
        wait_s = remote.backfill_wait_s()
        if wait_s:
            return int(wait_s * 1000)
        if under_way.page is not None:
            _list(engine, held, remote, under_way, under_way.page)
            return 0
        wait_s = _look(engine, held, access, remote)
    except (Unreachable, Rejected) as error:
        log.warning("backfill_put_off", connection_id=held.connection_id, error=type(error).__name__)
        return AFTER_FAILURE_MS
    due_ms = mailbox_backfill.next_due_ms(held)
    if due_ms is None:
        mailbox_backfill.end(held, now_ms=engine.clock())
        log.info("backfill_done", connection_id=held.connection_id)
        return None
    return max(int(wait_s * 1000), due_ms - engine.clock(), 0)


def _list(engine: Engine, held: Held, remote: RemoteMailbox, under_way: Backfill, page_name: str) -> None:
    since_s = under_way.since_ms // 1000
    try:
        page = remote.list(since_s, page_name or None)
    except Rejected:
        if not page_name:
            raise
        page = remote.list(since_s, None)  # Google forgets the names of pages
    fault_point.reach("sync.after-backfill-page")
    messages = [Noted(one.gmail_id, one.thread_id) for one in page.messages]
    mailbox_backfill.note(held, messages, page.next_page, now_ms=engine.clock())
    fault_point.reach("sync.after-backfill-commit")


def _look(engine: Engine, held: Held, access: MailboxAccess, remote: RemoteMailbox) -> float:
    lane = Lane(
        take=lambda most: mailbox_backfill.take(held, most, now_ms=engine.clock()),
        next_due_ms=partial(mailbox_backfill.next_due_ms, held),
        wait_s=remote.backfill_wait_s,
        most=SLICE_MESSAGES,
        until_s=time.monotonic() + SLICE_S,
    )
    look_at = LookAt(engine, held, access, remote, mailboxes.progress(held.mailbox_id))
    return work_off(engine, held, look_at, lane)
