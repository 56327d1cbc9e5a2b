"""Gmail's watch, and looking again for what a push told: the real engine against the sandbox."""

from dataclasses import replace

import pytest
from connected_account import SEALER
from followed_mailbox import Followed

from crm_store import connections, push_notices
from crm_store.models.pushes import MailboxWatch
from syncer.dispatcher import Dispatcher
from syncer.history.run import run
from syncer.sandbox.mailbox import accounts

WATCH, STOP = "gmail.users.watch", "gmail.users.stop"
TOPIC, OTHERS_TOPIC = "projects/crm/topics/gmail", "projects/crm/topics/staging"
HOUR_S, DAY_S = 3_600, 86_400


def with_push(mailbox: Followed) -> Followed:
    told = {
        "google_pubsub_topic": TOPIC,
        "google_pubsub_account": "push@crm.iam.gserviceaccount.com",
        "sync_interval_s": 60,
    }
    mailbox.settings = mailbox.settings.model_copy(update=told)
    mailbox.engine = replace(mailbox.engine, settings=mailbox.settings)
    return mailbox


@pytest.fixture
def ani(followed) -> Followed:
    """Connected, and not synced."""
    mailbox = with_push(followed("ani"))
    mailbox.connect()
    mailbox.sandbox.forget_calls()
    return mailbox


def view(mailbox: Followed) -> connections.ConnectionView:
    return connections.get(mailbox.access, mailbox.place_id, now_ms=mailbox.now_ms())


def watched_by(mailbox: Followed) -> str | None:
    row = mailbox.sandbox.store.row("select topic from watches where account_id = ?", account_id(mailbox))
    return row and row["topic"]


def account_id(mailbox: Followed) -> int:
    return accounts.by_email(mailbox.sandbox.store, mailbox.email).id


def test_the_watch_is_begun_after_connecting_and_renewed_daily_and_after_each_sign_in(ani: Followed):
    """For all labels; its historyId is no cursor."""
    ani.sync()
    ani.sync()
    assert ani.sandbox.calls(WATCH, ani.email) == 1
    assert watched_by(ani) == TOPIC
    assert MailboxWatch.get(MailboxWatch.mailbox_id == ani.mailbox.id).until_ms > ani.now_ms() + 6 * DAY_S * 1000
    ani.later(DAY_S + 1)
    ani.sync()
    assert ani.sandbox.calls(WATCH, ani.email) == 2
    ani.connect(update=ani.place_id)
    ani.sync()
    assert ani.sandbox.calls(WATCH, ani.email) == 3


def test_mail_that_came_before_the_watch_is_not_skipped(ani: Followed):
    budi = ani.contact("budi")
    ani.deliver(budi, subject="sebelum")
    ani.sync()
    assert ani.subjects() == ["sebelum"]


def test_without_the_settings_nothing_is_watched(ani_followed: Followed):
    assert watched_by(ani_followed) is None


def test_where_another_program_has_the_watch_that_is_said_and_polling_goes_on(ani: Followed):
    until_ms = ani.now_ms() + 7 * DAY_S * 1000
    row = (account_id(ani), OTHERS_TOPIC, "[]", 0, until_ms, "")
    ani.sandbox.store.run("insert into watches values (?, ?, ?, ?, ?, ?)", *row)
    budi = ani.contact("budi")
    ani.deliver(budi, subject="tetap")
    ani.sync()
    assert (ani.subjects(), view(ani).state, view(ani).problem) == (["tetap"], "active", "no_push")
    ani.sync()
    assert ani.sandbox.calls(WATCH, ani.email) == 1
    assert watched_by(ani) == OTHERS_TOPIC
    ani.sandbox.store.run("delete from watches")
    ani.later(HOUR_S + 1)
    ani.sync()
    assert view(ani).problem is None


@pytest.mark.parametrize(
    ("fault", "problem"),
    [
        pytest.param({"status": 503}, None, id="Google does not answer"),
        pytest.param({"status": 429}, None, id="too much asked"),
        pytest.param({"status": 403, "reason": "forbidden"}, "no_push", id="Gmail may not publish to the topic"),
        pytest.param({"status": 404}, "no_push", id="there is no such topic"),
    ],
)
def test_a_watch_that_fails_holds_up_nothing_and_is_tried_in_an_hour(ani: Followed, fault, problem):
    ani.sandbox.fault(WATCH, account=ani.email, **fault)
    ani.deliver(ani.contact("budi"), subject="tetap")
    ani.sync()
    assert (ani.subjects(), view(ani).state, view(ani).problem) == (["tetap"], "active", problem)
    ani.sandbox.as_ever()
    ani.sync()
    assert watched_by(ani) is None
    ani.later(HOUR_S + 1)
    ani.sync()
    assert watched_by(ani) == TOPIC


def test_the_watch_ends_with_the_last_connection_of_the_mailbox(ani: Followed):
    """A4. `stop` ends the mailbox's one watch, so whoever connected it again in the meantime keeps theirs."""
    dispatcher = Dispatcher(ani.engine, ring=lambda _: None, free_places=lambda: 0)
    ani.sync()
    connections.disconnect(ani.access, ani.place_id, SEALER, now_ms=ani.now_ms())
    ani.connect()
    dispatcher.round()
    assert watched_by(ani) == TOPIC
    connections.disconnect(ani.access, ani.place_id, SEALER, now_ms=ani.now_ms())
    dispatcher.round()
    Dispatcher(ani.engine, ring=lambda _: None, free_places=lambda: 0).round()
    assert watched_by(ani) is None


def test_a_push_that_comes_before_history_tells_is_looked_for_again_and_not_for_ever(ani: Followed):
    """Empty: again after some seconds (facts/gmail.md 1.1). Nothing of the whole list is compared for it."""
    ani.sync()
    budi = ani.contact("budi")
    ani.sandbox.behave(history_lag_ms=600_000)
    ani.deliver(budi, subject="terlambat")
    pushed(ani)
    ani.sandbox.forget_calls()
    waits_ms = [look(ani) for _ in range(8)]
    assert waits_ms[0] < 3_000
    assert sorted(waits_ms[:4]) == waits_ms[:4]
    assert waits_ms[-1] > 50_000, "from then on it is polled for"
    assert ani.sandbox.calls("gmail.users.messages.list", ani.email) == 0
    ani.sandbox.behave(history_lag_ms=0)
    pushed(ani)
    look(ani)
    assert ani.subjects() == ["terlambat"]


def test_a_push_that_tells_nothing_new_is_inspected_all_the_same(ani: Followed):
    """Mail to oneself can come under a history id that was told already (facts/gmail.md 1.1)."""
    ani.sync()
    pushed(ani)
    assert look(ani) < 3_000


def test_what_a_push_told_and_history_tells_is_looked_for_once(ani: Followed):
    ani.sync()
    ani.deliver(ani.contact("budi"), subject="tepat")
    pushed(ani)
    assert look(ani) > 50_000
    assert ani.subjects() == ["tepat"]


def test_a_push_reaches_an_account_that_was_renamed_under_its_new_address(ani: Followed):
    ani.sync()
    renamed = ani.sandbox.new_email("ani.baru")
    ani.sandbox.ask("POST", f"/accounts/{ani.email}/rename", {"email": renamed})
    ani.sync()
    old, ani.email = ani.email, renamed
    told = [push_notices.note(email, "9".zfill(20), now_ms=ani.now_ms()) for email in (old, renamed)]
    assert told == [0, 1]


def pushed(mailbox: Followed) -> None:
    history_id = mailbox._account()["history_id"].zfill(20)
    push_notices.note(mailbox.email, history_id, now_ms=mailbox.now_ms())


def look(mailbox: Followed) -> int:
    """Let time go by until it is due, and look. In how many ms it is to be looked at next."""
    from crm_store import mailboxes

    mailbox.later(max(0, (mailbox.mailbox.next_run_at_ms - mailbox.now_ms()) / 1000 + 0.001))
    (ring,) = [one for one in mailboxes.hand_out(50, now_ms=mailbox.now_ms()) if one.mailbox_id == mailbox.mailbox.id]
    assert run(mailbox.engine, ring)
    return mailbox.mailbox.next_run_at_ms - mailbox.now_ms()
