"""Many mailboxes, several workers, pushes and "sync now" at the same time: each message once, and the counts are right."""

import secrets
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from random import Random
from typing import Any

import pytest
from conditions import until
from followed_mailbox import Followed
from gmail_traffic import GmailTraffic
from sync_workers import connect_all, workers
from true_counts import assert_counts_are_true

from crm_store import connection_work, connections, mailbox_ledger, mailboxes, push_notices
from crm_store.clock import now_ms
from crm_store.database.engine import database
from crm_store.database.session import connected, writing
from crm_store.errors import StoreUnavailable
from crm_store.mailbox_ledger import PageOfMessages
from crm_store.mailboxes import Held
from crm_store.models.connections import Connection
from crm_store.models.mailboxes import Mailbox
from crm_store.rules.connection import padded_cursor
from syncer.composition import engine_of
from syncer.history import look, run

# Of what is the same on both databases: the soak has it on both.
on_sqlite = pytest.mark.parametrize("followed_settings", ["sqlite"], indirect=True, scope="module")


@pytest.fixture
def colleagues(followed: Callable[..., Followed]) -> list[Followed]:
    first = followed("ani")
    return [first, *(followed("bagus", first.location_id) for _ in range(2))]


def nobody_looks_by_itself(many: list[Followed]) -> None:
    """The others of the module are not to be polled meanwhile."""
    Connection.update(state="disconnected").where(Connection.id.not_in([one.row.id for one in many])).execute()


@on_sqlite
def test_after_whatever_happens_the_ledger_is_the_mailboxes_own_list(colleagues: list[Followed]):
    """B16: arrived, sent, labelled, in and out of spam and trash, deleted, history lost; then a whole comparison finds
    nothing."""
    connect_all(colleagues)
    traffic = GmailTraffic(colleagues, Random(7))
    for _ in range(2):
        traffic.go_on(15)
        follow(colleagues)
    told = traffic.tally()
    assert told.nothing_wrong, told
    assert told.sent > 5
    traffic.assert_ledgers_are_the_mailboxes()
    seen = traffic.want_a_whole_comparison()
    follow(colleagues)
    assert traffic.is_compared()
    assert traffic.tally().seen == seen
    assert_counts_are_true()


def test_two_services_pushes_and_sync_now_at_once_record_each_once(colleagues: list[Followed]):
    connect_all(colleagues)
    nobody_looks_by_itself(colleagues)
    traffic = GmailTraffic(colleagues, Random(8))
    settings = colleagues[0].settings
    engines = [engine_of(settings, role=f"service {number}") for number in range(2)]
    over = threading.Event()

    def pushes() -> None:
        """Each time all of them, and of a history id that is not there yet."""
        with connected():
            while not over.wait(0.01):
                for one in colleagues:
                    push_notices.note(one.email, padded_cursor(2**62), now_ms=now_ms())
                    connections.want_sync(one.access, one.place_id, now_ms=now_ms())

    pushing = threading.Thread(target=pushes)
    with workers(engines * 2):
        pushing.start()
        try:
            traffic.go_on(15)
            until(lambda: traffic.tally().nothing_wrong, 60)
        finally:
            over.set()
            pushing.join()
    told = traffic.tally()
    assert told.nothing_wrong, told
    traffic.assert_ledgers_are_the_mailboxes()
    assert_counts_are_true()


@pytest.mark.parametrize("followed_settings", ["postgresql"], indirect=True, scope="module")
def test_a_wish_that_is_taken_during_a_run_does_not_lock_the_other_way_round(ani_followed: Followed):
    """The run has the connection and wants the mailbox: whoever takes a wish is not to have the mailbox by then."""
    held = threading.Event()
    mailbox = ani_followed.mailbox

    def take() -> int:
        with connected():
            held.wait(30)
            return mailboxes.take_wishes(now_ms=now_ms())

    connections.want_sync(ani_followed.access, ani_followed.place_id, now_ms=now_ms())
    with ThreadPoolExecutor(1) as pool:
        taken = pool.submit(take)
        with writing():
            assert connection_work.is_current(ani_followed.row.id, ani_followed.row.epoch)
            held.set()
            until(lambda: database.obj.execute_sql("SELECT 1 FROM pg_locks WHERE NOT granted").fetchone())
            Mailbox.update(attempts=0).where(Mailbox.id == mailbox.id).execute()
        assert taken.result(30) == 1


@on_sqlite
def test_the_tally_sees_what_is_lost(colleagues: list[Followed], monkeypatch: pytest.MonkeyPatch):
    """The control: a syncer whose cursor goes before its ledger, which dies in between, and nobody compares."""
    connect_all(colleagues)
    traffic = GmailTraffic(colleagues, Random(9))
    noted = mailbox_ledger.note

    def forgetful(held: Held, _: PageOfMessages, **more: Any) -> int:
        return noted(held, PageOfMessages(), **more)

    with monkeypatch.context() as broken:
        broken.setattr(mailbox_ledger, "note", forgetful)
        broken.setattr(run, "compare", lambda *_: False)
        while not traffic.tally().sent:
            traffic.arrives()
        follow(colleagues)
        told = traffic.tally()
        assert (told.recorded, len(told.lost), len(told.unseen)) == (0, told.sent, len(traffic.copies))
    traffic.want_a_whole_comparison()
    follow(colleagues)
    assert traffic.tally().nothing_wrong  # B16 mends it


@on_sqlite
def test_the_tally_sees_what_is_doubled(colleagues: list[Followed], monkeypatch: pytest.MonkeyPatch):
    """The control: a syncer that takes each copy for a message of its own."""
    connect_all(colleagues)
    traffic = GmailTraffic(colleagues, Random(10))
    mail_of = look.LookAt._mail
    monkeypatch.setattr(
        look.LookAt, "_mail", lambda self, one, raw: mail_of(self, one, raw.replace(b"-ID: <", b"-ID: <" + token()))
    )
    while not traffic.tally().sent:
        traffic.arrives_at_two()
    follow(colleagues)
    told = traffic.tally()
    assert (len(told.lost), len(told.doubled)) == (0, told.sent)


@on_sqlite
def test_a_store_that_is_away_for_a_moment_keeps_no_mailbox(
    colleagues: list[Followed], monkeypatch: pytest.MonkeyPatch
):
    """Its lease would last for minutes."""
    ani = colleagues[0]
    ani.connect()

    def away(*_: object, **__: object) -> None:
        raise StoreUnavailable("the database does not write")

    with monkeypatch.context() as broken:
        broken.setattr(mailboxes, "finish", away)
        with pytest.raises(StoreUnavailable):
            ani.run_once()
    assert ani.run_once()


def token() -> bytes:
    return secrets.token_hex(8).encode()


def follow(many: list[Followed]) -> None:
    for one in many:
        one.later(1)
        one.sync()
