"""What is done next with a delivery, and what a failure means for its lane: tables, no input or output."""

import pytest

from crm_store.rules.connection import ConnectionProblem
from crm_store.rules.outbox import Ambiguity, OutboxReason, OutboxState
from syncer.errors import AccessLost, MayBeDone, ProjectPaused, Refused, SendingLimit, SlowDown, Unreachable
from syncer.sending.plan import (
    MOST_AT_ONCE,
    Begin,
    GoesAgain,
    Look,
    LookAgain,
    WaitUntil,
    first_step,
    next_at_once,
    not_found,
)
from syncer.sending.trouble import LanePause, lane_pause, silence_pause_ms

AT_MS = 1_795_000_000_000
ANSWER, SILENCE = Ambiguity.ANSWER, Ambiguity.SILENCE


@pytest.mark.parametrize(
    ("state", "room_at_ms", "expected"),
    [
        pytest.param(OutboxState.WAITING, None, Begin(), id="room"),
        pytest.param(OutboxState.WAITING, AT_MS, WaitUntil(AT_MS), id="at the day's limit"),
        pytest.param(OutboxState.UNKNOWN, None, Look(), id="it may have left"),
        pytest.param(OutboxState.UNKNOWN, AT_MS, Look(), id="a look needs no room"),
    ],
)
def test_first_step(state, room_at_ms, expected):
    assert first_step(state, room_at_ms) == expected


@pytest.mark.parametrize(
    ("ambiguity", "everywhere", "began_s", "expected"),
    [
        pytest.param(ANSWER, True, 0, LookAgain(AT_MS + 10_000), id="5xx: too early"),
        pytest.param(ANSWER, True, 9.999, LookAgain(AT_MS + 10_000), id="5xx: almost"),
        pytest.param(ANSWER, True, 10, GoesAgain(0), id="5xx: proven"),
        pytest.param(SILENCE, True, 29.999, LookAgain(AT_MS + 30_000), id="silence: almost"),
        pytest.param(SILENCE, True, 30, GoesAgain(0), id="silence: proven"),
        pytest.param(SILENCE, False, 30, LookAgain(AT_MS + 60_000), id="something was left out"),
        pytest.param(SILENCE, False, 600, LookAgain(AT_MS + 1_200_000), id="longer and longer"),
        pytest.param(SILENCE, False, 86_400, LookAgain(AT_MS + 90_000_000), id="once an hour at least"),
    ],
)
def test_what_an_empty_look_means(ambiguity, everywhere, began_s, expected):
    """It proves something where it began late enough, however long it took."""
    began_at_ms = AT_MS + int(began_s * 1000)
    told = empty_look(ambiguity, began_at_ms, began_at_ms, looked_everywhere=everywhere)
    assert told == expected


def empty_look(ambiguity, began_at_ms, now_ms, *, attempt: int = 1, looked_everywhere: bool = True):
    return not_found(
        ambiguity,
        AT_MS,
        attempt=attempt,
        looked_everywhere=looked_everywhere,
        began_at_ms=began_at_ms,
        now_ms=now_ms,
    )


@pytest.mark.parametrize(("attempt", "pause_s"), [(1, 0), (2, 4), (3, 8), (20, 300)])
def test_one_that_never_arrives_goes_more_and_more_seldom(attempt, pause_s):
    told = empty_look(ANSWER, AT_MS + 60_000, AT_MS + 60_000, attempt=attempt)
    assert told == GoesAgain(pause_s * 1000)


def test_a_look_that_began_too_early_proves_nothing_though_it_took_long():
    told = empty_look(SILENCE, AT_MS + 5_000, AT_MS + 40_000)
    assert told == LookAgain(AT_MS + 80_000)


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (AccessLost("", ConnectionProblem.ACCESS_REVOKED), LanePause(OutboxReason.NEEDS_REAUTH, None)),
        (SendingLimit("", AT_MS + 7), LanePause(OutboxReason.SENDING_LIMIT, AT_MS + 7)),
        (SendingLimit("", None), LanePause(OutboxReason.SENDING_LIMIT, AT_MS + 3_600_000)),
        (SlowDown("", AT_MS + 7), LanePause(OutboxReason.RATE_LIMITED, AT_MS + 7)),
        (SlowDown("", None), LanePause(OutboxReason.RATE_LIMITED, AT_MS + 60_000)),
        (ProjectPaused("", AT_MS + 7), LanePause(OutboxReason.RATE_LIMITED, AT_MS + 7)),
        (
            Refused("", ConnectionProblem.MISSING_PERMISSION),
            LanePause(OutboxReason.PERMISSION_MISSING, AT_MS + 3_600_000),
        ),
        (Refused("", ConnectionProblem.NO_MAILBOX), LanePause(OutboxReason.NO_MAILBOX, AT_MS + 3_600_000)),
        (Unreachable(""), LanePause(OutboxReason.UNREACHABLE, AT_MS + 16_000)),
        (MayBeDone("", answered=True), LanePause(OutboxReason.UNREACHABLE, AT_MS + 16_000)),
        (KeyError(), LanePause(OutboxReason.UNREACHABLE, AT_MS + 300_000)),
    ],
    ids=lambda one: type(one).__name__,
)
def test_what_a_failure_means_for_the_lane(error, expected):
    assert lane_pause(error, failures=1, now_ms=AT_MS, jitter=0) == expected


def test_the_pauses_of_an_outage_grow_to_a_quarter_of_an_hour():
    assert [silence_pause_ms(failures, jitter=0) // 1000 for failures in range(1, 9)] == [
        *(16, 32, 64, 128, 256, 512),
        *(900, 900),
    ]
    assert silence_pause_ms(1000, jitter=999) // 1000 == 450


@pytest.mark.parametrize(
    ("before", "took_s", "expected"),
    [
        pytest.param(1, 0.01, 2, id="a swift relay gets more at once"),
        pytest.param(MOST_AT_ONCE, 0.01, MOST_AT_ONCE, id="but never so many that much is in doubt when we die"),
        pytest.param(8, 0.5, 8, id="neither swift nor slow"),
        pytest.param(8, 3.0, 4, id="a slow one gets fewer"),
        pytest.param(1, 60.0, 1, id="one at least"),
    ],
)
def test_how_many_are_begun_at_once(before: int, took_s: float, expected: int):
    assert next_at_once(before, took_s) == expected
