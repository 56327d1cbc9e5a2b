"""Two workers on one outbox, and the sync beside them: on both databases."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from at_once import at_once
from outgoing import Outgoing, subjects

from crm_store import outbox_turns
from crm_store.models.outbox import OutboxLane
from crm_store.outbox_turns import LaneRing
from crm_store.rules.states import Path
from syncer.sending import lane
from syncer.sending.dispatcher import OutboxDispatcher

MAILS = 4


@pytest.fixture
def mails(ani: Outgoing) -> list[int]:
    ani.sandbox.add_account("semua@penerima.test") if not _is_there(ani) else None
    return [ani.post("semua@penerima.test", subject=f"{ani.mailbox.email} {number}") for number in range(MAILS)]


def _is_there(ani: Outgoing) -> bool:
    return any(one["email"] == "semua@penerima.test" for one in ani.sandbox.ask("GET", "/accounts"))


def is_once_everywhere(ani: Outgoing) -> bool:
    expected = [f"{ani.mailbox.email} {number}" for number in range(MAILS)]
    received = [one for one in subjects(ani.mailbox, "semua@penerima.test") if one.startswith(ani.mailbox.email)]
    assert ani.in_sent() == received == expected
    assert ani.mailbox.subjects() == expected
    assert {tuple(entry.paths) for entry in ani.mailbox.entries()} == {(Path.GMAIL, Path.CRM)}
    assert ani.mailbox.told() == (MAILS, MAILS, 0, 0, 0)
    return True


def test_two_workers_send_each_mail_once(ani: Outgoing, mails):
    """Each rings for itself; one gets the lane, and in the end all is sent."""
    rings = [ring for _ in range(3) for ring in outbox_turns.hand_out(5, now_ms=ani.mailbox.now_ms())]
    assert len(rings) == 1, "a lane that is handed out is handed out once"
    at_once(*[lambda: lane.run(ani.mailbox.engine, rings[0])] * 2, ani.run)
    ani.run_until_over(*mails)
    ani.mailbox.sync()
    assert is_once_everywhere(ani)


def test_the_sync_files_what_it_sees_while_others_are_being_sent(ani: Outgoing, mails):
    """Whoever is first: one message, one entry, both paths, and the counts add up."""
    at_once(ani.run, lambda: [ani.mailbox.run_once() for _ in range(6)])
    ani.run_until_over(*mails)
    ani.mailbox.sync()
    assert is_once_everywhere(ani)


def test_a_lane_is_handed_out_once_if_there_is_room(ani: Outgoing, mails):
    rings: list[LaneRing] = []
    engine = ani.mailbox.engine
    OutboxDispatcher(engine, rings.append, lambda: 0).round()
    assert rings == []
    free = OutboxDispatcher(engine, rings.append, lambda: 2)
    free.round()
    free.round()
    assert [ring.lane_id for ring in rings] == [ani.lane.id]
    assert lane.run(engine, rings[0])
    assert not lane.run(engine, rings[0]), "a task that comes twice does nothing"
    assert set(ani.told(*mails)) == {"sent"}


def test_a_lane_that_nobody_would_look_at_is_found(outgoing: Callable[..., Outgoing]):
    ani = outgoing("ani")
    mail = ani.post("semua@penerima.test")
    OutboxLane.update(next_run_at_ms=None).execute()
    rings: list[LaneRing] = []
    dispatcher = OutboxDispatcher(ani.mailbox.engine, rings.append, lambda: 5)
    dispatcher.round()
    assert [ring.lane_id for ring in rings] == [ani.lane.id]
    assert ani.told(mail) == ["waiting"]


def test_a_worker_that_is_to_stop_ends_after_the_mail_that_it_is_at(ani: Outgoing, mails):
    """SIGTERM: the rest stays in its rows, and is due at once for whoever comes next."""
    told = iter([False, True])
    ani.mailbox.engine = replace(ani.mailbox.engine, stopping=lambda: next(told, True))
    ani.run()
    assert ani.told(*mails) == ["sent", "waiting", "waiting", "waiting"]
    assert ani.lane.next_run_at_ms <= ani.mailbox.now_ms()
    assert ani.lane.lease_holder is None


def test_a_run_that_lost_its_lane_sends_nothing_more(ani: Outgoing, mails):
    """It stood still for longer than its lease, and another one has looked and begun meanwhile."""
    opened = ani.mailbox.engine.open_remote

    class Slow:
        """Stands still between the commit of what it begins and the sending of it."""

        def __init__(self, remote) -> None:
            self._remote = remote

        def __getattr__(self, name):
            return getattr(self._remote, name)

        def send(self, raw, thread_id, going_on):
            ani.mailbox.engine = replace(ani.mailbox.engine, open_remote=opened)
            ani.mailbox.later(outbox_turns.LEASE_MS / 1000 + 1)
            ani.run_until_over(*mails)
            return self._remote.send(raw, thread_id, going_on)

    slow = replace(ani.mailbox.engine, open_remote=lambda access: Slow(opened(access)))
    assert not lane.run(slow, outbox_turns.ring_for(ani.lane.id, now_ms=ani.mailbox.now_ms()))
    ani.mailbox.sync()
    assert sorted(ani.in_sent()) == sorted(f"{ani.mailbox.email} {number}" for number in range(MAILS))
    assert set(ani.told(*mails)) == {"sent"}
