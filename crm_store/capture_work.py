"""Captures that wait to be decided: claimed, decided and filed, or put back for another try."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

from peewee import Expression

from crm_store import bcc_tests, decisions, facts, fault_point, filing
from crm_store.capture_content import forget
from crm_store.copies import Copy
from crm_store.database.engine import on_sqlite
from crm_store.database.prepared import Prepared, Statement
from crm_store.database.rows import tuples
from crm_store.database.session import lock_location, writing
from crm_store.errors import Temporary
from crm_store.models.captures import Capture, CaptureRecipient
from crm_store.models.messages import Blob
from crm_store.rules.decide import decide
from crm_store.rules.decision import Decision
from crm_store.rules.original import Reading
from crm_store.rules.states import Automatic, CaptureState, Path
from crm_store.rules.verdict import Verdict, kept_form

# How long a worker has a claim before another may take it, and how much it claims at once: reading and filing that much
# takes a second or two.
LEASE_MS = 10_000
MAX_CLAIMED = 64
MAX_CLAIMED_BYTES = 32 * 1024 * 1024
FIRST_RETRY_MS = 1_000
LAST_RETRY_MS = 15 * 60_000
# What is due later than any wait was written by a clock that was set back since, and is due now.
_NO_WAIT_MS = 2 * LAST_RETRY_MS


class LeaseLost(Temporary):
    """Another worker has taken the capture since; what this one did with it is rolled back."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A capture that is this worker's until its lease ends. owners: whose BCC addresses the mail was sent to."""

    id: int
    location_id: int
    blob_sha256: bytes
    peer: str
    helo: str
    envelope_from: str
    owners: tuple[int, ...]
    received_at_ms: int
    attempts: int


@dataclass(frozen=True, slots=True)
class Read:
    """A claimed capture, read and authenticated: all that a decision needs but the location's own facts."""

    claimed: Claimed
    reading: Reading
    verdict: Verdict

    @property
    def sighted(self) -> facts.Sighted:
        envelope_from = self.claimed.envelope_from
        return facts.sighted_by_bcc(self.reading, self.claimed.owners, self.verdict, envelope_from=envelope_from)


def claim(*, now_ms: int) -> list[Claimed]:
    """Take captures that are due, oldest first. No two workers get the same one."""
    with writing():
        ids = _due(now_ms)
        if not ids:
            return []
        Capture.update(next_try_at_ms=now_ms + LEASE_MS, attempts=Capture.attempts + 1).where(
            Capture.id.in_(ids)
        ).execute()
        rows = list(Capture.select().where(Capture.id.in_(ids)).order_by(Capture.id))
        fault_point.reach("worker.before-claim-commit")
    owners: dict[int, list[int]] = {}
    named = CaptureRecipient.select(CaptureRecipient.capture_id, CaptureRecipient.user_id)
    for capture_id, user_id in tuples(named.where(CaptureRecipient.capture_id.in_(ids))):
        owners.setdefault(capture_id, []).append(user_id)
    return [_claimed(row, owners.get(row.id, [])) for row in rows]


def _due(now_ms: int) -> list[int]:
    rows = _rows_due(Capture.next_try_at_ms <= now_ms) or _rows_due(Capture.next_try_at_ms > now_ms + _NO_WAIT_MS)
    sizes = accumulate(size_bytes for _, size_bytes in rows)
    return [
        capture_id
        for number, ((capture_id, _), total_bytes) in enumerate(zip(rows, sizes, strict=True))
        if number == 0 or total_bytes <= MAX_CLAIMED_BYTES
    ]


def _rows_due(when: Expression) -> list[tuple[int, int]]:
    """Id and size in bytes."""
    due = (
        Capture.select(Capture.id, Blob.size_bytes)
        .join(Blob, on=(Blob.sha256 == Capture.blob_sha256))
        .where(when)
        .order_by(Capture.next_try_at_ms, Capture.id)
        .limit(MAX_CLAIMED)
    )
    return [
        (row_id, size) for row_id, size in tuples(due if on_sqlite() else due.for_update(of=Capture, skip_locked=True))
    ]


def settle(batch: Sequence[Read], *, now_ms: int) -> list[Decision]:
    """Decide and file captures of one location in one transaction; the decisions, in the batch's order.

    Raises: what the first one raises, LeaseLost among it; then none is settled."""
    with writing():
        lock_location(batch[0].claimed.location_id)
        settled = [_settle_one(read, now_ms) for read in batch]
        fault_point.reach("worker.before-settle-commit")
    return settled


def put_back(claimed: Claimed, *, now_ms: int) -> None:
    """It could not be settled, and that is our fault: `failed`, tried again by itself with growing pauses (D4)."""
    pause_ms = min(FIRST_RETRY_MS * 2 ** min(claimed.attempts, 20), LAST_RETRY_MS)
    with writing():
        mine = (Capture.id == claimed.id) & (Capture.attempts == claimed.attempts)
        Capture.update(state=CaptureState.FAILED, next_try_at_ms=now_ms + pause_ms).where(mine).execute()


def due_in_ms(*, now_ms: int) -> int | None:
    """When the next capture is due: 0 for now, None where none waits."""
    soonest = Capture.select(Capture.next_try_at_ms).where(Capture.next_try_at_ms.is_null(False))
    first = tuples(soonest.order_by(Capture.next_try_at_ms).limit(1))
    in_ms = next((max(0, at_ms - now_ms) for (at_ms,) in first), None)
    return 0 if in_ms is not None and in_ms > _NO_WAIT_MS else in_ms


def _claimed(row: Capture, owners: list[int]) -> Claimed:
    assert row.location_id is not None, "what no location got is decided when it is received"
    assert row.blob_sha256 is not None, "what is to be decided has its content"
    return Claimed(
        id=row.id,
        location_id=row.location_id,
        blob_sha256=bytes(row.blob_sha256),
        peer=row.peer or "",
        helo=row.helo or "",
        envelope_from=row.envelope_from or "",
        owners=tuple(owners),
        received_at_ms=row.received_at_ms,
        attempts=row.attempts,
    )


def _settle_one(read: Read, now_ms: int) -> Decision:
    claimed = read.claimed
    asked = facts.gather(claimed.location_id, read.sighted, now_ms=now_ms)
    if asked.names_nobody and bcc_tests.is_answered_by(claimed.id, received_at_ms=claimed.received_at_ms):
        asked = replace(asked, tested=True)
    decision = decide(asked)
    if decision.outcome is CaptureState.RECEIVED:
        entry_id = None
        _wait(read, decision, now_ms)
    else:
        entry_id = _finish(read, decision, asked.automatic, now_ms)
    decisions.write(
        Path.BCC,
        decision.outcome,
        decision.rule,
        decision.reason,
        message_id=read.reading.mail.message_id,
        location_id=claimed.location_id,
        capture_id=claimed.id,
        entry_id=entry_id or decision.entry_id,  # C7: a bounce has none of its own
        now_ms=now_ms,
    )
    return decision


def _wait(read: Read, decision: Decision, now_ms: int) -> None:
    """C4: what the DNS did not answer is asked again by itself: it is no fault of ours. Raises: LeaseLost."""
    claimed = read.claimed
    pause_ms = max(FIRST_RETRY_MS, min(now_ms - claimed.received_at_ms, LAST_RETRY_MS))
    mine = (Capture.id == claimed.id) & (Capture.attempts == claimed.attempts)
    changed = Capture.update(
        state=CaptureState.RECEIVED,
        rule=decision.rule,
        reason=decision.reason,
        authentication=kept_form(read.verdict),
        next_try_at_ms=now_ms + pause_ms,
    ).where(mine)
    if not changed.execute():
        raise LeaseLost(f"capture {claimed.id}")


def _finish(read: Read, decision: Decision, automatic: Automatic | None, now_ms: int) -> int | None:
    """The entry that shows it, None where none does. Raises: LeaseLost."""
    claimed = read.claimed
    entry_id = filing.carry_out(_copy(read, automatic), decision, now_ms=now_ms)
    if entry_id is not None:
        decisions.correct_mailbox(read.reading.mail.message_id, claimed.location_id, entry_id, now_ms=now_ms)
    if not _decided.run(
        claimed.id,
        claimed.attempts,
        decision.outcome,
        decision.rule,
        decision.reason,
        entry_id,
        json.dumps(decision.suggestions),
        json.dumps(kept_form(read.verdict)),
        now_ms,
    ):
        raise LeaseLost(f"capture {claimed.id}")
    if decision.outcome is CaptureState.IGNORED:
        forget([claimed.id])  # B5: nothing of it is kept
    return entry_id


@Prepared
def _decided(
    capture_id: int,
    attempts: int,
    state: CaptureState,
    rule: str,
    reason: str,
    entry_id: int | None,
    suggestions: str,
    authentication: str,
    now_ms: int,
) -> Statement:
    """For the row that is still this worker's. suggestions, authentication: JSON."""
    return Capture.update(
        state=state,
        rule=rule,
        reason=reason,
        entry_id=entry_id,
        suggestions=suggestions,
        authentication=authentication,
        decided_at_ms=now_ms,
        next_try_at_ms=None,
    ).where((Capture.id == capture_id) & (Capture.attempts == attempts))


def _copy(read: Read, automatic: Automatic | None) -> Copy:
    return Copy(
        location_id=read.claimed.location_id,
        path=Path.BCC,
        mail=read.reading.mail,
        parties=read.reading.parties,
        blob_sha256=read.claimed.blob_sha256,
        seen_at_ms=read.claimed.received_at_ms,
        automatic=automatic,
        capture_id=read.claimed.id,
    )
