"""Messages of a mailbox that wait to be looked at: taken, settled, or set aside.

Each outcome is one transaction: the ledger, the counts, the decision, and where it is recorded the entry."""

import hashlib
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import takewhile

from peewee import SQL, fn

from crm_store import decisions, mailbox_ledger, mailboxes
from crm_store.blobs import erasure
from crm_store.blobs.keeping import keep
from crm_store.blobs.store import BlobStore, NewBlob
from crm_store.database.rows import tuples
from crm_store.database.session import writing
from crm_store.mailbox_counts import CountChanges
from crm_store.mailbox_filing import told_of
from crm_store.mailboxes import Held
from crm_store.models.mailboxes import GmailMessage
from crm_store.rules.decision import Decision
from crm_store.rules.mailbox import LedgerState
from crm_store.rules.rule import Reason, Rule
from crm_store.rules.states import CaptureState

# Between two looks at a message that failed: at first, doubling; and of one that is set aside.
FIRST_RETRY_MS = 2_000
SET_ASIDE_RETRY_MS = 6 * 3_600_000


@dataclass(frozen=True, slots=True)
class Waiting:
    """A message that is to be looked at. attempts: with this one. by_list: only a list told of it.

    talk_is_recorded: another one of its Gmail thread is recorded. in_backfill: it waited for a backfill.
    due_at_ms: since when it was due."""

    id: int
    gmail_id: str
    state: LedgerState
    attempts: int
    by_list: bool
    talk_is_recorded: bool
    in_backfill: bool = False
    due_at_ms: int | None = None


def take(held: Held, limit: int, *, now_ms: int) -> list[Waiting]:
    """Messages to be looked at now, in the order in which they came.

    The attempt is counted before it is made, and the next one is due later: a message that takes the whole process down
    is set aside, too. One that has failed before is taken alone, so that it takes no other down with it.
    Raises: LeaseLost."""
    due = (
        GmailMessage.select()
        .where(GmailMessage.mailbox_id == held.mailbox_id, GmailMessage.next_try_at_ms <= now_ms)
        .order_by(GmailMessage.next_try_at_ms, GmailMessage.id)
        .limit(limit)
    )
    with writing():
        rows = list(due)
        if not rows:
            return []
        taken = taken_together(rows)
        for row in taken:
            failed = row.state == LedgerState.FAILED
            pause_ms = SET_ASIDE_RETRY_MS if failed else FIRST_RETRY_MS << min(row.attempts, 20)
            GmailMessage.update(attempts=row.attempts + 1, next_try_at_ms=now_ms + pause_ms).where(
                GmailMessage.id == row.id
            ).execute()
        mailboxes.write(held, now_ms=now_ms)
    return as_waiting(held, taken)


def taken_together(rows: Sequence[GmailMessage]) -> list[GmailMessage]:
    """One that has failed before is taken alone."""
    fresh = list(takewhile(lambda row: not row.attempts, rows))
    return fresh or list(rows[:1])


def as_waiting(held: Held, taken: Sequence[GmailMessage]) -> list[Waiting]:
    """Rows as they were before they were taken."""
    talks = _recorded_talks(held, {row.thread_id for row in taken if row.thread_id})
    return [
        Waiting(
            id=row.id,
            gmail_id=row.gmail_id,
            state=LedgerState(row.state),
            attempts=row.attempts + 1,
            by_list=row.by_list,
            talk_is_recorded=row.thread_id in talks,
            in_backfill=row.backfill_at_ms is not None,
            due_at_ms=row.next_try_at_ms if row.backfill_at_ms is None else row.backfill_at_ms,
        )
        for row in taken
    ]


def give_back(held: Held, waiting: Sequence[Waiting], *, now_ms: int) -> None:
    """These were taken and not looked at. Raises: LeaseLost."""
    if not waiting:
        return
    with writing():
        for one in waiting:
            # A backfill's are as many as a mailbox has; they keep their turn.
            lane = {"backfill_at_ms": one.due_at_ms} if one.in_backfill else {"next_try_at_ms": now_ms}
            GmailMessage.update(attempts=GmailMessage.attempts - 1, **lane).where(GmailMessage.id == one.id).execute()
        mailboxes.write(held, now_ms=now_ms)


def _recorded_talks(held: Held, thread_ids: Set[str]) -> set[str | None]:
    if not thread_ids:
        return set()
    recorded = GmailMessage.select(GmailMessage.thread_id).where(
        GmailMessage.mailbox_id == held.mailbox_id,
        GmailMessage.thread_id.in_(sorted(thread_ids)),
        GmailMessage.state == SQL("'recorded'"),  # a literal, as in the index
    )
    return {talk for (talk,) in tuples(recorded.distinct())}


def next_due_ms(held: Held) -> int | None:
    """When the next one that waits is due; None where none does."""
    waits = (GmailMessage.mailbox_id == held.mailbox_id) & GmailMessage.next_try_at_ms.is_null(False)
    ((at_ms,),) = tuples(GmailMessage.select(fn.MIN(GmailMessage.next_try_at_ms)).where(waits))
    return None if at_ms is None else int(at_ms)


def settle(
    held: Held,
    one: Waiting,
    decided: Mapping[int, Decision],
    thread_id: str | None,
    *,
    sent_at_ms: int | None = None,
    now_ms: int,
) -> None:
    """What mailbox_filing decided. sent_at_ms: of a message that the account sent.

    Call in its transaction. Raises: LeaseLost."""
    recorded = next((each for each in decided.values() if each.outcome is CaptureState.RECORDED), None)
    told = recorded or told_of(decided)
    state = LedgerState.NOT_RECORDED if recorded is None else LedgerState.RECORDED
    _settle(held, one, state, now_ms, rule=told.rule, reason=told.reason, thread_id=thread_id, sent_at_ms=sent_at_ms)


def settle_without(held: Held, one: Waiting, rule: Rule, reason: Reason, *, now_ms: int) -> None:
    """Not recorded, for a reason that is the mailbox's (A6, B12). Raises: LeaseLost."""
    with writing():
        state = LedgerState.BEFORE if rule is Rule.A6 else LedgerState.NOT_RECORDED
        _settle(held, one, state, now_ms, rule=rule, reason=reason)
        mailbox_ledger.tell(held, one.gmail_id, rule, reason, now_ms)


def set_aside(held: Held, one: Waiting, reason: Reason, raw: bytes | None, blobs: BlobStore, *, now_ms: int) -> None:
    """It cannot be decided about, and that is our fault: counted as failed, with its raw bytes where we have them, and
    tried again now and then. Raises: LeaseLost, StoreUnavailable."""
    blob = None if raw is None else NewBlob(hashlib.sha256(raw).digest(), raw)
    if blob is not None:
        blobs.put([blob])
    with writing():
        if blob is not None and raw is not None:
            keep([(blob, len(raw))], blobs, now_ms=now_ms)
        _settle(
            held,
            one,
            LedgerState.FAILED,
            now_ms,
            rule=Rule.F1,
            reason=reason,
            blob_sha256=None if blob is None else blob.sha256,
            next_try_at_ms=now_ms + SET_ASIDE_RETRY_MS,
        )
        decisions.write_mailbox(
            held.user_id,
            one.gmail_id,
            CaptureState.FAILED,
            Rule.F1,
            reason,
            message_id=None,
            location_id=None,
            entry_id=None,
            now_ms=now_ms,
        )


def _settle(held: Held, one: Waiting, state: LedgerState, now_ms: int, **changes: str | int | bytes | None) -> None:
    count = CountChanges()
    count.step(one.state, state)
    count.backfill_done += one.in_backfill
    mailboxes.write(held, now_ms=now_ms, **count.columns())
    if changes.get("thread_id", "") is None:
        del changes["thread_id"]
    before = GmailMessage.select(GmailMessage.blob_sha256).where(GmailMessage.id == one.id)
    erasure.mark(bytes(sha256) for (sha256,) in tuples(before) if sha256 is not None)
    nothing_waits = {"next_try_at_ms": None, "backfill_at_ms": None, "blob_sha256": None}
    columns = {"rule": None, "reason": None, **nothing_waits, **changes}
    here = (GmailMessage.id == one.id) & (GmailMessage.state == one.state)
    if not GmailMessage.update(state=state, **columns).where(here).execute():
        raise mailboxes.LeaseLost(f"message {one.id} was settled by another run")
