"""Backfill on request (A6): the real engine, over HTTP, against the sandbox."""

from collections.abc import Callable

import pytest
from followed_mailbox import Followed
from mails import a_mail

from crm_store import connections, mailbox_backfill
from crm_store.connections import BackfillView, ConnectionView
from crm_store.models.mailboxes import GmailMessage
from crm_store.models.messages import Entry
from syncer.gmail import quota
from syncer.history import backfill
from syncer.history.run import run

GET, LIST = "gmail.users.messages.get", "gmail.users.messages.list"
DAY_MS = 86_400_000
MOST_RUNS = 60


@pytest.fixture
def ani(followed: Callable[..., Followed]) -> Followed:
    """With a contact who wrote yesterday, ten and a hundred days ago; connected after that, and synced."""
    mailbox = followed("ani")
    mailbox.budi = mailbox.contact("budi")  # type: ignore[attr-defined]
    for days in (100, 10, 1):
        old(mailbox, days, f"hari {days}")
    mailbox.connect()
    mailbox.sync()
    return mailbox


def old(mailbox: Followed, days: int, subject: str, author: str | None = None) -> str:
    raw = a_mail(author or mailbox.budi, to=mailbox.email, subject=subject)
    at_ms = mailbox.now_ms() - days * DAY_MS
    return str(mailbox.sandbox.deliver(mailbox.email, raw, internal_date_ms=at_ms)["id"])


def ask(mailbox: Followed, days: int) -> None:
    connections.want_backfill(mailbox.access, mailbox.place_id, days, now_ms=mailbox.now_ms())


def stop(mailbox: Followed) -> None:
    connections.stop_backfill(mailbox.access, mailbox.place_id, now_ms=mailbox.now_ms())


def view(mailbox: Followed) -> ConnectionView:
    return connections.get(mailbox.access, mailbox.place_id, now_ms=mailbox.now_ms())


def until_done(mailbox: Followed) -> None:
    for _ in range(MOST_RUNS):
        mailbox.run_once()
        shown = view(mailbox).backfill
        if shown is not None and shown.state == "done":
            return
        mailbox.later(1)
    raise AssertionError(f"it never ends: {view(mailbox).backfill}")


def test_mail_of_the_days_asked_for_is_recorded_and_nothing_older(ani: Followed):
    """With its own date, the newest first; and none of it before somebody asks."""
    assert ani.subjects() == []
    ask(ani, 30)
    assert view(ani).backfill == BackfillView("waiting", 0, None)
    until_done(ani)
    assert ani.subjects() == ["hari 1", "hari 10"]
    rows = Entry.select().where(Entry.location_id == ani.location_id).order_by(Entry.id)
    assert [round((ani.now_ms() - row.at_ms) / DAY_MS) for row in rows] == [1, 10]
    assert ani.told() == (2, 2, 0, 0, 0)
    assert (view(ani).state, view(ani).backfill) == ("active", BackfillView("done", 2, 2))


def test_its_progress_shows_and_live_mail_goes_first(ani: Followed, monkeypatch):
    """One look a run: what comes meanwhile is recorded in the very next run."""
    monkeypatch.setattr(backfill, "SLICE_MESSAGES", 1)
    ask(ani, 365)
    ani.run_once()
    assert (view(ani).state, view(ani).backfill) == ("importing", BackfillView("running", 0, 3))
    ani.run_once()
    assert view(ani).backfill == BackfillView("running", 1, 3)
    ani.deliver(ani.budi, subject="baru")
    ani.run_once()
    assert ani.subjects() == ["hari 1", "baru", "hari 10"]
    assert ani.row.last_synced_at_ms is not None
    until_done(ani)
    assert ani.subjects() == ["hari 1", "baru", "hari 10", "hari 100"]
    assert ani.told() == (4, 4, 0, 0, 0)


def test_it_leaves_live_mail_its_part_of_the_quota(ani: Followed, monkeypatch):
    monkeypatch.setattr(quota, "BACKFILL_UNITS", 0)
    ask(ani, 365)
    ani.deliver(ani.budi, subject="baru")
    ani.run_once()
    ani.run_once()
    assert ani.subjects() == ["baru"]
    assert ani.mailbox.next_run_at_ms > ani.now_ms()
    monkeypatch.undo()
    until_done(ani)
    assert len(ani.subjects()) == 4


def test_what_is_there_already_is_not_doubled_and_not_asked_for_again(ani: Followed):
    """Asked for twice, and for more the second time: what was recorded costs nothing."""
    ani.deliver(ani.budi, subject="baru")
    ani.sync()
    ask(ani, 30)
    until_done(ani)
    ani.sandbox.forget_calls()
    ask(ani, 365)
    until_done(ani)
    assert ani.subjects() == ["baru", "hari 1", "hari 10", "hari 100"]
    assert ani.sandbox.calls(GET, ani.email) <= 2
    assert view(ani).backfill == BackfillView("done", 1, 1)


def test_a_page_that_google_knows_no_more_begins_the_list_anew(ani: Followed, monkeypatch):
    monkeypatch.setattr("syncer.gmail.client.LIST_PAGE", 2)
    ask(ani, 365)
    ani.run_once()
    assert ani.mailbox.backfill_page
    assert view(ani).backfill == BackfillView("running", 0, None)
    row = ani.mailbox
    row.backfill_page = "forgotten"
    row.save()
    until_done(ani)
    assert ani.subjects() == ["hari 1", "hari 10", "hari 100"]
    assert view(ani).backfill == BackfillView("done", 3, 3)


def test_google_that_is_ill_puts_it_off_and_not_the_live_mail(ani: Followed):
    ask(ani, 365)
    ani.sandbox.fault(LIST, account=ani.email, status=503, times=0)
    ani.deliver(ani.budi, subject="baru")
    ring = ani.ring()
    row = ani.mailbox
    row.wanted_at_ms = 0  # polled, so that nothing is compared
    row.save()
    assert run(ani.engine, ring)
    assert ani.subjects() == ["baru"]
    ani.sandbox.as_ever()
    until_done(ani)
    assert ani.told() == (4, 4, 0, 0, 0)


def test_a_pause_and_a_new_sign_in_only_interrupt_it(ani: Followed, monkeypatch):
    monkeypatch.setattr(backfill, "SLICE_MESSAGES", 1)
    ask(ani, 365)
    ani.run_once()
    ani.sandbox.fault(GET, account=ani.email, status=429, reason="rateLimitExceeded")
    assert not ani.run_once()
    assert view(ani).state == "paused"
    ani.later(3600)
    ani.sandbox.fault(GET, account=ani.email, status=401, reason="authError", times=0)
    ani.sandbox.fault("oauth.token", status=400, times=0, body={"error": "invalid_grant"})
    assert not ani.run_once()
    assert view(ani).state == "needs_reauth"
    ani.sandbox.as_ever()
    ani.connect(update=ani.place_id)
    ani.run_once()
    assert view(ani).state == "importing"
    until_done(ani)
    assert sorted(ani.subjects()) == ["hari 1", "hari 10", "hari 100"]
    assert view(ani).state == "active"


def test_disconnecting_ends_it(ani: Followed, monkeypatch):
    """A4."""
    monkeypatch.setattr(backfill, "SLICE_MESSAGES", 1)
    ask(ani, 365)
    ani.run_once()
    ani.run_once()
    connections.disconnect(ani.access, ani.place_id, ani.engine.sealer, now_ms=ani.now_ms())
    assert not ani.run_once()
    ani.connect()
    ani.sync()
    assert ani.subjects() == ["hari 1"]
    assert view(ani).backfill is None


def test_one_that_is_stopped_keeps_what_is_done_and_can_be_asked_for_again(ani: Followed, monkeypatch):
    monkeypatch.setattr(backfill, "SLICE_MESSAGES", 1)
    ask(ani, 365)
    ani.run_once()
    ani.run_once()
    stop(ani)
    assert view(ani).backfill == BackfillView("stopping", 1, 3)
    ani.sandbox.forget_calls()
    ani.deliver(ani.budi, subject="baru")
    ani.run_once()
    assert (view(ani).state, view(ani).backfill) == ("active", BackfillView("done", 1, 1))
    assert ani.sandbox.calls(GET, ani.email) <= 2, "of the mail that came alone"
    ani.sync()
    assert ani.subjects() == ["hari 1", "baru"]
    assert ani.told() == (2, 2, 0, 0, 0)
    ask(ani, 365)
    until_done(ani)
    assert ani.subjects() == ["hari 1", "baru", "hari 10", "hari 100"]
    assert ani.told() == (4, 4, 0, 0, 0)


def test_one_that_was_stopped_before_it_began_never_begins(ani: Followed):
    ask(ani, 365)
    stop(ani)
    ani.run_once()
    assert (view(ani).backfill, ani.row.backfill_days, ani.subjects()) == (None, None, [])
    stop(ani)
    ani.run_once()
    assert (view(ani).state, view(ani).backfill, ani.row.backfill_days) == ("active", None, None)


def test_one_that_is_stopped_while_it_lists_lists_no_more(ani: Followed, monkeypatch):
    monkeypatch.setattr("syncer.gmail.client.LIST_PAGE", 2)
    monkeypatch.setattr(mailbox_backfill, "STOPPED_AT_ONCE", 1)
    ask(ani, 365)
    ani.run_once()
    assert ani.mailbox.backfill_page
    stop(ani)
    ani.run_once()
    assert view(ani).backfill == BackfillView("stopping", 0, 1)
    until_done(ani)
    assert (ani.subjects(), ani.told()) == ([], (0, 0, 0, 0, 0))


def test_what_is_no_mail_or_of_nobody_or_gone_is_counted_as_done(ani: Followed, monkeypatch):
    monkeypatch.setattr(backfill, "SLICE_MESSAGES", 0)
    old(ani, 2, "asing", author="eko@asing.example")
    ani.sync()
    before = GmailMessage.select().where(GmailMessage.mailbox_id == ani.mailbox.id, GmailMessage.state == "before")
    gone = before.order_by(GmailMessage.id).first().gmail_id
    ask(ani, 365)
    ani.run_once()
    ani.sandbox.ask("DELETE", f"/accounts/{ani.email}/messages/{gone}")
    ani.run_once()
    assert view(ani).backfill == BackfillView("running", 1, 3)
    monkeypatch.undo()
    until_done(ani)
    assert ani.told() == (4, 2, 2, 0, 0)


def test_what_the_account_sent_in_a_day_is_counted(ani: Followed):
    """E3: by its own copies, also of what nobody records."""
    for to in (ani.budi, "eko@asing.example"):
        ani.sandbox.send(ani.email, a_mail(ani.email, to=to))
    ani.sync()
    assert view(ani).sent_24h == 2
    ani.later(86_460)
    assert view(ani).sent_24h == 0
