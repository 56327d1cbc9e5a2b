"""The steps that people and time take with a capture. The worker's own are in capture_work.py.

received ──────────worker──▶ recorded, held, rejected (blocked), ignored; failed where that is our fault
failed ────────────worker──▶ the same, tried again by itself

held ─────────────APPROVE──▶ recorded ──UNDO──▶ held
held ──────────────REJECT──▶ rejected ──UNDO──▶ held
held, failed ───────RETRY──▶ received
rejected by a rule ─RETRY──▶ received
held ──────────────EXPIRE──▶ rejected, without content

Pure: no database, no clock."""

from collections.abc import Mapping
from enum import StrEnum

from crm_store.errors import Conflict
from crm_store.rules.states import CaptureState

UNDO_MS = 30 * 86_400_000  # D2


class Step(StrEnum):
    APPROVE = "approve"
    REJECT = "reject"
    RETRY = "retry"
    UNDO = "undo"
    EXPIRE = "expire"


LEGAL_STEPS: Mapping[Step, Mapping[CaptureState, CaptureState]] = {
    Step.APPROVE: {CaptureState.HELD: CaptureState.RECORDED},
    Step.REJECT: {CaptureState.HELD: CaptureState.REJECTED},
    Step.RETRY: {
        CaptureState.HELD: CaptureState.RECEIVED,
        CaptureState.FAILED: CaptureState.RECEIVED,
        CaptureState.REJECTED: CaptureState.RECEIVED,
    },
    Step.UNDO: {CaptureState.RECORDED: CaptureState.HELD, CaptureState.REJECTED: CaptureState.HELD},
    Step.EXPIRE: {CaptureState.HELD: CaptureState.REJECTED},
}


def is_open(
    step: Step,
    state: CaptureState,
    *,
    has_content: bool,
    by_person: bool,
    can_be_undone: bool,
    decided_at_ms: int | None,
    now_ms: int,
) -> bool:
    """Whether the step may be taken now.

    by_person: a person took the last one. can_be_undone: what it did is noted."""
    if state not in LEGAL_STEPS[step]:
        return False
    if step is Step.UNDO:
        in_time = decided_at_ms is not None and now_ms < decided_at_ms + UNDO_MS
        return by_person and can_be_undone and has_content and in_time
    if step is Step.RETRY and state is CaptureState.REJECTED:
        return has_content and not by_person  # what a person rejected is undone, not tried again
    return has_content or step is Step.EXPIRE


def refused(step: Step, state: CaptureState) -> Conflict:
    """Why the step can't be taken, for whoever tried it."""
    if step in (Step.APPROVE, Step.REJECT):
        return Conflict(f"this capture is {state} already: somebody else, or a rule, was first")
    if step is Step.UNDO:
        return Conflict(f"this capture is {state}, and there is nothing that can be undone, or its 30 days are over")
    return Conflict(f"this capture is {state}, so trying it again would change nothing")
