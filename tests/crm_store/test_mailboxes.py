"""Mailboxes and their ledger: who has them, in which order, and that what is counted adds up."""

from dataclasses import replace
from functools import partial

import pytest
from at_once import at_once
from connected_account import SEALER, connection_of
from mailbox_asked import a_run, claimed, named
from peewee import IntegrityError
from store import Person, Store

from crm_store import (
    connection_work,
    connections,
    mailbox_backfill,
    mailbox_ledger,
    mailbox_work,
    mailboxes,
    sync_status,
)
from crm_store.database.session import writing
from crm_store.mailbox_backfill import BackfillProgress
from crm_store.mailbox_ledger import PageOfMessages
from crm_store.mailboxes import Held, LeaseLost, MailboxCounts
from crm_store.models.connections import Connection
from crm_store.models.mailboxes import GmailMessage, Mailbox
from crm_store.rules.connection import ConnectionProblem
from crm_store.rules.mailbox import LedgerState
from crm_store.rules.rule import Reason, Rule
from crm_store.sync_status import SyncStatus


def cursor(number: int) -> str:
    return f"{number:020d}"


def test_the_cursor_goes_forward_and_never_back(store: Store, ani: Person):
    held = a_run(store, ani)
    for number in (3000, 2000, 2**63 + 1, 4000):
        mailbox_ledger.note(held, PageOfMessages(), cursor=cursor(number), now_ms=store.now_ms)
    assert mailboxes.progress(held.mailbox_id).cursor == cursor(2**63 + 1)


def test_who_has_lost_the_lease_writes_nothing(store: Store, ani: Person):
    held = a_run(store, ani)
    store.now_ms += mailboxes.LEASE_MS
    other = claimed(store, held.connection_id, "another run")
    with pytest.raises(LeaseLost):
        mailbox_ledger.note(held, PageOfMessages(new=named("1")), cursor=cursor(5000), now_ms=store.now_ms)
    assert GmailMessage.select().count() == 0
    assert mailboxes.progress(held.mailbox_id).cursor == cursor(1000)
    mailbox_ledger.note(other, PageOfMessages(new=named("1")), now_ms=store.now_ms)


def test_after_disconnecting_a_run_writes_nothing(store: Store, ani: Person):
    """A4."""
    held = a_run(store, ani)
    place_id = Connection.get_by_id(held.connection_id).place_id
    connections.disconnect(ani.access, place_id, SEALER, now_ms=store.now_ms)
    with pytest.raises(LeaseLost):
        mailbox_ledger.note(held, PageOfMessages(new=named("1")), now_ms=store.now_ms)
    assert GmailMessage.select().count() == 0


def test_of_many_that_claim_one_gets_it(store: Store, ani: Person):
    held = a_run(store, ani)
    mailboxes.finish(held, next_run_at_ms=store.now_ms, caught_up=True, now_ms=store.now_ms)
    ring = mailboxes.ring_for(held.connection_id, now_ms=store.now_ms)
    jobs = [lambda name=name: mailboxes.claim(ring, name, now_ms=store.now_ms) for name in "abcd"]
    assert sorted(at_once(*jobs), key=str) == [held.connection_id, None, None, None]


def test_what_is_due_longest_is_handed_out_first_and_no_mailbox_starves(store: Store, ani: Person):
    """500 mailboxes, of which one always has more to do: it waits for all others before its next slice."""
    made = connection_of(ani.user_id, ani.location_id, now_ms=store.now_ms)
    columns = {name: getattr(Connection.get_by_id(made), name) for name in Connection._meta.fields if name != "id"}
    many = [{**columns, "place_id": 10_000 + n, "google_sub": f"sub-{n}"} for n in range(499)]
    for some in range(0, 499, 40):
        Connection.insert_many(many[some : some + 40]).execute()
    while mailboxes.take_wishes(now_ms=store.now_ms):
        pass
    busy, turns, seen = Mailbox.get(Mailbox.connection_id == made).id, [], set()
    while len(seen) < 500:
        rings = mailboxes.hand_out(25, now_ms=store.now_ms)
        assert rings
        for ring in rings:
            turns.append(ring.mailbox_id)
            seen.add(ring.mailbox_id)
            later_ms = store.now_ms + 1 if ring.mailbox_id == busy else store.now_ms + 60_000
            Mailbox.update(next_run_at_ms=later_ms).where(Mailbox.id == ring.mailbox_id).execute()
        store.now_ms += 1
    assert turns.count(busy) <= 2
    assert len(turns) <= 501


def test_a_task_that_was_lost_is_handed_out_again(store: Store, ani: Person):
    connection_of(ani.user_id, ani.location_id, now_ms=store.now_ms)
    mailboxes.take_wishes(now_ms=store.now_ms)
    (lost,) = mailboxes.hand_out(5, now_ms=store.now_ms)
    assert mailboxes.hand_out(5, now_ms=store.now_ms) == []
    store.now_ms += mailboxes.RING_AGAIN_MS
    (again,) = mailboxes.hand_out(5, now_ms=store.now_ms)
    assert mailboxes.claim(lost, "late", now_ms=store.now_ms) is None
    assert mailboxes.claim(again, "in time", now_ms=store.now_ms) is not None


def test_a_connection_that_nobody_wished_for_is_found(store: Store, ani: Person):
    connection_of(ani.user_id, ani.location_id, now_ms=store.now_ms)
    Connection.update(sync_wanted_at_ms=None).execute()
    assert mailboxes.take_wishes(now_ms=store.now_ms) == 0
    after = mailboxes.find_forgotten(after=0, longest_wait_ms=60_000, now_ms=store.now_ms)
    assert after is not None
    assert mailboxes.find_forgotten(after=after, longest_wait_ms=60_000, now_ms=store.now_ms) is None
    assert len(mailboxes.hand_out(5, now_ms=store.now_ms)) == 1


def test_the_counts_always_add_up(store: Store, ani: Person):
    """B16: whatever happens to a message, and however often it is told; the database refuses anything else."""
    held = a_run(store, ani)

    def counted(*expected: int) -> None:
        assert mailboxes.counts([held.connection_id])[held.connection_id] == MailboxCounts(*expected)

    page = PageOfMessages(new=named("1", "2", "3"), not_mail=named("4"), gone=named("5"), before=named("6", "1"))
    for _ in range(2):
        mailbox_ledger.note(held, page, now_ms=store.now_ms)
        counted(5, 0, 2, 0, 3)
    mailbox_ledger.note(held, PageOfMessages(dropped=["3", "6"], again=["4", "1"]), now_ms=store.now_ms)
    counted(5, 0, 2, 0, 3)
    mailbox_ledger.note(held, PageOfMessages(new=named("6")), now_ms=store.now_ms)
    counted(6, 0, 2, 0, 4)
    first, second, *_ = mailbox_work.take(held, 10, now_ms=store.now_ms)
    mailbox_work.settle_without(held, first, Rule.A6, Reason.BEFORE_CONNECTING, now_ms=store.now_ms)
    counted(5, 0, 2, 0, 3)
    mailbox_work.set_aside(held, second, Reason.SET_ASIDE, b"raw", store.blobs, now_ms=store.now_ms)
    counted(5, 0, 2, 1, 2)
    with pytest.raises(LeaseLost):  # by another run, since
        mailbox_work.settle_without(held, second, Rule.B12, Reason.GONE, now_ms=store.now_ms)
    counted(5, 0, 2, 1, 2)
    with pytest.raises(IntegrityError), writing():
        Mailbox.update(seen=Mailbox.seen + 1).execute()


def test_one_that_failed_is_taken_alone(store: Store, ani: Person):
    """So that a message that takes the process down takes no other down with it."""
    held = a_run(store, ani, "12345678 first")
    mailbox_ledger.note(held, PageOfMessages(new=named("1", "2", "3")), now_ms=store.now_ms)
    assert len(mailbox_work.take(held, 10, now_ms=store.now_ms)) == 3
    assert mailbox_work.take(held, 10, now_ms=store.now_ms) == []

    assert mailboxes.free("12345678", now_ms=store.now_ms) == 1  # it was killed, and started again
    held = claimed(store, held.connection_id, "12345678 second")
    mailbox_ledger.note(held, PageOfMessages(new=named("4")), now_ms=store.now_ms)
    for number in ("1", "2", "3"):
        assert [one.gmail_id for one in mailbox_work.take(held, 10, now_ms=store.now_ms)] == [number]
    assert [one.gmail_id for one in mailbox_work.take(held, 10, now_ms=store.now_ms)] == ["4"]


def a_backfill(store: Store, ani: Person, *gmail_ids: str) -> Held:
    """That was begun, and named these."""
    held = a_run(store, ani)
    Connection.update(backfill_days=3).where(Connection.id == held.connection_id).execute()
    mailbox_backfill.running(held, now_ms=store.now_ms)
    mailbox_backfill.note(held, named(*gmail_ids), "more", now_ms=store.now_ms)
    return held


def asked_to_stop(held: Held, ani: Person, *, now_ms: int) -> None:
    connections.stop_backfill(ani.access, Connection.get_by_id(held.connection_id).place_id, now_ms=now_ms)


def test_a_backfill_is_stopped_in_small_steps_and_goes_on_stopping_after_a_crash(
    store: Store, ani: Person, monkeypatch
):
    monkeypatch.setattr(mailbox_backfill, "STOPPED_AT_ONCE", 2)
    held = a_backfill(store, ani, "1", "2", "3", "4", "5")
    asked_to_stop(held, ani, now_ms=store.now_ms)
    left = [5]
    while mailbox_backfill.is_to_stop(held):
        more = mailbox_backfill.stop_some(held, now_ms=store.now_ms)
        left.append(mailboxes.counts([held.connection_id])[held.connection_id].pending)
        assert more is mailbox_backfill.is_to_stop(held)
        store.now_ms += mailboxes.LEASE_MS
        held = claimed(store, held.connection_id, f"after a crash {len(left)}")
    assert left == [5, 3, 1, 0]
    assert mailbox_backfill.running(held, now_ms=store.now_ms) is None
    assert mailbox_backfill.progress([held.connection_id])[held.connection_id] == BackfillProgress(False, 0, 0)
    assert {row.state for row in GmailMessage.select()} == {LedgerState.BEFORE}
    assert {row.backfill_at_ms for row in GmailMessage.select()} == {None}


def test_who_has_lost_the_lease_stops_no_backfill(store: Store, ani: Person):
    held = a_backfill(store, ani, "1")
    asked_to_stop(held, ani, now_ms=store.now_ms)
    store.now_ms += mailboxes.LEASE_MS
    claimed(store, held.connection_id, "another run")
    with pytest.raises(LeaseLost):
        mailbox_backfill.stop_some(held, now_ms=store.now_ms)
    assert GmailMessage.get().state == LedgerState.PENDING
    assert mailbox_backfill.is_to_stop(held)


def test_days_that_are_asked_for_after_stopping_have_the_last_word(store: Store, ani: Person):
    held = a_backfill(store, ani, "1")
    asked_to_stop(held, ani, now_ms=store.now_ms)
    place_id = Connection.get_by_id(held.connection_id).place_id
    connections.want_backfill(ani.access, place_id, 7, now_ms=store.now_ms)
    assert not mailbox_backfill.is_to_stop(held)
    assert mailbox_backfill.running(held, now_ms=store.now_ms) is not None
    assert [one.gmail_id for one in mailbox_backfill.take(held, 10, now_ms=store.now_ms)] == ["1"]


def test_new_mail_that_a_backfills_list_named_first_is_live_and_outlives_its_stopping(store: Store, ani: Person):
    """Between two looks at history mail and drafts come; the list has them, and history names them afterwards."""
    held = a_backfill(store, ani, "old", "new", "draft", "gone")
    told = PageOfMessages(new=named("new"), not_mail=named("draft"), gone=named("gone"))
    for _ in range(2):
        mailbox_ledger.note(held, told, now_ms=store.now_ms)
    counted = mailboxes.counts([held.connection_id])[held.connection_id]
    assert counted == MailboxCounts(seen=4, not_recorded=2, pending=2)
    asked_to_stop(held, ani, now_ms=store.now_ms)
    assert not mailbox_backfill.stop_some(held, now_ms=store.now_ms)
    assert {row.gmail_id: row.state for row in GmailMessage.select()} == {
        "old": "before",
        "new": "pending",
        "draft": "not_recorded",
        "gone": "not_recorded",
    }
    assert [one.gmail_id for one in mailbox_work.take(held, 10, now_ms=store.now_ms)] == ["new"]


def test_a_wish_to_stop_that_comes_just_now_begins_no_backfill(store: Store, ani: Person):
    held = a_run(store, ani)
    asked_to_stop(held, ani, now_ms=store.now_ms)
    assert mailbox_backfill.running(held, now_ms=store.now_ms) is None
    assert mailbox_backfill.is_to_stop(held)


def test_a_clock_that_is_set_back_makes_nothing_late(store: Store, ani: Person):
    """What was due, and what a run had, by a clock five hours ahead; Google's own pause stays."""
    held = a_run(store, ani)
    mailbox_ledger.note(held, PageOfMessages(new=named("1")), now_ms=store.now_ms)
    assert mailbox_work.take(held, 5, now_ms=store.now_ms)
    sweep = partial(mailboxes.find_forgotten, after=0, longest_wait_ms=60_000)
    set_back_ms = store.now_ms - 5 * 3_600_000

    mailboxes.finish(held, next_run_at_ms=store.now_ms + 60_000, caught_up=False, now_ms=store.now_ms)
    sweep(now_ms=store.now_ms)
    assert mailboxes.hand_out(5, now_ms=store.now_ms) == [], "with the clock right nothing is brought forward"
    sweep(now_ms=set_back_ms)
    (ring,) = mailboxes.hand_out(5, now_ms=set_back_ms)
    assert mailboxes.claim(ring, "then", now_ms=store.now_ms) is not None
    mailboxes.want(held.connection_id, now_ms=set_back_ms)
    (ring,) = mailboxes.hand_out(5, now_ms=set_back_ms)
    assert mailboxes.claim(ring, "now", now_ms=set_back_ms) is not None, "a lease of the clock that was"
    now = replace(held, holder="now")
    assert [one.gmail_id for one in mailbox_work.take(now, 5, now_ms=set_back_ms)] == ["1"]

    until_ms = set_back_ms + 8 * 3_600_000
    mailboxes.give_up(now, next_run_at_ms=until_ms, now_ms=set_back_ms)
    connection_work.pause(now.connection_id, now.epoch, ConnectionProblem.RATE_LIMITED, until_ms=until_ms)
    sweep(now_ms=set_back_ms)
    assert mailboxes.hand_out(5, now_ms=set_back_ms) == []


def test_a_mailbox_that_a_run_has_is_no_reason_to_look_all_the_time(store: Store, ani: Person):
    held = a_run(store, ani)
    mailboxes.want(held.connection_id, now_ms=store.now_ms)
    assert mailboxes.due_in_ms(now_ms=store.now_ms) is None
    mailboxes.finish(held, next_run_at_ms=store.now_ms + 5_000, caught_up=True, now_ms=store.now_ms)
    assert mailboxes.due_in_ms(now_ms=store.now_ms) == 5_000


def test_the_status_counts_what_is_live_and_has_an_end(store: Store, ani: Person, monkeypatch):
    held = a_run(store, ani)
    mailbox_ledger.note(held, PageOfMessages(new=named("1", "2")), now_ms=store.now_ms)
    mailboxes.finish(held, next_run_at_ms=store.now_ms - 7_000, caught_up=False, now_ms=store.now_ms)
    for number in range(3):
        gone = connection_of(ani.user_id, ani.location_id, now_ms=store.now_ms, email=f"g{number}@gmail.test")
        connections.disconnect(ani.access, gone, SEALER, now_ms=store.now_ms)
    connection_of(ani.user_id, ani.location_id, now_ms=store.now_ms, email="more@gmail.test")
    assert sync_status.of_sync(now_ms=store.now_ms) == SyncStatus({"active": 2}, 2, 0, 7_000, is_partial=False)
    monkeypatch.setattr(sync_status, "MOST_COUNTED", 1)
    assert sync_status.of_sync(now_ms=store.now_ms) == SyncStatus({"active": 1}, 2, 0, 7_000, is_partial=True)
