"""Threads split, merged and moved by hand: what answers find afterwards; on both databases."""

from collections.abc import Iterable

import pytest
from at_once import at_once
from mails import a_mail
from store import Person, Store
from true_counts import assert_counts_are_true, assert_each_thread_knows_its_own_messages

from crm_store import contact_book, contact_changes, entry_removal, thread_split, threads
from crm_store.access import Access
from crm_store.blobs.store import BlobStore
from crm_store.contact_book import ContactDetails
from crm_store.errors import Conflict, Invalid, NotFound
from crm_store.models.captures import AuditRow
from crm_store.models.contacts import Conversation, Thread
from crm_store.models.messages import Entry, Sighting, ThreadParty

BUDI = "Budi Santoso <budi@pelanggan.example>"
CITRA = "Citra <citra@pelanggan.example>"
DIAN = "dian@pelanggan.example"


def talk(store: Store, ani: Person, *names: str, to: str = BUDI, root: str | None = None) -> dict[str, int]:
    """A thread of mails in which each answers the one before and names all; name → entry id."""
    before = [root] if root else []
    for name in names:
        store.now_ms += 60_000
        references = " ".join(f"<{one}@f>" for one in before)
        answers = f"<{before[-1]}@f>" if before else None
        store.capture(
            a_mail(to=to, text=name, message_id=f"<{name}@f>", answers=answers, references=references), ani.bcc
        )
        before.append(name)
    return entries(store, ani)


def split(access: Access, thread_id: int, ids: Iterable[int], blobs: BlobStore, *, now_ms: int) -> threads.ThreadView:
    return threads.split(access, threads.plan_split(access, thread_id, ids, blobs), now_ms=now_ms)


def answer(store: Store, ani: Person, name: str, *named: str, to: str = BUDI) -> int:
    """File an answer to the last of these, which names all of them; the thread that it went to."""
    references = " ".join(f"<{one}@f>" for one in named)
    store.capture(
        a_mail(to=to, text=name, message_id=f"<{name}@f>", answers=f"<{named[-1]}@f>", references=references), ani.bcc
    )
    return thread_of(store, ani, name)


def entries(store: Store, ani: Person) -> dict[str, int]:
    return {str(entry.message.message_id).removesuffix("@f"): entry.id for entry in store.entries(ani)}


def thread_of(store: Store, ani: Person, name: str) -> int:
    return Entry.get_by_id(entries(store, ani)[name]).thread_id


def test_a_split_makes_some_entries_a_thread_of_their_own(store: Store, ani: Person):
    ids = talk(store, ani, "m1", "m2", "m3", "m4")
    old = thread_of(store, ani, "m1")
    new = split(ani.access, old, [ids["m3"], ids["m4"]], store.blobs, now_ms=store.now_ms)

    assert new.id != old
    assert {name: thread_of(store, ani, name) for name in ids} == {"m1": old, "m2": old, "m3": new.id, "m4": new.id}
    (conversation,) = store.conversations(ani)
    assert (conversation.id, conversation.threads) == (new.conversation_id, 2)
    assert_counts_are_true()
    assert_each_thread_knows_its_own_messages()
    (audit,) = AuditRow.select().where(AuditRow.action == "thread.split")
    assert (audit.user_id, audit.location_id, audit.subject) == (
        ani.user_id,
        ani.location_id,
        f"thread {old} into thread {new.id}",
    )


@pytest.mark.parametrize("going", [("m3", "m4"), ("m1", "m2"), ("m2", "m3"), ("m1",), ("m4",), ("m1", "m3")])
def test_answers_find_the_half_that_they_answer_and_make_the_two_one_no_more(store, ani, going):
    """References name the whole talk, so each answer names ids of both halves."""
    names = ("m1", "m2", "m3", "m4")
    ids = talk(store, ani, *names)
    split(ani.access, thread_of(store, ani, "m1"), [ids[n] for n in going], store.blobs, now_ms=store.now_ms)

    for number in (3, 1, 2, 0, 3, 1, 2, 0):  # each half learns of the other's ids by what it gets
        name = names[number]
        reply = f"re{len(entries(store, ani))}"
        assert answer(store, ani, reply, *names[: number + 1]) == thread_of(store, ani, name), name
        second = answer(store, ani, f"{reply}re", *names[: number + 1], reply)
        assert second == thread_of(store, ani, name), "an answer to the answer"
    assert Thread.select().count() == 2
    assert_counts_are_true()
    assert_each_thread_knows_its_own_messages()


def test_answers_to_a_root_that_nobody_recorded_go_where_it_is_named(store: Store, ani: Person):
    """Two talks that a person had made one: each half has a root of its own."""
    talk(store, ani, "a1", root="a0")
    ids = talk(store, ani, "b1", root="b0")
    threads.merge(ani.access, thread_of(store, ani, "b1"), thread_of(store, ani, "a1"), now_ms=store.now_ms)
    split(ani.access, thread_of(store, ani, "a1"), [ids["b1"]], store.blobs, now_ms=store.now_ms)

    assert answer(store, ani, "b2", "b0") == thread_of(store, ani, "b1")
    assert answer(store, ani, "a2", "a0") == thread_of(store, ani, "a1")


def test_a_root_that_both_halves_name_stays_with_the_old_one(store: Store, ani: Person):
    ids = talk(store, ani, "m1", "m2", root="m0")
    old = thread_of(store, ani, "m1")
    split(ani.access, old, [ids["m2"]], store.blobs, now_ms=store.now_ms)
    assert answer(store, ani, "m3", "m0") == old


def test_each_half_of_a_split_has_its_own_people(store: Store, ani: Person):
    """B2: a mail to Dian, who is in one half only, answers that half."""
    store.capture(a_mail(to=BUDI, message_id="<m1@f>"), ani.bcc)
    store.capture(a_mail(to=BUDI, cc=DIAN, message_id="<m2@f>", answers="<m1@f>"), ani.bcc)
    ids = entries(store, ani)
    old = thread_of(store, ani, "m1")
    new = split(ani.access, old, [ids["m2"]], store.blobs, now_ms=store.now_ms).id

    def people(thread_id: int) -> set[str]:
        return {row.normal for row in ThreadParty.select().where(ThreadParty.thread_id == thread_id)}

    both = {"ani@firma.example", "budi@pelanggan.example"}
    assert (people(old), people(new)) == (both, both | {DIAN})
    assert answer(store, ani, "m3", "m1", to=DIAN) not in (old, new), "a forward to somebody who is not in it"


def test_a_new_thread_is_called_after_its_first_mail(store: Store, ani: Person):
    store.capture(a_mail(message_id="<m1@f>", subject="Penawaran"), ani.bcc)
    store.capture(a_mail(message_id="<m2@f>", subject="Faktur", answers="<m1@f>"), ani.bcc)
    ids = entries(store, ani)
    made = split(ani.access, thread_of(store, ani, "m1"), [ids["m2"]], store.blobs, now_ms=store.now_ms)
    assert made.subject == "Faktur"


def test_mail_whose_bytes_were_erased_is_split_by_its_own_id(store: Store, ani: Person):
    ids = talk(store, ani, "m1", "m2", "m3")
    for row in Sighting.select(Sighting.blob_sha256):
        store.blobs.delete(bytes(row.blob_sha256))
    new = split(ani.access, thread_of(store, ani, "m1"), [ids["m3"]], store.blobs, now_ms=store.now_ms)
    assert answer(store, ani, "m4", "m1", "m2", "m3") == new.id
    assert answer(store, ani, "m5", "m1", "m2") == thread_of(store, ani, "m1")


@pytest.mark.parametrize(
    ("going", "field"),
    [
        pytest.param([], "entry_ids", id="none"),
        pytest.param(["m1", "m2"], "entry_ids", id="all"),
        pytest.param(["m1", "m1", "m2", "m2"], "entry_ids", id="all, twice"),
        pytest.param(["m1", "other"], "entry_ids.1", id="one of another thread"),
        pytest.param(["m1", "nobody"], "entry_ids.1", id="one that is not there"),
        pytest.param(["removed"], "entry_ids.0", id="one that is un-logged"),
    ],
)
def test_what_cannot_be_split_off_is_named(store: Store, ani: Person, going: list[str], field: str):
    ids = talk(store, ani, "m1", "m2", "removed")
    ids |= talk(store, ani, "other", to=CITRA)
    entry_removal.remove(ani.access, ids["removed"], now_ms=store.now_ms)
    with pytest.raises(Invalid) as refused:
        split(
            ani.access, thread_of(store, ani, "m1"), [ids.get(n, 999) for n in going], store.blobs, now_ms=store.now_ms
        )
    assert refused.value.field == field
    assert Thread.select().count() == 2


def test_no_more_is_split_off_at_once_than_can_be_read_soon(store: Store, ani: Person):
    talk(store, ani, "m1", "m2")
    with pytest.raises(Invalid, match="1 to 200"):
        split(ani.access, thread_of(store, ani, "m1"), range(201), store.blobs, now_ms=store.now_ms)


def test_two_threads_of_one_conversation_become_one_and_answers_to_either_go_there(store: Store, ani: Person):
    talk(store, ani, "a1", "a2")
    talk(store, ani, "b1", "b2")
    gone, stays = thread_of(store, ani, "b1"), thread_of(store, ani, "a1")
    made = threads.merge(ani.access, gone, stays, now_ms=store.now_ms)

    assert made.id == stays
    assert {thread_of(store, ani, name) for name in ("a1", "a2", "b1", "b2")} == {stays}
    assert answer(store, ani, "a3", "a1", "a2") == answer(store, ani, "b3", "b1", "b2") == stays
    assert store.conversations(ani)[0].threads == 1
    assert_counts_are_true()
    with pytest.raises(NotFound):
        threads.merge(ani.access, gone, stays, now_ms=store.now_ms)


def test_halves_that_are_merged_again_are_one_thread_and_a_third_stays_apart(store: Store, ani: Person):
    ids = talk(store, ani, "m1", "m2", "m3")
    old = thread_of(store, ani, "m1")
    two = split(ani.access, old, [ids["m2"]], store.blobs, now_ms=store.now_ms).id
    three = split(ani.access, old, [ids["m3"]], store.blobs, now_ms=store.now_ms).id
    threads.merge(ani.access, two, old, now_ms=store.now_ms)

    assert answer(store, ani, "m4", "m1", "m2", "m3") == three
    assert answer(store, ani, "m5", "m1", "m2") == old
    assert Thread.select().count() == 2
    assert_counts_are_true()
    assert_each_thread_knows_its_own_messages()


def test_halves_that_took_in_other_threads_stay_apart(store: Store, ani: Person):
    ids = talk(store, ani, "m1", "m2")
    talk(store, ani, "x1")
    talk(store, ani, "y1")
    old = thread_of(store, ani, "m1")
    half = split(ani.access, old, [ids["m2"]], store.blobs, now_ms=store.now_ms).id
    threads.merge(ani.access, thread_of(store, ani, "x1"), old, now_ms=store.now_ms)
    threads.merge(ani.access, half, thread_of(store, ani, "y1"), now_ms=store.now_ms)

    assert answer(store, ani, "m3", "m1", "m2") == thread_of(store, ani, "y1") == thread_of(store, ani, "m2")
    assert answer(store, ani, "m4", "m1") == thread_of(store, ani, "x1") == old
    assert Thread.select().count() == 2


def test_ids_of_entries_that_stay_are_not_taken_along_though_their_mails_were_not_read(store, ani, monkeypatch):
    """As with one that was filed after the mails were read, or the 51st."""
    monkeypatch.setattr(thread_split, "MAX_READ_OF_REST", 0)
    ids = talk(store, ani, "m1", "m2")
    old = thread_of(store, ani, "m1")
    split(ani.access, old, [ids["m2"]], store.blobs, now_ms=store.now_ms)
    assert answer(store, ani, "m3", "m1") == old


def test_threads_of_two_people_are_never_made_one(store: Store, ani: Person):
    talk(store, ani, "a1")
    talk(store, ani, "b1", to=CITRA)
    with pytest.raises(Conflict, match="two contacts"):
        threads.merge(ani.access, thread_of(store, ani, "b1"), thread_of(store, ani, "a1"), now_ms=store.now_ms)
    with pytest.raises(Invalid, match="itself"):
        threads.merge(ani.access, thread_of(store, ani, "b1"), thread_of(store, ani, "b1"), now_ms=store.now_ms)
    assert Thread.select().count() == 2


def test_a_moved_thread_is_in_the_others_tab_and_answers_follow(store: Store, ani: Person):
    talk(store, ani, "a1", "a2")
    citra = contact_book.add(ani.access, ani.location_id, ContactDetails(["citra@pelanggan.example"]), now_ms=1)
    thread = thread_of(store, ani, "a1")
    moved = threads.move(ani.access, thread, citra.id, now_ms=store.now_ms)

    (conversation,) = store.conversations(ani)  # Budi's, in which nothing is left, has disappeared
    assert (conversation.id, conversation.contact.id, conversation.threads) == (moved.conversation_id, citra.id, 1)
    assert answer(store, ani, "a3", "a1", "a2") == thread
    assert len(store.conversations(ani)) == 1
    assert_counts_are_true()
    assert threads.move(ani.access, thread, citra.id, now_ms=store.now_ms).id == thread, "twice is harmless"
    assert AuditRow.select().where(AuditRow.action == "thread.move").count() == 1


def test_moving_one_of_two_threads_takes_its_unread_mail_along(store: Store, ani: Person):
    talk(store, ani, "a1")
    store.capture(a_mail(to=BUDI, cc=ani.bcc, message_id="<b1@f>"), ani.bcc)
    reply = a_mail(BUDI, to="ani@firma.example", cc=ani.bcc, message_id="<b2@f>", answers="<b1@f>")
    store.capture(reply, ani.bcc)
    talk(store, ani, "c1", to=CITRA)
    (citra,) = [c.contact for c in store.conversations(ani) if c.contact.details.name == "Citra"]
    threads.move(ani.access, thread_of(store, ani, "b1"), citra.id, now_ms=store.now_ms)

    shown = {c.contact.details.name: (c.threads, c.unread) for c in store.conversations(ani)}
    assert shown == {"Budi Santoso": (1, 0), "Citra": (2, 1)}
    assert_counts_are_true()


def test_a_half_that_was_moved_to_somebody_else_gets_its_own_answers(store: Store, ani: Person):
    names = ("m1", "m2", "m3", "m4")
    ids = talk(store, ani, *names)
    citra = contact_book.add(ani.access, ani.location_id, ContactDetails(["citra@pelanggan.example"]), now_ms=1)
    old = thread_of(store, ani, "m1")
    new = split(ani.access, old, [ids["m1"], ids["m2"]], store.blobs, now_ms=store.now_ms).id
    threads.move(ani.access, new, citra.id, now_ms=store.now_ms)

    for round_ in range(2):
        assert answer(store, ani, f"x{round_}", *names) == old
        assert answer(store, ani, f"y{round_}", *names[:2]) == new
    assert_counts_are_true()


@pytest.mark.parametrize("target", ["deleted", "another location's", "nobody"])
def test_a_thread_is_moved_to_a_living_contact_of_its_location_only(store: Store, ani: Person, target: str):
    talk(store, ani, "a1")
    twin = store.user("ani@firma.example", store.location("Toko Dua"), user_id=ani.user_id)
    deleted = contact_book.add(ani.access, ani.location_id, ContactDetails(["x@x.example"]), now_ms=1).id
    contact_changes.delete(ani.access, deleted, now_ms=2)
    other = contact_book.add(twin.access, twin.location_id, ContactDetails(["x@x.example"]), now_ms=1).id
    contact_id = {"deleted": deleted, "another location's": other}.get(target, 999)
    with pytest.raises(Invalid) as refused:
        threads.move(ani.access, thread_of(store, ani, "a1"), contact_id, now_ms=store.now_ms)
    assert refused.value.field == "contact_id"
    assert Conversation.select().count() == 1


def test_a_stranger_changes_no_thread(store: Store, ani: Person):
    dewi = store.user("dewi@firma.example", store.location("Toko Dewi"))
    ids = talk(store, ani, "a1", "a2")
    thread = thread_of(store, ani, "a1")
    hers = contact_book.add(dewi.access, dewi.location_id, ContactDetails(["x@x.example"]), now_ms=1).id
    for ask in (
        lambda: split(dewi.access, thread, [ids["a1"]], store.blobs, now_ms=1),
        lambda: threads.merge(dewi.access, thread, thread + 1, now_ms=1),
        lambda: threads.move(dewi.access, thread, hers, now_ms=1),
    ):
        with pytest.raises(NotFound):
            ask()


def test_a_split_while_answers_are_filed_loses_none(store: Store, ani: Person):
    ids = talk(store, ani, "m1", "m2")
    old = thread_of(store, ani, "m1")
    for number in range(24):
        to = ("<m1@f>", "<m1@f> <m2@f>")[number % 2]
        store.receive(
            a_mail(text=f"r{number}", message_id=f"<r{number}@f>", answers=to.split()[-1], references=to), ani.bcc
        )
    access = ani.access

    def file() -> None:
        while store.worker.work():
            pass

    _, made = at_once(file, lambda: split(access, old, [ids["m2"]], store.blobs, now_ms=store.now_ms))
    file()
    assert len(store.entries(ani)) == 26
    assert answer(store, ani, "last", "m1", "m2") == made.id
    assert Thread.select().count() == 2
    assert_counts_are_true()
    assert_each_thread_knows_its_own_messages()


def test_two_threads_merged_into_each_other_at_once_are_one(store: Store, ani: Person):
    talk(store, ani, "a1")
    talk(store, ani, "b1")
    one, two = thread_of(store, ani, "a1"), thread_of(store, ani, "b1")
    access = ani.access
    outcomes = at_once(
        lambda: threads.merge(access, one, two, now_ms=1), lambda: threads.merge(access, two, one, now_ms=1)
    )
    assert sum(isinstance(outcome, threads.ThreadView) for outcome in outcomes) == 1
    assert Thread.select().count() == 1
    assert_counts_are_true()


def test_one_split_asked_for_twice_at_once_is_made_once(store: Store, ani: Person):
    ids = talk(store, ani, "m1", "m2", "m3")
    thread, access = thread_of(store, ani, "m1"), ani.access
    outcomes = at_once(*[lambda: split(access, thread, [ids["m3"]], store.blobs, now_ms=1)] * 2)
    assert sum(isinstance(outcome, Invalid) for outcome in outcomes) == 1
    assert Thread.select().count() == 2
    assert_counts_are_true()
