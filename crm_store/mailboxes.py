"""Which mailboxes are due, who has them now, and how far they have been followed.

The row is the truth and a task only a doorbell (design.md 2): handing a mailbox out moves its next time on, so that it
comes back when nobody did it. A run holds a lease, and whatever it writes it writes with that lease and with the
connection's epoch, or not at all (A4).

Locks are taken in this order everywhere: locations, connection, mailbox."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from peewee import Expression

from crm_store import connection_work, mailbox_clock, push_notices
from crm_store.connection_work import MailboxAccess
from crm_store.database.engine import on_sqlite
from crm_store.database.prepared import PreparedInsert
from crm_store.database.rows import tuples
from crm_store.database.session import writing
from crm_store.errors import NotFound, Temporary
from crm_store.mailbox_clock import SLACK_MS
from crm_store.models.connections import Connection
from crm_store.models.mailboxes import GmailMessage, Mailbox
from crm_store.rules.connection import ConnectionState
from crm_store.rules.mailbox import BeforeKnown, LedgerState

LEASE_MS = 300_000  # longer than a mail of 60 MB may take; a process that is started again frees its own before
RING_AGAIN_MS = 30_000  # a task that was handed out and not begun by then is handed out again
_WISHES_AT_ONCE = 100
_LOOKED_AT = 20  # more than a process has threads
TAKEN_AGAIN_AT_ONCE = 5  # so many times, what was under way when a process died

_MAILBOXES = PreparedInsert(Mailbox)


class LeaseLost(Temporary):
    """Another run has the mailbox, or its connection has changed since; what this one was about to write is rolled
    back."""


@dataclass(frozen=True, slots=True)
class Ring:
    """A mailbox that is handed out. rung_at_ms: so that a task that comes too late does nothing."""

    mailbox_id: int
    rung_at_ms: int


@dataclass(frozen=True, slots=True)
class Held:
    """A mailbox that is this run's until its lease ends."""

    mailbox_id: int
    connection_id: int
    epoch: int
    user_id: int
    holder: str
    begun_at_ms: int


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a mailbox is. See models.mailboxes.Mailbox."""

    cursor: str
    before_known: BeforeKnown
    before_ms: int | None
    walk_page: str | None
    walk_is_whole: bool
    pinned_cursor: str | None
    compare_at_ms: int
    walk_at_ms: int
    wanted_at_ms: int
    attempts: int
    pending: int
    backfill_since_ms: int | None


@dataclass(frozen=True, slots=True)
class MailboxCounts:
    """B16: seen = recorded + not_recorded + failed + pending."""

    seen: int = 0
    recorded: int = 0
    not_recorded: int = 0
    failed: int = 0
    pending: int = 0


def take_wishes(*, now_ms: int) -> int:
    """Mailboxes that somebody asked to look at become due; how many wishes were taken. Safe to run twice."""
    wished = Connection.select(Connection.id, Connection.sync_wanted_at_ms, Connection.paused_until_ms).where(
        Connection.sync_wanted_at_ms.is_null(False)
    )
    rows = list(tuples(wished.order_by(Connection.sync_wanted_at_ms, Connection.id).limit(_WISHES_AT_ONCE)))
    for connection_id, wanted_at_ms, paused_until_ms in rows:
        with writing():
            # The connection first, as a run locks them: the other way round the two wait for each other.
            taken = (Connection.id == connection_id) & (Connection.sync_wanted_at_ms == wanted_at_ms)
            Connection.update(sync_wanted_at_ms=None).where(taken).execute()
            _make(Connection.get_by_id(connection_id))
            want(connection_id, not_before_ms=paused_until_ms or 0, now_ms=now_ms)
    return len(rows)


def want(connection_id: int, *, not_before_ms: int = 0, now_ms: int) -> None:
    """Look at it now, or when Google's pause ends: a run that is under way already is followed by another one."""
    Mailbox.update(wanted_at_ms=now_ms, next_run_at_ms=max(now_ms, not_before_ms)).where(
        Mailbox.connection_id == connection_id
    ).execute()


def find_forgotten(*, after: int, longest_wait_ms: int, now_ms: int) -> int | None:
    """The regular sweep: connections that may be synced, and whose mailbox nobody would look at, or not before a clock
    that was set back has come so far again, become due. One page of it; where the next one begins, None at the end.

    longest_wait_ms: between two runs of a mailbox that Google did not ask to wait."""
    connection_ids = connection_work.mailboxes(after=after)
    if not connection_ids:
        return None
    mailbox_clock.bring_forward(connection_ids, longest_wait_ms=longest_wait_ms, now_ms=now_ms)
    followed = Mailbox.select(Mailbox.connection_id).where(
        Mailbox.connection_id.in_(connection_ids), Mailbox.next_run_at_ms.is_null(False)
    )
    for connection_id in sorted(set(connection_ids) - {one for (one,) in tuples(followed)}):
        with writing():
            _make(Connection.get_by_id(connection_id))
            want(connection_id, now_ms=now_ms)
    return connection_ids[-1]


def _make(connection: Connection) -> None:
    _MAILBOXES.insert_new(connection_id=connection.id, user_id=connection.user_id, cursor=connection.first_cursor)


def hand_out(limit: int, *, now_ms: int) -> list[Ring]:
    """Mailboxes that are due, the longest due first: that is what makes it fair. No two callers get the same one."""
    due = (
        Mailbox.select(Mailbox.id)
        .where(Mailbox.next_run_at_ms <= now_ms, _nobody_has(now_ms))
        .order_by(Mailbox.next_run_at_ms, Mailbox.id)
        .limit(limit)
    )
    if on_sqlite() and not due.exists():  # most often; and no reason to wait in the writers' line
        return []
    with writing():
        ids = [one for (one,) in tuples(due if on_sqlite() else due.for_update(skip_locked=True))]
        if ids:
            Mailbox.update(next_run_at_ms=now_ms + RING_AGAIN_MS, rung_at_ms=now_ms).where(
                Mailbox.id.in_(ids)
            ).execute()
    return [Ring(mailbox_id, now_ms) for mailbox_id in ids]


def _nobody_has(now_ms: int) -> Expression:
    """Also what was taken by a clock that was set back since: no lease is so long."""
    return (Mailbox.lease_until_ms <= now_ms) | (Mailbox.lease_until_ms > now_ms + LEASE_MS + SLACK_MS)


def ring_for(connection_id: int, *, now_ms: int) -> Ring | None:
    """Hand out this one, due or not. None where it is not followed yet."""
    with writing():
        row: Mailbox | None = Mailbox.get_or_none(Mailbox.connection_id == connection_id)
        if row is None:
            return None
        Mailbox.update(rung_at_ms=now_ms, wanted_at_ms=now_ms).where(Mailbox.id == row.id).execute()
    return Ring(row.id, now_ms)


def claim(ring: Ring, holder: str, *, now_ms: int) -> int | None:
    """The connection whose mailbox is now this run's, to be opened; None where somebody else has it, or had it since.

    holder: a name that no other run has."""
    free = (Mailbox.id == ring.mailbox_id) & (Mailbox.rung_at_ms == ring.rung_at_ms) & _nobody_has(now_ms)
    with writing():
        if (
            not Mailbox.update(lease_holder=holder, lease_until_ms=now_ms + LEASE_MS, rung_at_ms=0)
            .where(free)
            .execute()
        ):
            return None
        return int(Mailbox.get_by_id(ring.mailbox_id).connection_id)


def held(ring: Ring, access: MailboxAccess, holder: str, *, now_ms: int) -> Held:
    return Held(ring.mailbox_id, access.connection_id, access.epoch, access.user_id, holder, now_ms)


def free(name: str, *, now_ms: int) -> int:
    """The process of this name was started again: what it held is nobody's; how many those were.

    Should another one of the same name be at work, it does no harm: its writes are refused, and done again."""
    with writing():
        leased = Mailbox.select(Mailbox.id, Mailbox.lease_holder).where(Mailbox.lease_holder.is_null(False))
        ids = [row_id for row_id, holder in tuples(leased.order_by(Mailbox.id)) if holder.startswith(name)]
        # What it had taken was not looked at, most likely; each is now taken alone, in case it was one of them.
        GmailMessage.update(next_try_at_ms=now_ms).where(
            GmailMessage.mailbox_id.in_(ids),
            GmailMessage.next_try_at_ms > now_ms,
            GmailMessage.state == LedgerState.PENDING,
            GmailMessage.attempts < TAKEN_AGAIN_AT_ONCE,
        ).execute()
        Mailbox.update(lease_holder=None, lease_until_ms=0, next_run_at_ms=now_ms).where(Mailbox.id.in_(ids)).execute()
        return len(ids)


@dataclass(frozen=True, slots=True)
class SyncState:
    """One connection, for who waits for its sync. last_synced_at_ms: None before the first. is_held: a run has it."""

    connection_id: int
    state: ConnectionState
    problem: str | None
    last_synced_at_ms: int | None
    is_held: bool
    attempts: int


def sync_state(place_id: int, *, now_ms: int) -> SyncState:
    """place_id: the connection as people know it. Its mailbox is made where it has none yet. Raises: NotFound."""
    current = (Connection.place_id == place_id) & Connection.replaced_at_ms.is_null()
    connection: Connection | None = Connection.get_or_none(current)
    if connection is None:
        raise NotFound(f"there is no connection {place_id}")
    with writing():
        _make(connection)
        mailbox = Mailbox.get(Mailbox.connection_id == connection.id)
    return SyncState(
        connection_id=connection.id,
        state=ConnectionState(connection.state),
        problem=connection.problem,
        last_synced_at_ms=connection.last_synced_at_ms,
        is_held=_is_held(mailbox.lease_until_ms, now_ms),
        attempts=mailbox.attempts,
    )


def leave(mailbox_id: int, holder: str) -> None:
    """It is not to be followed (any more). Signing in again, or Connect, wishes for it anew."""
    with writing():
        mine = (Mailbox.id == mailbox_id) & (Mailbox.lease_holder == holder)
        Mailbox.update(next_run_at_ms=None, lease_holder=None, lease_until_ms=0).where(mine).execute()


def put_off(mailbox_id: int, holder: str, *, next_run_at_ms: int) -> None:
    """Whoever holds it can't open it; nothing changes where another run has it."""
    with writing():
        mine = (Mailbox.id == mailbox_id) & (Mailbox.lease_holder == holder)
        Mailbox.update(next_run_at_ms=next_run_at_ms, lease_holder=None, lease_until_ms=0).where(mine).execute()


def let_go(mailbox_id: int, holder: str) -> None:
    """The run has ended, and the mailbox is due when it was; nothing changes where another run has it."""
    with writing():
        mine = (Mailbox.id == mailbox_id) & (Mailbox.lease_holder == holder)
        Mailbox.update(lease_holder=None, lease_until_ms=0).where(mine).execute()


def progress(mailbox_id: int) -> Progress:
    row = Mailbox.get_by_id(mailbox_id)
    return Progress(
        cursor=row.cursor,
        before_known=BeforeKnown(row.before_known),
        before_ms=row.before_ms,
        walk_page=row.walk_page,
        walk_is_whole=row.walk_is_whole,
        pinned_cursor=row.pinned_cursor,
        compare_at_ms=row.compare_at_ms,
        walk_at_ms=row.walk_at_ms,
        wanted_at_ms=row.wanted_at_ms,
        attempts=row.attempts,
        pending=row.pending,
        backfill_since_ms=row.backfill_since_ms,
    )


def write(held: Held, *, now_ms: int, **changes: Any) -> None:
    """Change the mailbox's row in this transaction, which makes the lease last on; by nobody but who holds it.

    changes: columns' values, or expressions of them. Raises: LeaseLost."""
    if not connection_work.is_current(held.connection_id, held.epoch):
        raise LeaseLost(f"connection {held.connection_id} has changed")
    mine = (Mailbox.id == held.mailbox_id) & (Mailbox.lease_holder == held.holder)
    changes = {"lease_until_ms": now_ms + LEASE_MS, **changes}
    if not Mailbox.update(**changes).where(mine).execute():
        raise LeaseLost(f"mailbox {held.mailbox_id}")


def advance(held: Held, cursor: str, *, now_ms: int, **changes: Any) -> None:
    """The cursor goes forward, never back. Call in the transaction that makes it true. Raises: LeaseLost.

    changes: as in write."""
    write(held, now_ms=now_ms, **changes)
    Mailbox.update(cursor=cursor).where(Mailbox.id == held.mailbox_id, Mailbox.cursor < cursor).execute()


def finish(held: Held, *, next_run_at_ms: int, caught_up: bool, now_ms: int) -> None:
    """The run's end. caught_up: nothing that was there when it began is left to do. Raises: LeaseLost."""
    with writing():
        write(held, now_ms=now_ms)  # whoever asks for a look from here on waits, and writes after us
        wanted_since = Mailbox.select(Mailbox.id).where(
            Mailbox.id == held.mailbox_id, Mailbox.wanted_at_ms > held.begun_at_ms
        )
        again = wanted_since.exists() or push_notices.came_since(held.mailbox_id, held.begun_at_ms)
        again_at_ms = now_ms if again else next_run_at_ms
        failed_before = Mailbox.get_by_id(held.mailbox_id).attempts > 0
        write(held, now_ms=now_ms, next_run_at_ms=again_at_ms, lease_holder=None, lease_until_ms=0, attempts=0)
        if caught_up:
            connection_work.synced(held.connection_id, held.epoch, now_ms=now_ms)
        elif failed_before:
            connection_work.resumed(held.connection_id, held.epoch)  # no pause any more, though much is left to do


def give_up(held: Held, *, next_run_at_ms: int, now_ms: int) -> None:
    """The run failed, and is to be tried again then. Raises: LeaseLost."""
    with writing():
        write(
            held,
            now_ms=now_ms,
            next_run_at_ms=next_run_at_ms,
            lease_holder=None,
            lease_until_ms=0,
            attempts=Mailbox.attempts + 1,
        )


def due_in_ms(*, now_ms: int) -> int | None:
    """When the next mailbox is due: 0 for now, None where none waits but those at work, whose runs ring."""
    waiting = Mailbox.select(Mailbox.next_run_at_ms, Mailbox.lease_until_ms).where(
        Mailbox.next_run_at_ms.is_null(False)
    )
    first = tuples(waiting.order_by(Mailbox.next_run_at_ms, Mailbox.id).limit(_LOOKED_AT))
    return next((max(0, at_ms - now_ms) for at_ms, until_ms in first if not _is_held(until_ms, now_ms)), None)


def _is_held(lease_until_ms: int, now_ms: int) -> bool:
    """As the other way round _nobody_has."""
    return now_ms < lease_until_ms <= now_ms + LEASE_MS + SLACK_MS


def counts(connection_ids: Sequence[int]) -> dict[int, MailboxCounts]:
    """Of those that have been followed, by connection."""
    rows = Mailbox.select().where(Mailbox.connection_id.in_(list(connection_ids)))
    return {
        row.connection_id: MailboxCounts(row.seen, row.recorded, row.not_recorded, row.failed, row.pending)
        for row in rows
    }
