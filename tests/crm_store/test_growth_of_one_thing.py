"""What one Message-ID or one thread costs does not grow with how much of it there is: counted, as in test_growth.py."""

from collections.abc import Callable

import pytest
from capture_desk import BUDI, STRANGER, Queue
from mails import a_mail
from query_cost import cost_of
from store import Person, Store

from crm_store import capture_undo, decisions, entry_removal, paging
from crm_store.errors import Conflict
from crm_store.models.captures import DecisionRow
from crm_store.models.contacts import Thread
from crm_store.models.messages import Entry, Message
from crm_store.paging import PageRequest
from crm_store.rules.sameness import message_id_key

FEW, MANY = 60, 480
GROWTH = 2  # where all of it is walked the work grows eight times


@pytest.fixture
def person(store: Store, ani: Person) -> Person:
    """With one mail on record."""
    store.capture(a_mail(message_id="<one@firma.example>"), ani.bcc)
    return ani


def work_of(store: Store, make: Callable[[int], object], ask: Callable[[], object]) -> list[int]:
    """Of asking, after few and after many were made. make: gets how many more."""
    found = []
    for more in (FEW, MANY - FEW):
        make(more)
        found.append(cost_of(ask).work)
    return found


@pytest.fixture
def elsewhere(store: Store) -> Person:
    return store.user("dewi@lain.example", store.location("Lain"))


def test_what_was_done_with_a_message_id_is_told_at_the_same_cost_however_often_others_got_it(
    store: Store, person: Person, elsewhere: Person, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(paging, "MOST_LOOKED_AT", 40)

    def others(count: int) -> None:
        copy = {
            "path": "bcc",
            "rule": "B5",
            "outcome": "ignored",
            "message_id_key": message_id_key("one@firma.example"),
            "location_id": elsewhere.location_id,
            "at_ms": 0,
        }
        DecisionRow.insert_many([copy] * count).execute()

    def ask() -> object:
        return decisions.explain(person.access, "<one@firma.example>", PageRequest(10))

    few, many = work_of(store, others, ask)
    assert many <= GROWTH * few
    found, after = [], None
    for _ in range(MANY):
        page = decisions.explain(person.access, "<one@firma.example>", PageRequest(10, after))
        found += [one.rule for one in page.items]
        after = page.next
        if after is None:
            break
    assert found == ["C2"]


def in_one_thread(person: Person) -> Callable[[int], None]:
    """Makes entries of the thread, each newer than all before."""
    entry = Entry.get(Entry.location_id == person.location_id)

    def make(count: int) -> None:
        first = Message.select().count()
        rows = [{"identity": n.to_bytes(32, "big"), "created_at_ms": 0} for n in range(first, first + count)]
        Message.insert_many(rows).execute()
        messages = Message.select(Message.id).order_by(Message.id.desc()).limit(count)
        values = {**entry.__data__, "unread": False}
        del values["id"]
        newest = [{**values, "message_id": row.id, "at_ms": entry.at_ms + row.id} for row in messages]
        Entry.insert_many(newest).execute()
        Thread.update(last_entry_at_ms=max(one["at_ms"] for one in newest)).where(
            Thread.id == entry.thread_id
        ).execute()

    return make


def test_the_newest_entry_is_un_logged_at_the_same_cost_however_many_were_before_it(store: Store, person: Person):
    make = in_one_thread(person)
    original = Entry.get(Entry.location_id == person.location_id)

    def make_tombstones(count: int) -> None:
        make(count)
        Entry.update(removed_at_ms=1).where(Entry.id != original.id).execute()
        Thread.update(last_entry_at_ms=original.at_ms).where(Thread.id == original.thread_id).execute()

    few, many = work_of(
        store, make_tombstones, lambda: entry_removal.remove(person.access, original.id, now_ms=store.now_ms)
    )
    assert many <= GROWTH * few


def test_what_rests_on_an_approval_is_counted_up_to_a_bound(
    store: Store, person: Person, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(capture_undo, "MOST_COUNTED", 50)
    thread_id = Entry.get(Entry.location_id == person.location_id).thread_id
    few, many = work_of(store, in_one_thread(person), lambda: capture_undo._entries_in(thread_id))
    assert many <= GROWTH * few


def test_an_approval_into_a_thread_that_is_too_long_is_not_undone(queue: Queue, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(capture_undo, "MOST_COUNTED", 2)
    queue.store.capture(a_mail(to=BUDI, message_id="<one@f>"), queue.ani.bcc)
    capture_id = queue.held(a_mail(STRANGER, to="ani@firma.example", answers="<one@f>"))
    assert queue.approve(capture_id).actions == []
    with pytest.raises(Conflict, match="so long"):
        queue.undo(capture_id)
