"""What the dispatcher does beside handing out mailboxes: wishes, replaced accounts, tokens that Google is to forget."""

from collections.abc import Callable

from followed_mailbox import Followed

from crm_store import connections, revocations
from crm_store.mailboxes import Ring
from crm_store.models.connections import Connection, Revocation
from syncer.dispatcher import LOOK_EVERY_S, SOONEST_S, Dispatcher
from syncer.history.run import run


def test_a_wish_is_handed_out_in_the_next_round_if_there_is_room(followed: Callable[..., Followed]):
    ani = followed("ani")
    ani.connect()
    rung: list[Ring] = []
    full = Dispatcher(ani.engine, rung.append, lambda: 0)
    assert full.round() == SOONEST_S
    assert rung == []
    free = Dispatcher(ani.engine, rung.append, lambda: 100)
    assert free.round() <= LOOK_EVERY_S
    mine = [ring for ring in rung if ring.mailbox_id == ani.mailbox.id]
    assert len(mine) == 1
    assert run(ani.engine, mine[0])

    connections.want_sync(ani.access, ani.place_id, now_ms=ani.now_ms())
    rung.clear()
    free.round()
    assert ani.mailbox.id in [ring.mailbox_id for ring in rung]


def test_google_is_told_of_tokens_that_have_ended(followed: Callable[..., Followed]):
    """A4: what could not be told at Disconnect, as Google was away."""
    ani = followed("ani")
    ani.connect()
    ani.sync()
    connections.disconnect(ani.access, ani.place_id, ani.engine.sealer, now_ms=ani.now_ms())
    revocation = Revocation.get(Revocation.google_sub == ani.sub)
    ani.later(3600)
    Dispatcher(ani.engine, lambda _: None, lambda: 0).round()
    assert revocation.id not in revocations.due(now_ms=ani.now_ms() + 10**9, limit=1000)
    assert ani.sandbox.calls("oauth.revoke") >= 1


def test_a_replaced_account_whose_last_sync_never_ended_is_ended(followed: Callable[..., Followed]):
    """A3."""
    ani = followed("ani")
    ani.connect()
    old = ani.row.id
    ani.email = ani.sandbox.new_email("ani2")
    ani.sub = ani.sandbox.add_account(ani.email)["sub"]
    ani.connect(update=ani.place_id)
    assert Connection.get_by_id(old).state == "replaced"
    ani.later(2 * 86_400)
    Dispatcher(ani.engine, lambda _: None, lambda: 0).round()
    assert Connection.get_by_id(old).state == "disconnected"
