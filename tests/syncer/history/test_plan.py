"""What a page of history asks for."""

import pytest

from syncer.history.plan import Action, Step, plan, read_states
from syncer.remote import HistoryRecord, Labelled, Named


def named(gmail_id: str, *labels: str) -> Named:
    return Named(gmail_id, f"t{gmail_id}", frozenset(labels) if labels else None)


def added(gmail_id: str, *labels: str) -> HistoryRecord:
    return HistoryRecord(added=[named(gmail_id, *labels)])


def deleted(gmail_id: str) -> HistoryRecord:
    return HistoryRecord(deleted=[named(gmail_id)])


def lost(gmail_id: str, label: str, *has: str) -> HistoryRecord:
    return HistoryRecord(labels_removed=[Labelled(named(gmail_id, *has), frozenset({label}))])


def got(gmail_id: str, label: str, *has: str) -> HistoryRecord:
    return HistoryRecord(labels_added=[Labelled(named(gmail_id, *has), frozenset({label}))])


@pytest.mark.parametrize(
    ("records", "steps"),
    [
        pytest.param([], {}, id="nothing"),
        pytest.param([added("1")], {"1": Step.SEE}, id="labels are not told"),
        pytest.param([added("1", "INBOX", "UNREAD")], {"1": Step.SEE}, id="mail"),
        pytest.param([added("1", "SENT", "INBOX")], {"1": Step.SEE}, id="mail to oneself"),
        pytest.param([added("1"), added("1"), added("1")], {"1": Step.SEE}, id="in several records"),
        *(
            pytest.param([added("1", label)], {"1": Step.SKIP}, id=f"a message in {label}")
            for label in ("DRAFT", "SPAM", "TRASH", "CHAT", "SCHEDULED")
        ),
        pytest.param([added("1", "SPAM"), lost("1", "SPAM", "INBOX")], {"1": Step.SEE}, id="out of spam at once"),
        pytest.param([lost("1", "SPAM", "INBOX")], {"1": Step.SEE_AGAIN}, id="out of spam later"),
        pytest.param([lost("1", "SPAM")], {"1": Step.SEE_AGAIN}, id="out of spam, labels are not told"),
        pytest.param([lost("1", "SPAM", "TRASH")], {}, id="out of spam into trash"),
        pytest.param([added("1", "SPAM"), lost("1", "SPAM", "TRASH")], {"1": Step.SKIP}, id="new, into trash"),
        pytest.param([lost("1", "TRASH", "INBOX")], {"1": Step.SEE_AGAIN}, id="out of trash"),
        pytest.param([got("1", "SENT", "SENT")], {"1": Step.SEE_AGAIN}, id="a draft that is sent under its id"),
        pytest.param([got("1", "TRASH"), got("2", "STARRED"), lost("3", "INBOX")], {}, id="labels ask for nothing"),
        pytest.param(
            [added("1", "DRAFT"), deleted("1"), added("2", "SENT")], {"1": Step.GONE, "2": Step.SEE}, id="sent"
        ),
        pytest.param([added("1"), deleted("1")], {"1": Step.GONE}, id="came and went"),
        pytest.param([added("1"), deleted("1"), deleted("1")], {"1": Step.GONE}, id="came and went, told twice"),
        pytest.param([deleted("1")], {"1": Step.DROP}, id="went"),
        pytest.param([lost("1", "SPAM"), deleted("1")], {"1": Step.DROP}, id="out of spam, and gone"),
        pytest.param([added("2"), added("1")], {"2": Step.SEE, "1": Step.SEE}, id="in the order of the records"),
    ],
)
def test_one_step_for_each_message(records, steps):
    actions = plan(records)
    assert [(one.gmail_id, one.step) for one in actions] == list(steps.items())


def test_a_thread_that_one_record_tells_is_known():
    records = [added("1"), HistoryRecord(added=[Named("1")])]
    assert plan(records) == [Action(Step.SEE, "1", "t1")]


@pytest.mark.parametrize(
    ("records", "told"),
    [
        pytest.param([], {}, id="nothing"),
        pytest.param([lost("1", "UNREAD"), got("2", "UNREAD")], {"1": True, "2": False}, id="read, and unread"),
        pytest.param([lost("1", "UNREAD"), got("1", "UNREAD")], {"1": False}, id="the last one counts"),
        pytest.param([got("1", "UNREAD"), lost("1", "UNREAD"), lost("1", "INBOX")], {"1": True}, id="then archived"),
        pytest.param(
            [added("1", "INBOX", "UNREAD"), deleted("2"), got("3", "TRASH"), lost("4", "STARRED")], {}, id="no"
        ),
    ],
)
def test_what_was_read(records, told):
    """B14."""
    assert read_states(records) == told
