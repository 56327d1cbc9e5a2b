"""D4: what nobody decided about leaves the queue at the end of its location's retention, and its content is erased.
D2: what can't be undone any more keeps nothing of how it was to be undone. C7: bounces wait no more for their mail."""

from collections.abc import Iterator

from peewee import SQL

from crm_store import bounce_reports, decisions
from crm_store.capture_content import forget
from crm_store.capture_steps import LEGAL_STEPS, UNDO_MS, Step
from crm_store.database.engine import on_sqlite
from crm_store.database.rows import tuples
from crm_store.database.session import writing
from crm_store.models.captures import Capture
from crm_store.models.people import Location
from crm_store.paging import Order, along
from crm_store.rules.rule import Reason, Rule
from crm_store.rules.states import CaptureState, Path

DAY_MS = 86_400_000
# Of mail to postmaster and abuse, which belongs to no location: the default of those that do.
INSTALLATION_RETENTION_DAYS = 30


def sweep(*, now_ms: int, limit: int = 100) -> int:
    """End what is over, oldest first; how many rows, at most limit. Ask again while it gives that many.

    Safe to run by several at once: each capture is ended once."""
    ended = 0
    for location_id, until_ms in _locations_with_old_ones(now_ms):
        ended += _expire(location_id, until_ms, now_ms, limit - ended)
        if ended >= limit:
            return ended
    ended += _erase_rejected(now_ms, limit - ended)
    ended += _forget_undo(now_ms, limit - ended)
    return ended + bounce_reports.sweep(now_ms=now_ms, limit=limit - ended)


def _locations_with_old_ones(now_ms: int) -> Iterator[tuple[int | None, int]]:
    """Where the oldest held capture is past its time, and until when those were received that are: one look into the
    index for each location."""
    held = Order([(Capture.location_id, Location.id), (Capture.state, CaptureState.HELD)], [Capture.id])
    oldest = along(Capture.select(Capture.received_at_ms), held, limit=1)
    rows = Location.select(Location.id, Location.retention_days, oldest.alias("oldest_at_ms"))
    for location_id, days, oldest_at_ms in list(tuples(rows)):
        until_ms = now_ms - days * DAY_MS
        if oldest_at_ms is not None and oldest_at_ms <= until_ms:
            yield location_id, until_ms
    yield None, now_ms - INSTALLATION_RETENTION_DAYS * DAY_MS


def _expire(location_id: int | None, until_ms: int, now_ms: int, limit: int) -> int:
    held = (Capture.state, CaptureState.HELD)
    if location_id is None:
        oldest = along(Capture.select().where(Capture.location_id.is_null()), Order([held], [Capture.id]), limit=limit)
    else:
        oldest = along(Capture.select(), Order([(Capture.location_id, location_id), held], [Capture.id]), limit=limit)
    over = [row for row in oldest if row.received_at_ms <= until_ms]
    if not over:
        return 0
    with writing():
        return sum(_expire_one(row, now_ms) for row in over)


def _expire_one(row: Capture, now_ms: int) -> bool:
    """Whether it was still held: an operator may be deciding about it now."""
    state = LEGAL_STEPS[Step.EXPIRE][CaptureState.HELD]
    still_held = (Capture.id == row.id) & (Capture.state == CaptureState.HELD)
    changed = Capture.update(
        state=state, rule=Rule.D4, reason=Reason.RETENTION_ENDED, decided_at_ms=now_ms, decided_by=None
    ).where(still_held)
    if not changed.execute():
        return False
    forget([row.id])
    decisions.write(
        Path.BCC,
        state,
        Rule.D4,
        Reason.RETENTION_ENDED,
        message_id=row.message_id,
        location_id=row.location_id,
        capture_id=row.id,
        entry_id=None,
        now_ms=now_ms,
    )
    return True


def _erase_rejected(now_ms: int, limit: int) -> int:
    """What was rejected keeps its content for as long as that can be undone."""
    # As the index capture_rejected_content says it, a literal too.
    kept = (Capture.state == SQL("'rejected'")) & Capture.blob_sha256.is_null(False)
    over = (
        Capture.select(Capture.id)
        .where(kept, Capture.decided_at_ms <= now_ms - UNDO_MS)
        .order_by(Capture.decided_at_ms, Capture.id)
        .limit(limit)
    )
    ids = [capture_id for (capture_id,) in tuples(over)]
    if not ids:
        return 0
    with writing():
        # Tried again since? Then it keeps its content; and from here on nobody tries.
        still = Capture.select(Capture.id).where(Capture.id.in_(ids), kept)
        ids = [capture_id for (capture_id,) in tuples(still if on_sqlite() else still.for_update())]
        forget(ids)
    return len(ids)


def _forget_undo(now_ms: int, limit: int) -> int:
    """The addresses that a note of what approving did would keep for ever. What was rejected has lost its note before,
    with its content."""
    undoable = Capture.undo.is_null(False) & (Capture.decided_at_ms <= now_ms - UNDO_MS)
    over = Capture.select(Capture.id).where(undoable).order_by(Capture.decided_at_ms, Capture.id).limit(limit)
    ids = [capture_id for (capture_id,) in tuples(over)]
    if not ids:
        return 0
    with writing():
        return int(Capture.update(undo=None).where(Capture.id.in_(ids), undoable).execute())
