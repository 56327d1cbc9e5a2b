"""Lanes of the outbox: order, leases, two workers, and what a run leaves behind that died (E3, E6, A4, A5, G4)."""

import pytest
from connected_account import SEALER, a_grant, connect, connection_of
from outbox_asked import Outbox, row_of, states, with_provider
from store import Person, Store

from crm_store import connection_work, connections, members, outbox, outbox_turns, outbox_work
from crm_store.access import Access
from crm_store.errors import Conflict
from crm_store.models.outbox import OutboxLane
from crm_store.outbox_steps import DeliveryChanged
from crm_store.outbox_turns import LEASE_MS, RING_AGAIN_MS, LeaseLost
from crm_store.rules.connection import ConnectionProblem
from crm_store.rules.outbox import Ambiguity, EmailKind, OutboxReason, OutboxState
from crm_store.rules.rule import Rule
from crm_store.rules.states import Role


@pytest.fixture
def place_id(store: Store, ani: Person) -> int:
    return connection_of(ani.user_id, ani.location_id, now_ms=store.now_ms)


@pytest.fixture
def asked(store: Store, place_id: int) -> Outbox:
    return Outbox(store.blobs, store.now_ms)


def test_a_lane_goes_by_time_and_then_by_age(ani, asked):
    first = asked.post(ani.location_id, ani.user_id)
    later = asked.post(ani.location_id, ani.user_id, send_at_ms=asked.now_ms + 20_000)
    third = asked.post(ani.location_id, ani.user_id)
    held = asked.later().held(first)
    began = [asked.begin(held).delivery_id for _ in range(2)]
    assert states(first, later, third) == ["sending", "waiting", "sending"]
    assert began == sorted(began)
    assert asked.next(held) is None
    asked.later()
    assert asked.begin(held)
    assert states(later) == ["sending"]


def test_nothing_goes_before_its_undo_is_over(ani, asked):
    mail = asked.post(ani.location_id, ani.user_id)
    assert (mail.state, mail.reason, mail.not_before_ms) == (OutboxState.WAITING, "undo", asked.now_ms + 10_000)
    assert outbox_turns.due_in_ms(now_ms=asked.now_ms) == 10_000
    assert outbox_turns.hand_out(9, now_ms=asked.now_ms + 9_999) == []
    assert len(outbox_turns.hand_out(9, now_ms=asked.now_ms + 10_000)) == 1


def test_a_lane_is_handed_out_once_and_comes_back_when_nobody_began(ani, asked):
    asked.post(ani.location_id, ani.user_id)
    asked.later()
    (ring,) = outbox_turns.hand_out(9, now_ms=asked.now_ms)
    assert outbox_turns.hand_out(9, now_ms=asked.now_ms) == []
    asked.later(RING_AGAIN_MS)
    (again,) = outbox_turns.hand_out(9, now_ms=asked.now_ms)
    assert outbox_turns.take(ring, "late", now_ms=asked.now_ms) is None
    assert outbox_turns.take(again, "one", now_ms=asked.now_ms) is not None
    assert outbox_turns.take(again, "two", now_ms=asked.now_ms) is None


def test_who_lost_the_lease_writes_nothing(ani, asked):
    mail = asked.post(ani.location_id, ani.user_id)
    asked.later()
    slow = asked.held(mail)
    work = asked.next(slow)
    asked.later(LEASE_MS)
    fast = asked.held(mail)
    for write in (
        lambda: outbox_work.begin(slow, work.delivery_id, history_id=None, now_ms=asked.now_ms),
        lambda: outbox_work.failed(slow, work.delivery_id, OutboxReason.REFUSED, now_ms=asked.now_ms),
        lambda: outbox_turns.pause_lane(slow, OutboxReason.RATE_LIMITED, None, now_ms=asked.now_ms),
        lambda: outbox_turns.keep(slow, now_ms=asked.now_ms),
    ):
        with pytest.raises(LeaseLost):
            write()
    outbox_turns.leave(slow)
    assert states(mail) == ["waiting"]
    outbox_turns.keep(fast, now_ms=asked.now_ms)


def test_what_was_under_way_when_a_run_died_is_unknown_to_the_next(ani, asked):
    """E6: it may have left; the next run looks for it before it does anything else."""
    lost, next_one = (asked.post(ani.location_id, ani.user_id) for _ in range(2))
    asked.later()
    asked.begin(asked.held(lost))
    asked.later(LEASE_MS)
    held = asked.held(lost)
    assert states(lost, next_one) == ["unknown", "waiting"]
    work = asked.next(held)
    assert (work.state, work.ambiguity) == (OutboxState.UNKNOWN, Ambiguity.SILENCE)
    assert (work.ambiguous_at_ms, work.history_id) == (asked.now_ms, f"{1000:020d}")
    outbox_work.put_back(held, work.delivery_id, OutboxReason.NOT_LEFT, until_ms=asked.now_ms, now_ms=asked.now_ms)
    assert asked.next(held).began_at_ms is None


def test_a_process_that_starts_again_frees_its_own(ani, asked):
    mail = asked.post(ani.location_id, ani.user_id)
    asked.later()
    asked.take(asked.lane_of(mail), "worker-1/abc")
    assert outbox_turns.free("worker-2", now_ms=asked.now_ms) == 0
    assert outbox_turns.free("worker-1", now_ms=asked.now_ms) == 1
    assert asked.held(mail)


def test_a_look_that_finds_nothing_keeps_since_when_it_is_unknown(ani, asked):
    mail = asked.unknown(ani.location_id, ani.user_id)
    since_ms = asked.now_ms
    held = asked.later(30_000).held(mail)
    work = asked.next(held)
    asked.later(5)
    outbox_work.unsure(
        held, work.delivery_id, OutboxReason.UNREACHABLE, look_at_ms=asked.now_ms + 60_000, now_ms=asked.now_ms
    )
    assert asked.next(held) is None
    outbox_turns.leave(held)
    assert outbox_turns.due_in_ms(now_ms=asked.now_ms) == 60_000
    assert asked.next(asked.later(60_000).held(mail)).ambiguous_at_ms == since_ms


def test_a_paused_lane_begins_nothing_and_looks_all_the_same(ani, asked):
    lost = asked.unknown(ani.location_id, ani.user_id)
    waiting = asked.post(ani.location_id, ani.user_id)
    asked.later(40_000)
    held = asked.held(lost)
    outbox_turns.pause_lane(held, OutboxReason.DAILY_LIMIT, asked.now_ms + 3_600_000, now_ms=asked.now_ms)
    assert asked.next(held).state is OutboxState.UNKNOWN
    outbox_work.failed(held, asked.next(held).delivery_id, OutboxReason.REFUSED, now_ms=asked.now_ms)
    assert asked.next(held) is None
    outbox_turns.leave(held)
    assert outbox_turns.due_in_ms(now_ms=asked.now_ms) == 3_600_000
    told = outbox.get(ani.access, waiting.id)
    assert (told.reason, told.not_before_ms) == ("daily_limit", asked.now_ms + 3_600_000)
    assert asked.next(asked.later(3_600_000).held(lost)).state is OutboxState.WAITING


def test_a_lane_that_waits_for_its_user_goes_on_at_sign_in(ani, asked, place_id):
    """A5: nothing fails, nothing is lost."""
    mail = asked.post(ani.location_id, ani.user_id)
    held = asked.later().held(mail)
    connection_work.needs_reauth(row_of(place_id), 1, ConnectionProblem.ACCESS_REVOKED)
    outbox_turns.pause_lane(held, OutboxReason.NEEDS_REAUTH, None, now_ms=asked.now_ms)
    outbox_turns.leave(held)
    assert (outbox_turns.due_in_ms(now_ms=asked.now_ms), states(mail)) == (None, ["waiting"])
    assert outbox.get(ani.access, mail.id).not_before_ms is None
    grant = a_grant("sub-of-mailbox@gmail.test", "mailbox@gmail.test")
    connect(ani.user_id, ani.location_id, grant, now_ms=asked.now_ms, update=place_id)
    assert asked.next(asked.held(mail)) is not None


def test_what_its_user_took_back_is_not_begun(ani, asked):
    mail = asked.post(ani.location_id, ani.user_id)
    held = asked.later().held(mail)
    work = asked.next(held)
    outbox.cancel(ani.access, mail.id, now_ms=asked.now_ms)
    with pytest.raises(DeliveryChanged):
        outbox_work.begin(held, work.delivery_id, history_id=None, now_ms=asked.now_ms)
    assert states(mail) == ["cancelled"]


def test_what_is_begun_is_not_taken_back(ani, asked):
    mail = asked.post(ani.location_id, ani.user_id)
    asked.begin(asked.later().held(mail))
    with pytest.raises(Conflict, match="sending"):
        outbox.cancel(ani.access, mail.id, now_ms=asked.now_ms)


@pytest.mark.parametrize("end", ["disconnect", "another account", "leaving the location"])
def test_what_waits_for_what_has_ended_fails_with_its_text_kept(store, ani, asked, place_id, end):
    """E8, A3, G4; what is under way goes on."""
    admin = store.user("bagus@firma.example", ani.location_id, Role.ADMIN)
    under_way, waiting = (asked.post(ani.location_id, ani.user_id) for _ in range(2))
    held = asked.later().held(under_way)
    work = asked.begin(held)
    now_ms = asked.now_ms
    if end == "disconnect":
        connections.disconnect(ani.access, place_id, SEALER, now_ms=now_ms)
    elif end == "another account":
        connect(ani.user_id, ani.location_id, a_grant("new", "new@gmail.test"), now_ms=now_ms, update=place_id)
    else:
        members.remove(admin.access, ani.location_id, ani.user_id, now_ms=now_ms)
    assert states(under_way, waiting) == ["sending", "failed"]
    told = outbox.get(Access(ani.user_id, {ani.location_id: Role.USER}), waiting.id)
    reasons = {"disconnect": "disconnected", "another account": "account_replaced"}
    assert (told.reason, told.text) == (reasons.get(end, "left_location"), "Halo")
    outbox_work.failed(held, work.delivery_id, OutboxReason.REFUSED, now_ms=now_ms)


def test_nobody_looks_any_more_through_an_account_that_is_gone(ani, asked, place_id):
    mail = asked.unknown(ani.location_id, ani.user_id)
    connections.disconnect(ani.access, place_id, SEALER, now_ms=asked.now_ms)
    told = outbox.get(ani.access, mail.id)
    assert (told.state, told.reason, told.not_before_ms) == (OutboxState.UNKNOWN, "disconnected", None)


def test_a_lane_that_nobody_would_look_at_is_found(ani, asked):
    mail = asked.post(ani.location_id, ani.user_id)
    lane_id = asked.lane_of(mail)
    OutboxLane.update(next_run_at_ms=None).execute()
    assert outbox_turns.find_forgotten(after=0) == lane_id
    assert outbox_turns.due_in_ms(now_ms=asked.now_ms) == 10_000
    assert outbox_turns.find_forgotten(after=lane_id) is None


def test_bulk_is_a_message_to_each_and_counts_what_became_of_them(store, ani, asked):
    """E2: each is recorded with its own recipient, who sees nobody else."""
    to = ("citra@customer.test", "dewi@customer.test", "eka@customer.test")
    with_provider(ani.location_id)
    mail = asked.post(ani.location_id, ani.user_id, *to, kind=EmailKind.BULK)
    held = asked.held(mail)
    texts = []
    for _ in to[:2]:
        texts.append(outbox_work.message(asked.next(held), asked.blobs))
        asked.relay(held)
    last = asked.begin(held)
    outbox_work.failed(held, last.delivery_id, OutboxReason.RECIPIENTS_REFUSED, now_ms=asked.now_ms, detail="550 no")
    assert [[one for one in to if one.encode() in text] for text in texts] == [[to[0]], [to[1]]]
    told = outbox.get(ani.access, mail.id)
    assert (told.state, told.reason) == (OutboxState.FAILED, "recipients_refused")
    assert (told.counts[OutboxState.SENT], told.counts[OutboxState.FAILED]) == (2, 1)
    entries = store.entries(ani)
    assert [entry.message.to[0].address for entry in entries] == list(to[:2])
    assert {(entry.rule, *entry.paths, entry.email_id) for entry in entries} == {(Rule.E9, "crm", mail.id)}
    assert len(store.conversations(ani)) == 2
