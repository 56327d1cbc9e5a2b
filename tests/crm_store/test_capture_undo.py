"""Undoing a decision leaves nothing of it, and is refused where something rests on it."""

from collections.abc import Callable

import pytest
from capture_desk import BUDI, CITRA, STRANGER, Queue, what_is_kept
from mails import a_mail

from crm_store import (
    contact_book,
    decisions,
    entry_removal,
    sender_list_changes,
    threads,
)
from crm_store.blobs import erasure
from crm_store.capture_steps import UNDO_MS
from crm_store.contact_book import ContactDetails
from crm_store.errors import Conflict
from crm_store.models.captures import Capture
from crm_store.paging import PageRequest
from crm_store.rules.states import Role, SenderList


def _reason_to(queue: Queue, how: str) -> dict[str, object]:
    citra = queue.contact("citra@pelanggan.example")
    return {
        "to the guess": {},
        "to a chosen contact": {"contact_id": citra},
        "to a new contact": {"new_contact": ContactDetails(["gita@toko.example"], "Gita")},
        "and allow": {"allow_sender": True},
    }[how]


@pytest.mark.parametrize("how", ["to the guess", "to a chosen contact", "to a new contact", "and allow"])
def test_undoing_an_approval_leaves_what_was_there_before(queue: Queue, how):
    choice = _reason_to(queue, how)
    capture_id = queue.held(a_mail(STRANGER, to=BUDI, message_id="<one@asing>", attachment=b"%PDF"))
    before, shown = what_is_kept(), queue.get(capture_id)
    queue.approve(capture_id, **choice)
    assert what_is_kept() != before
    assert queue.undo(capture_id) == shown

    assert what_is_kept() == before
    (decision,) = decisions.explain(queue.access, "one@asing", PageRequest()).items
    assert (decision.outcome, decision.rule, decision.entry_id) == ("held", "C4", None)
    erasure.sweep(queue.store.blobs)
    assert queue.approve(capture_id, **choice).state == "recorded", "and it may be approved again"
    assert len(queue.store.entries(queue.ani)) == 1


def test_undoing_an_answer_leaves_its_thread_as_it_was(queue: Queue):
    queue.store.capture(a_mail(to=BUDI, message_id="<one@f>"), queue.ani.bcc)
    capture_id = queue.held(a_mail(STRANGER, to=f"ani@firma.example, {CITRA}", answers="<one@f>"))
    before = what_is_kept()
    queue.approve(capture_id)
    assert queue.store.conversations(queue.ani)[0].unread == 1
    queue.undo(capture_id)
    assert what_is_kept() == before
    assert queue.store.conversations(queue.ani)[0].unread == 0


def test_undoing_a_copy_that_joined_leaves_the_entry(queue: Queue):
    raw = a_mail(STRANGER, to=BUDI)
    first, second = queue.held(raw), queue.held(raw)
    queue.approve(first)
    before = what_is_kept()
    assert queue.approve(second).reason_code == "same-message"
    queue.undo(second)
    assert what_is_kept() == before
    queue.undo(first)
    assert queue.store.entries(queue.ani) == []


def test_undoing_unmarks_the_other_message_of_the_same_id(queue: Queue):
    queue.approve(queue.held(a_mail(STRANGER, to=BUDI, text="Satu", message_id="<x@y>")))
    second = queue.held(a_mail(STRANGER, to=BUDI, text="Dua", message_id="<x@y>"))
    queue.approve(second)
    assert [entry.marks for entry in queue.store.entries(queue.ani)] == [["duplicate_id"]] * 2
    queue.undo(second)
    assert [entry.marks for entry in queue.store.entries(queue.ani)] == [[]]


def test_a_message_that_another_location_has_too_stays_there(queue: Queue):
    store = queue.store
    xena = store.user("xena@lain.example", store.location("Lain"), Role.ADMIN)
    raw = a_mail(STRANGER, to=BUDI)
    capture_id = queue.held(raw)
    store.capture(raw, xena.bcc)
    theirs = Capture.get(Capture.location_id == xena.location_id)
    queue.approve(theirs.id, xena.access)
    before = what_is_kept()
    queue.approve(capture_id)
    queue.undo(capture_id)
    assert what_is_kept() == before
    assert len(store.entries(xena)) == 1


# What is done after the approval, and what the refusal to undo it says.
RESTS: dict[str, tuple[Callable[[Queue], object], str]] = {
    "an answer in its thread": (
        lambda queue: queue.store.capture(a_mail(to=BUDI, answers="<one@asing>", message_id="<two@f>"), queue.ani.bcc),
        "other entries since",
    ),
    "another mail of the contact that was made": (
        lambda queue: queue.store.capture(a_mail(to=BUDI, text="baru"), queue.ani.bcc),
        "has other mail since",
    ),
    "another copy of it": (
        lambda queue: queue.store.capture(a_mail(STRANGER, to=BUDI, message_id="<one@asing>"), queue.ani.bcc),
        "come in again",
    ),
    "a change to the contact that was made": (
        lambda queue: contact_book.change(
            queue.access, queue.store.conversations(queue.ani)[0].contact.id, {"phone": "0812"}, now_ms=1
        ),
        "was changed since",
    ),
    "its removal from the conversation": (
        lambda queue: entry_removal.remove(queue.access, queue.store.entries(queue.ani)[0].id, now_ms=1),
        "restore the entry",
    ),
    "its move to another contact": (
        lambda queue: threads.move(
            queue.access,
            queue.store.entries(queue.ani)[0].thread_id,
            queue.contact("citra@pelanggan.example"),
            now_ms=1,
        ),
        "was moved",
    ),
}


@pytest.mark.parametrize("what", RESTS)
def test_an_approval_on_which_something_rests_is_not_undone(queue: Queue, what):
    capture_id = queue.held(a_mail(STRANGER, to=BUDI, message_id="<one@asing>"))
    queue.approve(capture_id)
    act, told = RESTS[what]
    act(queue)
    before = what_is_kept()
    with pytest.raises(Conflict, match=told):
        queue.undo(capture_id)
    assert what_is_kept() == before
    assert queue.get(capture_id).state == "recorded"


def test_an_approval_that_made_two_threads_one_is_not_undone(queue: Queue):
    for name in ("<one@f>", "<two@f>"):
        queue.store.capture(a_mail(to=BUDI, message_id=name, text=name), queue.ani.bcc)
    capture_id = queue.held(a_mail(STRANGER, to="ani@firma.example", answers="<one@f>", references="<one@f> <two@f>"))
    queue.approve(capture_id)
    assert len({entry.thread_id for entry in queue.store.entries(queue.ani)}) == 1
    assert queue.get(capture_id).actions == []
    with pytest.raises(Conflict, match="which mail was in which of them is not known any more"):
        queue.undo(capture_id)


def test_an_answer_that_went_on_is_not_undone(queue: Queue):
    queue.store.capture(a_mail(to=BUDI, message_id="<one@f>"), queue.ani.bcc)
    capture_id = queue.held(a_mail(STRANGER, to="ani@firma.example", answers="<one@f>", message_id="<two@asing>"))
    queue.approve(capture_id)
    queue.store.capture(a_mail(to=BUDI, answers="<two@asing>", text="lagi"), queue.ani.bcc)
    with pytest.raises(Conflict, match="other entries since"):
        queue.undo(capture_id)


def test_undo_ends_after_thirty_days(queue: Queue):
    for decide in (queue.approve, queue.reject):
        capture_id = queue.held(a_mail(STRANGER, to=CITRA, text=decide.__name__))
        decide(capture_id)
        with pytest.raises(Conflict):
            queue.undo(capture_id, later_ms=UNDO_MS)
        assert queue.undo(capture_id, later_ms=UNDO_MS - 1).state == "held"


def test_undoing_a_rejection_takes_its_block_back_but_not_one_that_was_there(queue: Queue):
    sender_list_changes.add(queue.access, queue.location_id, SenderList.BLOCKED, "lama@asing.example", now_ms=0)
    capture_id = queue.held()
    shown = queue.get(capture_id)
    queue.reject(capture_id, block_sender=True)
    assert queue.undo(capture_id) == shown
    assert queue.listed(SenderList.BLOCKED) == ["lama@asing.example"]

    sender_list_changes.add(queue.access, queue.location_id, SenderList.BLOCKED, "dewa@asing.example", now_ms=0)
    queue.reject(capture_id, block_sender=True)
    queue.undo(capture_id)
    assert "dewa@asing.example" in queue.listed(SenderList.BLOCKED)
