"""Two operators at once, and many captures at a time."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier

import pytest
from capture_desk import BUDI, STRANGER, Queue, what_is_kept
from mails import a_mail

from crm_store import (
    capture_decisions,
)
from crm_store.capture_steps import Step
from crm_store.capture_views import CaptureView
from crm_store.database.session import connected
from crm_store.errors import Conflict, Forbidden, Invalid
from crm_store.models.captures import AuditRow, Capture
from crm_store.models.messages import (
    Entry,
    Sighting,
)
from crm_store.rules.states import Role


def at_once(*acts: Callable[[], object]) -> list[object]:
    """What each gives or raises, all begun in the same moment."""
    barrier = Barrier(len(acts))

    def run(act: Callable[[], object]) -> object:
        with connected():
            barrier.wait()
            try:
                return act()
            except Conflict as error:
                return error

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


@pytest.mark.parametrize(
    "pair", [("approve", "approve"), ("approve", "reject"), ("reject", "reject"), ("approve", "retry")]
)
def test_of_two_operators_at_once_one_wins_and_the_other_is_told(queue: Queue, pair):
    rival = queue.store.user("rudi@firma.example", queue.location_id, Role.OPERATOR)
    accesses = [queue.access, rival.access]
    for round_ in range(5):
        capture_id = queue.held(a_mail(STRANGER, to=BUDI, text=f"surat {round_}"))
        acts = [getattr(queue, act) for act in pair]
        answers = at_once(*(partial(act, capture_id, who) for act, who in zip(acts, accesses, strict=True)))
        assert sorted(isinstance(answer, Conflict) for answer in answers) == [False, True], answers
        entries = Entry.select().join(Sighting, on=(Sighting.id == Entry.sighting_id))
        won = pair[0] if not isinstance(answers[0], Conflict) else pair[1]
        assert entries.where(Sighting.capture_id == capture_id).count() == (won == "approve")
        assert AuditRow.select().where(AuditRow.subject == f"capture {capture_id}").count() == 1


def test_two_who_undo_at_once_undo_once(queue: Queue):
    for round_ in range(5):
        capture_id = queue.held(a_mail(STRANGER, to=BUDI, text=f"surat {round_}"))
        queue.approve(capture_id)
        answers = at_once(partial(queue.undo, capture_id), partial(queue.undo, capture_id))
        assert sorted(isinstance(answer, Conflict) for answer in answers) == [False, True]
        assert Entry.select().count() == 0


def test_many_at_a_time_each_for_itself(queue: Queue):
    good = [queue.held(a_mail(STRANGER, to=BUDI, text=f"baik {n}")) for n in range(3)]
    nowhere = queue.held(a_mail(to=None))
    decided = queue.held(a_mail(STRANGER, to=BUDI, text="sudah"))
    queue.reject(decided)
    lost = queue.held(a_mail(STRANGER, to=BUDI, text="hilang"))
    queue.store.blobs.delete(bytes(Capture.get_by_id(lost).blob_sha256))
    xena = queue.store.user("xena@lain.example", queue.store.location("Lain"), Role.ADMIN)
    queue.store.capture(a_mail(STRANGER), xena.bcc)
    theirs = Capture.get(Capture.location_id == xena.location_id).id

    ids = [good[0], nowhere, decided, lost, theirs, None, 999_999, *good[1:], good[0]]
    outcomes = queue.each(ids, Step.APPROVE)
    told = [outcome.view.state if outcome.view else type(outcome.error).__name__ for outcome in outcomes]
    assert told == [
        "recorded", "Invalid", "Conflict", "Conflict", "NotFound", "NotFound", "NotFound", "recorded", "recorded",
        "Conflict",
    ]  # fmt: skip
    for wrong in ([], [1] * 201):
        with pytest.raises(Invalid):
            queue.each(wrong, Step.APPROVE)
    with pytest.raises(Forbidden):
        queue.each(good, Step.REJECT, queue.ani.access)


def test_a_fault_of_our_own_stops_no_other(queue: Queue):
    ids = [queue.held(a_mail(STRANGER, to=BUDI, text=f"surat {n}")) for n in range(2)]

    def reject(capture_id: int) -> CaptureView:
        if capture_id == ids[0]:
            raise ZeroDivisionError
        return queue.reject(capture_id)

    first, second = capture_decisions.each(queue.access, queue.location_id, ids, reject, Step.REJECT)
    assert (type(first.error).__name__, second.view.state) == ("Temporary", "rejected")


def test_many_approvals_are_undone_together_whatever_their_order(queue: Queue):
    """The first made the contact and the thread of the second; the third is another copy of the first."""
    raw = a_mail(STRANGER, to=BUDI, message_id="<one@asing>")
    first, copy = queue.held(raw), queue.held(raw)
    second = queue.held(a_mail(STRANGER, to=BUDI, answers="<one@asing>", text="lagi"))
    before, shown = what_is_kept(), queue.all()
    for order in ([first, second, copy], [copy, second, first]):
        approved = queue.each([first, second, copy], Step.APPROVE)
        assert [outcome.view.state for outcome in approved] == ["recorded"] * 3
        undone = queue.each(order, Step.UNDO)
        assert [outcome.view.id for outcome in undone] == order
        assert what_is_kept() == before
        assert queue.all() == shown
