"""One run over one mailbox: a bounded slice of work, then back into the line, so that no mailbox starves another."""

import secrets
import time
from collections.abc import Sequence
from functools import partial

import structlog

from crm_store import connection_endings, connection_work, fault_point, mailbox_work, mailboxes, notices, push_notices
from crm_store.connection_work import MailboxAccess
from crm_store.errors import StoreUnavailable, Temporary
from crm_store.mailboxes import Held, LeaseLost, Ring
from crm_store.rules.connection import ConnectionProblem
from crm_store.sealing import Unopenable
from syncer.engine import Engine
from syncer.errors import AccessLost, ProjectPaused, Refused, SlowDown
from syncer.history.backfill import backfill
from syncer.history.catch_up import catch_up
from syncer.history.compare import compare
from syncer.history.look import LookAt
from syncer.history.mark_read import mark_read
from syncer.history.work_off import Lane, work_off
from syncer.remote import RemoteMailbox
from syncer.schedule import pause_ms
from syncer.watch import keep_watch

log = structlog.get_logger()

SLICE_MESSAGES = 50
SLICE_S = 5.0
REFUSED_PAUSE_MS = 3_600_000  # an administrator or the user may change it
UNOPENED_PAUSE_MS = 5 * 60_000


def run(engine: Engine, ring: Ring) -> bool:
    """Do a slice. Whether the mailbox was ours, and all of it went well. Safe to run twice, and by two at once.

    Raises: StoreUnavailable; should it last, the mailbox comes back when its lease ends."""
    holder = engine.name + secrets.token_hex(12)
    connection_id = mailboxes.claim(ring, holder, now_ms=engine.clock())
    if connection_id is None:
        return False
    fault_point.reach("sync.after-claim")
    try:
        access = connection_work.open_mailbox(connection_id, engine.sealer)
    except Unopenable:
        log.error("secret_key_missing", connection_id=connection_id)
        until_ms = engine.clock() + UNOPENED_PAUSE_MS
        mailboxes.put_off(ring.mailbox_id, holder, next_run_at_ms=until_ms)
        connection_work.pause_unopened(connection_id, until_ms=until_ms)
        return False
    if access is None:
        mailboxes.leave(ring.mailbox_id, holder)
        return False
    held = mailboxes.held(ring, access, holder, now_ms=engine.clock())
    try:
        _Slice(engine, held, access, engine.open_remote(access)).work()
    except LeaseLost:
        log.info("sync_overtaken", connection_id=connection_id)
        mailboxes.let_go(ring.mailbox_id, holder)  # who signed in again meanwhile need not wait for the lease's end
        return False
    except StoreUnavailable:
        mailboxes.let_go(ring.mailbox_id, holder)  # it may have been for a moment
        raise
    except Exception as error:  # noqa: BLE001 - whatever it is: the mailbox is tried again, and the others go on
        _fail(engine, held, access, error)
        return False
    fault_point.reach("sync.after-finish")
    return True


class _Slice:
    def __init__(self, engine: Engine, held: Held, access: MailboxAccess, remote: RemoteMailbox) -> None:
        self._engine, self._held, self._access, self._remote = engine, held, access, remote

    def work(self) -> None:
        cursor = mailboxes.progress(self._held.mailbox_id).cursor
        catch_up(self._engine, self._held, self._remote)
        wait_s = self._look_at_what_waits()
        if not self._access.last_sync:
            keep_watch(self._engine, self._held, self._remote)
        # After that: what it finds is looked at in the next run, and where it fails, what history told is done.
        goes_on = compare(self._engine, self._held, self._access, self._remote)
        is_over = self._access.last_sync or self._engine.stopping()
        later_in_ms: list[int | None] = []
        if not is_over:
            later_in_ms.append(mark_read(self._engine, self._held, self._remote))
            later_in_ms.append(backfill(self._engine, self._held, self._access, self._remote))
        self._finish(cursor, goes_on, wait_s, later_in_ms)

    def _look_at_what_waits(self) -> float:
        """A slice of it. How long to wait before there may be another one, for the user's quota."""
        held, engine = self._held, self._engine
        look_at = LookAt(engine, held, self._access, self._remote, mailboxes.progress(held.mailbox_id))
        lane = Lane(
            take=lambda most: mailbox_work.take(held, most, now_ms=engine.clock()),
            next_due_ms=partial(mailbox_work.next_due_ms, held),
            wait_s=self._remote.wait_s,
            most=SLICE_MESSAGES,
            until_s=time.monotonic() + SLICE_S,
        )
        return work_off(engine, held, look_at, lane)

    def _finish(self, cursor_before: str, goes_on: bool, wait_s: float, later_in_ms: Sequence[int | None]) -> None:
        """later_in_ms: when what is no live mail goes on; None where that is done."""
        now_ms = self._engine.clock()
        due_ms = mailbox_work.next_due_ms(self._held)
        progress = mailboxes.progress(self._held.mailbox_id)
        caught_up = not goes_on and progress.pinned_cursor is None and (due_ms is None or due_ms > now_ms)
        if caught_up and due_ms is None and self._access.last_sync:
            connection_endings.end(self._held.connection_id, self._engine.sealer, now_ms=now_ms)
            mailboxes.leave(self._held.mailbox_id, self._held.holder)
            return
        soonest_ms = now_ms + self._engine.settings.sync_interval_s * 1000
        if due_ms is not None:
            soonest_ms = min(soonest_ms, max(due_ms, now_ms + int(wait_s * 1000)))
        pushed_ms = push_notices.look_again_ms(
            self._held.mailbox_id, progress.cursor, moved=progress.cursor > cursor_before, now_ms=now_ms
        )
        if pushed_ms is not None:
            soonest_ms = min(soonest_ms, pushed_ms)
        soonest_ms = min([soonest_ms, *(now_ms + in_ms for in_ms in later_in_ms if in_ms is not None)])
        next_run_at_ms = now_ms if goes_on else soonest_ms
        mailboxes.finish(self._held, next_run_at_ms=next_run_at_ms, caught_up=caught_up, now_ms=now_ms)


def _fail(engine: Engine, held: Held, access: MailboxAccess, error: Exception) -> None:
    """What a failure means for the mailbox: until when it waits, and what its user is told."""
    now_ms = engine.clock()
    if isinstance(error, AccessLost):
        _lose_access(engine, held, access, error, now_ms)
        return
    until_ms = now_ms + pause_ms(mailboxes.progress(held.mailbox_id).attempts, jitter=secrets.randbelow(1000))
    problem: ConnectionProblem | None = None
    match error:
        case SlowDown():
            until_ms, problem = error.until_ms or max(until_ms, now_ms + 10_000), ConnectionProblem.RATE_LIMITED
        case ProjectPaused():
            until_ms, problem = error.until_ms, ConnectionProblem.PROJECT_LIMITED
            log.error("google_project_paused", until_ms=until_ms)
        case Refused():
            until_ms, problem = now_ms + REFUSED_PAUSE_MS, error.problem
        case Temporary():
            pass
        case _:
            log.error("sync_failed", connection_id=held.connection_id, exc_info=error)
    log.warning("sync_put_off", connection_id=held.connection_id, error=type(error).__name__, until_ms=until_ms)
    try:
        mailboxes.give_up(held, next_run_at_ms=until_ms, now_ms=now_ms)
    except LeaseLost:
        return
    if problem is not None:
        connection_work.pause(held.connection_id, held.epoch, problem, until_ms=until_ms)


def _lose_access(engine: Engine, held: Held, access: MailboxAccess, error: AccessLost, now_ms: int) -> None:
    """A5; and of an account that another one has replaced nobody wants to sign in again."""
    if access.last_sync:
        connection_endings.end(held.connection_id, engine.sealer, now_ms=now_ms)
    else:
        base_url = engine.settings.base_url
        notices.lost_access(held.connection_id, held.epoch, error.problem, engine.blobs, base_url, now_ms=now_ms)
    mailboxes.leave(held.mailbox_id, held.holder)
