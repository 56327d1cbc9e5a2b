"""Steps of a delivery, what an e-mail of several is in, when absence is proven, and when there is room again (E3, E6)."""

import pytest

from crm_store.rules.outbox import (
    LEGAL_STEPS,
    OVER,
    WINDOW_MS,
    Ambiguity,
    OutboxState,
    OutboxStep,
    is_legal,
    proves_absence,
    room_at_ms,
    told_state,
)

S, T = OutboxState, OutboxStep
NOW_MS = 1_795_000_000_000


@pytest.mark.parametrize(
    ("step", "before", "after"),
    [
        (T.BEGIN, "waiting", "sending"),
        (T.SENT, "sending unknown", "sent"),
        (T.UNSURE, "sending unknown", "unknown"),
        (T.PUT_BACK, "sending unknown", "waiting"),
        (T.FAIL, "waiting sending unknown", "failed"),
        (T.GIVE_UP, "waiting", "failed"),
        (T.CANCEL, "waiting", "cancelled"),
        (T.RETRY, "failed cancelled", "waiting"),
        (T.FOUND, "waiting sending unknown failed cancelled", "sent"),
    ],
    ids=lambda one: str(one),
)
def test_from_which_states_a_step_is_legal(step, before, after):
    legal = {S(word) for word in before.split()}
    assert {state for state in S if is_legal(step, state)} == legal
    assert set(LEGAL_STEPS[step].values()) == {S(after)}


def test_nothing_that_was_sent_is_ever_sent_again():
    assert not any(is_legal(step, S.SENT) for step in T)


def test_only_what_waits_is_begun():
    """E6: whatever is unknown goes by waiting, and gets there by a proof or its user's word alone."""
    assert [step for step in T if S.SENDING in LEGAL_STEPS[step].values()] == [T.BEGIN]
    assert [step for step in T if is_legal(step, S.UNKNOWN) and LEGAL_STEPS[step][S.UNKNOWN] is S.WAITING] == [
        T.PUT_BACK
    ]


def test_every_state_has_a_way_to_its_end():
    for state in S:
        reached, todo = {state}, [state]
        while todo:
            one = todo.pop()
            found = {LEGAL_STEPS[step][one] for step in T if is_legal(step, one)} - reached
            reached |= found
            todo += found
        assert S.SENT in reached
        assert reached & set(OVER)


@pytest.mark.parametrize(
    ("counts", "told"),
    [
        ("waiting", "waiting"),
        ("sent sent", "sent"),
        ("sent waiting", "waiting"),
        ("failed waiting sending", "sending"),
        ("failed sending unknown", "unknown"),
        ("sent failed cancelled", "failed"),
        ("sent cancelled", "cancelled"),
    ],
)
def test_an_email_is_in_the_gravest_state_that_is_not_over(counts, told):
    words = counts.split()
    assert told_state({state: words.count(state) for state in S}) == S(told)


@pytest.mark.parametrize(
    ("ambiguity", "after_ms", "proven"),
    [
        (Ambiguity.ANSWER, 9_999, False),
        (Ambiguity.ANSWER, 10_000, True),
        (Ambiguity.SILENCE, 10_000, False),
        (Ambiguity.SILENCE, 29_999, False),
        (Ambiguity.SILENCE, 30_000, True),
    ],
)
def test_a_look_proves_absence_only_if_it_began_late_enough(ambiguity, after_ms, proven):
    assert proves_absence(ambiguity, NOW_MS, NOW_MS + after_ms) is proven


@pytest.mark.parametrize(
    ("ago_ms", "limit", "room_in_ms"),
    [
        pytest.param([], 1, None, id="nothing was sent"),
        pytest.param([5, 6], 3, None, id="below the limit"),
        pytest.param([5, 70, 6], 3, WINDOW_MS - 70, id="at the limit: when the oldest leaves the window"),
        pytest.param([1, 2, 3, 4, 5], 3, WINDOW_MS - 3, id="above it: when so many have left that there is room"),
        pytest.param([1, WINDOW_MS], 2, None, id="exactly a day ago counts no more"),
        pytest.param([1, WINDOW_MS - 1], 2, 1, id="a moment less does"),
    ],
)
def test_when_there_is_room_again(ago_ms, limit, room_in_ms):
    expected = None if room_in_ms is None else NOW_MS + room_in_ms
    assert room_at_ms([NOW_MS - ago for ago in ago_ms], limit, now_ms=NOW_MS) == expected
