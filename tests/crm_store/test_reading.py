"""What is unread: it stays so wherever it is moved, until its conversation is read; on both databases."""

from collections.abc import Callable

import pytest
from mails import a_mail
from store import Person, Store
from true_counts import assert_counts_are_true

from crm_store import contact_changes, conversations, entry_removal, threads

BUDI = "Budi Santoso <budi@pelanggan.example>"
CITRA = "Citra <citra@pelanggan.example>"


def letter(store: Store, ani: Person, name: str, *, to: str = BUDI, answers: str | None = None) -> int:
    """Ani's mail, of which nothing is unread; its entry."""
    store.now_ms += 1000
    before = f"<{answers}@f>" if answers else None
    store.capture(a_mail(to=to, cc=ani.bcc, text=name, message_id=f"<{name}@f>", answers=before), ani.bcc)
    return store.entries(ani)[-1].id


def answer(store: Store, ani: Person, name: str, before: str, *, sender: str = BUDI) -> int:
    """An unread answer; its entry."""
    store.now_ms += 1000
    raw = a_mail(
        sender, to="ani@firma.example", cc=ani.bcc, text=name, message_id=f"<{name}@f>", answers=f"<{before}@f>"
    )
    store.capture(raw, ani.bcc)
    return store.entries(ani)[-1].id


def read(store: Store, ani: Person, name: str) -> None:
    conversations.mark_read(ani.access, tab(store, ani, name).id, now_ms=store.now_ms)


def tab(store: Store, ani: Person, name: str) -> conversations.ConversationView:
    (found,) = [one for one in store.conversations(ani) if one.contact.details.name.startswith(name)]
    return found


def unread(store: Store, ani: Person) -> set[int]:
    """As the entries say; the conversations say the same."""
    assert_counts_are_true()
    found = {entry.id for entry in store.entries(ani) if entry.unread}
    assert sum(one.unread for one in store.conversations(ani)) == len(found)
    return found


def test_what_was_there_is_read_and_what_comes_later_is_not(store: Store, ani: Person):
    letter(store, ani, "m1")
    first = answer(store, ani, "m2", "m1")
    assert unread(store, ani) == {first}
    read(store, ani, "Budi")
    assert unread(store, ani) == set()
    assert {answer(store, ani, "m3", "m2")} == unread(store, ani)


def move(store: Store, ani: Person) -> None:
    budi, citra = tab(store, ani, "Budi"), tab(store, ani, "Citra")
    (thread_id,) = {entry.thread_id for entry in store.entries(ani) if entry.conversation_id == budi.id}
    threads.move(ani.access, thread_id, citra.contact.id, now_ms=store.now_ms)


def merge(store: Store, ani: Person) -> None:
    budi, citra = tab(store, ani, "Budi"), tab(store, ani, "Citra")
    contact_changes.merge(ani.access, budi.contact.id, citra.contact.id, now_ms=store.now_ms)


@pytest.mark.parametrize("go", [move, merge])
@pytest.mark.parametrize("read_there_last", [True, False])
def test_mail_that_moves_stays_as_read_or_unread_as_it_was(
    store: Store, ani: Person, go: Callable[[Store, Person], None], read_there_last: bool
):
    letter(store, ani, "m1")
    answer(store, ani, "m2", "m1")
    read(store, ani, "Budi")
    here = answer(store, ani, "m3", "m2")
    letter(store, ani, "c1", to=CITRA)
    answer(store, ani, "c2", "c1", sender=CITRA)
    if read_there_last:
        read(store, ani, "Citra")
    there = set() if read_there_last else {store.entries(ani)[-1].id}

    go(store, ani)

    assert unread(store, ani) == {here} | there
    read(store, ani, "Citra")
    assert unread(store, ani) == set()
    assert {answer(store, ani, "c3", "c2", sender=CITRA)} == unread(store, ani)


def test_what_was_un_logged_comes_back_as_it_would_be_by_now(store: Store, ani: Person):
    letter(store, ani, "m1")
    gone = answer(store, ani, "m2", "m1")
    entry_removal.remove(ani.access, gone, now_ms=store.now_ms)
    assert unread(store, ani) == set()
    entry_removal.restore(ani.access, gone, now_ms=store.now_ms)
    assert unread(store, ani) == {gone}

    entry_removal.remove(ani.access, gone, now_ms=store.now_ms)
    last = answer(store, ani, "m3", "m1")
    read(store, ani, "Budi")
    entry_removal.restore(ani.access, gone, now_ms=store.now_ms)
    assert unread(store, ani) == set()
    assert last in {entry.id for entry in store.entries(ani)}
