"""Which steps a capture may take: every step from every state, by the table."""

import pytest

from crm_store.capture_steps import LEGAL_STEPS, UNDO_MS, Step, is_open, refused
from crm_store.errors import Conflict
from crm_store.rules.states import CaptureState

NOW_MS = 1_795_000_000_000
LEGAL = {
    (Step.APPROVE, "held"): "recorded",
    (Step.REJECT, "held"): "rejected",
    (Step.RETRY, "held"): "received",
    (Step.RETRY, "failed"): "received",
    (Step.RETRY, "rejected"): "received",
    (Step.UNDO, "recorded"): "held",
    (Step.UNDO, "rejected"): "held",
    (Step.EXPIRE, "held"): "rejected",
}


def opened(step: Step, state: str, **facts: object) -> bool:
    given = {"has_content": True, "by_person": step is Step.UNDO, "can_be_undone": True, "decided_at_ms": NOW_MS}
    return is_open(step, CaptureState(state), now_ms=NOW_MS, **{**given, **facts})


@pytest.mark.parametrize("state", CaptureState)
@pytest.mark.parametrize("step", Step)
def test_a_step_is_legal_as_the_table_says_and_no_other(step, state):
    assert LEGAL_STEPS[step].get(state) == LEGAL.get((step, state))
    assert opened(step, state) == ((step, state) in LEGAL)


@pytest.mark.parametrize(
    ("step", "state", "facts"),
    [
        pytest.param(Step.APPROVE, "held", {"has_content": False}, id="nothing to record"),
        pytest.param(Step.RETRY, "failed", {"has_content": False}, id="nothing to try"),
        pytest.param(Step.RETRY, "rejected", {"by_person": True}, id="a person rejected it: that is undone"),
        pytest.param(Step.UNDO, "recorded", {"by_person": False}, id="a rule recorded it"),
        pytest.param(Step.UNDO, "rejected", {"can_be_undone": False}, id="nothing is noted"),
        pytest.param(Step.UNDO, "rejected", {"has_content": False}, id="its content is erased"),
        pytest.param(Step.UNDO, "recorded", {"decided_at_ms": NOW_MS - UNDO_MS}, id="thirty days are over"),
        pytest.param(Step.UNDO, "recorded", {"decided_at_ms": None}, id="nobody decided"),
    ],
)
def test_a_legal_step_is_closed_where_something_else_forbids_it(step, state, facts):
    assert opened(step, state)
    assert not opened(step, state, **facts)


@pytest.mark.parametrize("step", Step)
def test_who_is_refused_is_told_the_state(step):
    error = refused(step, CaptureState.RECORDED)
    assert isinstance(error, Conflict)
    assert "recorded" in str(error)
