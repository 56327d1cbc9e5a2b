"""How the installation is doing: what waits and for how long, at a cost that does not grow with what is done."""

from dataclasses import dataclass

from peewee import fn

from crm_store.database.rows import tuples
from crm_store.models.captures import Capture
from crm_store.rules.states import CaptureState


@dataclass(frozen=True, slots=True)
class StoreStatus:
    """waiting: captures that a worker is to take; failed: those among them that went wrong at least once.

    oldest_waiting_ms: how long the first of them has waited; 0 where none does."""

    waiting: int
    failed: int
    oldest_waiting_ms: int


def of_store(*, now_ms: int) -> StoreStatus:
    waits = Capture.next_try_at_ms.is_null(False)
    by_state = Capture.select(Capture.state, fn.COUNT(Capture.id), fn.MIN(Capture.received_at_ms)).where(waits)
    rows = list(tuples(by_state.group_by(Capture.state)))
    counts = {state: count for state, count, _ in rows}
    oldest_at_ms = min((at_ms for _, _, at_ms in rows), default=now_ms)
    return StoreStatus(sum(counts.values()), counts.get(CaptureState.FAILED, 0), max(0, now_ms - oldest_at_ms))
