"""Mail from before connecting, where somebody asked for it (A6): first all of it is named in the ledger, newest first,
and then looked at in that order, behind live mail. Who asked can have it stopped; what is done by then stays."""

from collections.abc import Sequence
from dataclasses import dataclass

from peewee import Expression, fn

from crm_store import connection_work, mailbox_ledger, mailbox_work, mailboxes
from crm_store.database.rows import tuples
from crm_store.database.session import writing
from crm_store.mailbox_counts import CountChanges
from crm_store.mailbox_ledger import Noted, PageOfMessages
from crm_store.mailbox_work import FIRST_RETRY_MS, Waiting
from crm_store.mailboxes import Held
from crm_store.models.connections import Connection
from crm_store.models.mailboxes import GmailMessage, Mailbox
from crm_store.rules.connection import ConnectionState
from crm_store.rules.mailbox import LedgerState

DAY_MS = 86_400_000
STOP = 0  # the wish for mail of no days at all
STOPPED_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Backfill:
    """One that runs. page: where the list goes on, "" for its first page, None once all of it is named."""

    since_ms: int
    page: str | None


@dataclass(frozen=True, slots=True)
class BackfillProgress:
    """done, total: messages. total: None while the mailbox is still being listed."""

    is_running: bool
    done: int
    total: int | None


def running(held: Held, *, now_ms: int) -> Backfill | None:
    """What is to be done; None where nothing is. A wish is taken up here: days of another one go on top of what waits.

    Raises: LeaseLost."""
    connection = Connection.get_by_id(held.connection_id)
    if connection.backfill_days:  # STOP, when it comes just now, is the next slice's
        _begin(held, connection.backfill_days, now_ms)
    row = Mailbox.get_by_id(held.mailbox_id)
    if row.backfill_since_ms is None:
        return None
    if connection.state != ConnectionState.IMPORTING:  # it begins, or a pause or a sign-in came between
        connection_work.importing(held.connection_id, held.epoch)
    return Backfill(row.backfill_since_ms, row.backfill_page)


def _begin(held: Held, days: int, now_ms: int) -> None:
    with writing():
        taken = (Connection.id == held.connection_id) & (Connection.backfill_days == days)
        if not Connection.update(backfill_days=None).where(taken).execute():
            return  # somebody asked for other days meanwhile
        is_new = Mailbox.get_by_id(held.mailbox_id).backfill_since_ms is None
        counts = {"backfill_total": 0, "backfill_done": 0} if is_new else {}
        mailboxes.write(held, now_ms=now_ms, backfill_since_ms=now_ms - days * DAY_MS, backfill_page="", **counts)


def note(held: Held, messages: Sequence[Noted], next_page: str | None, *, now_ms: int) -> None:
    """A page of the mailbox's list. next_page: None on the last. Safe to run twice. Raises: LeaseLost."""
    mailbox_ledger.note(held, PageOfMessages(asked_for=messages), now_ms=now_ms, backfill_page=next_page)


def take(held: Held, limit: int, *, now_ms: int) -> list[Waiting]:
    """As mailbox_work.take, of what waits for the backfill. Raises: LeaseLost."""
    due = (
        GmailMessage.select()
        .where(GmailMessage.mailbox_id == held.mailbox_id, GmailMessage.backfill_at_ms <= now_ms)
        .order_by(GmailMessage.backfill_at_ms, GmailMessage.id)
        .limit(limit)
    )
    with writing():
        rows = mailbox_work.taken_together(list(due))
        for row in rows:
            again_at_ms = now_ms + (FIRST_RETRY_MS << min(row.attempts, 20))
            GmailMessage.update(attempts=row.attempts + 1, backfill_at_ms=again_at_ms).where(
                GmailMessage.id == row.id
            ).execute()
        mailboxes.write(held, now_ms=now_ms)
    return mailbox_work.as_waiting(held, rows)


def next_due_ms(held: Held) -> int | None:
    """When the next one that waits is due; None where none does."""
    waits = (GmailMessage.mailbox_id == held.mailbox_id) & GmailMessage.backfill_at_ms.is_null(False)
    ((at_ms,),) = tuples(GmailMessage.select(fn.MIN(GmailMessage.backfill_at_ms)).where(waits))
    return None if at_ms is None else int(at_ms)


def end(held: Held, *, now_ms: int) -> None:
    """Nothing of it is left. Raises: LeaseLost."""
    with writing():
        mailboxes.write(held, now_ms=now_ms, backfill_since_ms=None, backfill_page=None)
        connection_work.imported(held.connection_id, held.epoch)


def is_to_stop(held: Held) -> bool:
    return Connection.select().where(_wishes_to_stop(held)).exists()


def stop_some(held: Held, *, now_ms: int) -> bool:
    """Some of what waits is again what it was before anybody asked; whether more of it is left. With the last of it the
    backfill ends. Safe to run twice. Raises: LeaseLost."""
    waiting = (
        GmailMessage.select(GmailMessage.id)
        .where(GmailMessage.mailbox_id == held.mailbox_id, GmailMessage.backfill_at_ms.is_null(False))
        .order_by(GmailMessage.backfill_at_ms, GmailMessage.id)
        .limit(STOPPED_AT_ONCE)
    )
    count = CountChanges()
    with writing():
        ids = [row_id for (row_id,) in tuples(waiting)]
        GmailMessage.update(state=LedgerState.BEFORE, attempts=0, backfill_at_ms=None).where(
            GmailMessage.id.in_(ids)
        ).execute()
        for _ in ids:
            count.out_of_backfill()
        mailboxes.write(held, now_ms=now_ms, backfill_page=None, **count.columns())
        if len(ids) == STOPPED_AT_ONCE:
            return True
        Connection.update(backfill_days=None).where(_wishes_to_stop(held)).execute()
        end(held, now_ms=now_ms)
    return False


def _wishes_to_stop(held: Held) -> Expression:
    return (Connection.id == held.connection_id) & (Connection.backfill_days == STOP)


def progress(connection_ids: Sequence[int]) -> dict[int, BackfillProgress]:
    """Of those that have had one, by connection."""
    rows = Mailbox.select().where(
        Mailbox.connection_id.in_(list(connection_ids)), Mailbox.backfill_total.is_null(False)
    )
    return {
        row.connection_id: BackfillProgress(
            is_running=row.backfill_since_ms is not None,
            done=row.backfill_done or 0,
            total=None if row.backfill_page is not None else row.backfill_total,
        )
        for row in rows
    }
