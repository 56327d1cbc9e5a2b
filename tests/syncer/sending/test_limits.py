"""When mail may not go just now: it waits, in order, and its row says until when (E3, A5, E8)."""

import pytest
from mails import a_mail
from outgoing import Outgoing

from crm_store import connections
from crm_store.models.connections import Connection

SEND, TOKEN = "gmail.users.messages.send", "oauth.token"
DAY_S = 86_400

pytestmark = pytest.mark.parametrize("followed_settings", ["sqlite"], indirect=True, scope="module")


def post_three(ani: Outgoing) -> list[int]:
    return [ani.post("budi@luar.example", subject=subject) for subject in ("satu", "dua", "tiga")]


def limit(ani: Outgoing, mails: int) -> None:
    Connection.update(daily_limit=mails).where(Connection.id == ani.mailbox.row.id).execute()


def test_at_the_limit_mail_waits_in_order_until_the_window_opens(ani: Outgoing):
    """E3: what its user sent in Gmail itself counts, and nothing counts twice when the sync has seen it."""
    limit(ani, 2)
    ani.sandbox.send(ani.mailbox.email, a_mail(ani.mailbox.email, subject="dari Gmail"))
    ani.mailbox.sync()
    ani.mailbox.later(3600)
    ani.sandbox.behave(clock_skew_ms=ani.mailbox.ahead_ms)
    mails = post_three(ani)
    for _ in range(2):
        ani.run()
        ani.mailbox.sync()
        assert ani.told(*mails) == ["sent", "waiting", "waiting"]
        assert sent_24h(ani) == 2
    assert ani.lane.reason == "daily_limit"
    room_in_s = (ani.lane.paused_until_ms - ani.mailbox.now_ms()) / 1000
    assert DAY_S - 3660 < room_in_s < DAY_S - 3600

    ani.mailbox.later(room_in_s - 1)
    ani.run()
    assert ani.told(*mails) == ["sent", "waiting", "waiting"]
    ani.mailbox.later(2)
    ani.run()
    assert ani.in_sent() == ["dari Gmail", "satu", "dua"]
    ani.mailbox.later(3600)
    ani.run()
    assert ani.in_sent() == ["dari Gmail", "satu", "dua", "tiga"]


def test_the_limit_counts_what_was_begun_and_is_not_in_the_ledger(ani: Outgoing):
    limit(ani, 3)
    mails = [*post_three(ani), ani.post("budi@luar.example", subject="empat")]
    ani.run()
    assert ani.told(*mails) == ["sent", "sent", "sent", "waiting"]
    assert sent_24h(ani) == 3


def test_a_higher_limit_lets_mail_go_at_once(ani: Outgoing):
    limit(ani, 1)
    mails = post_three(ani)
    ani.run()
    assert ani.told(*mails) == ["sent", "waiting", "waiting"]
    changes = {"daily_limit": 2}
    connections.change(ani.mailbox.access, ani.mailbox.place_id, changes, now_ms=ani.mailbox.now_ms())
    assert ani.lane.next_run_at_ms <= ani.mailbox.now_ms()
    ani.run()
    assert ani.told(*mails) == ["sent", "sent", "waiting"]


def sent_24h(ani: Outgoing) -> int:
    return connections.get(ani.mailbox.access, ani.mailbox.place_id, now_ms=ani.mailbox.now_ms()).sent_24h


def test_googles_own_limit_fails_nothing_and_keeps_the_order(ani: Outgoing):
    mails = post_three(ani)
    ani.sandbox.limit(user_sends_per_day=1)
    ani.run()
    assert ani.told(*mails) == ["sent", "waiting", "waiting"]
    assert ani.lane.reason == "sending_limit"
    assert ani.lane.paused_until_ms > ani.mailbox.now_ms() + 3_000_000
    ani.sandbox.limit(user_sends_per_day=2000)
    ani.run()
    assert ani.told(*mails) == ["sent", "waiting", "waiting"]
    ani.mailbox.later(DAY_S)
    ani.run()
    assert ani.in_sent() == ["satu", "dua", "tiga"]


@pytest.mark.parametrize(
    ("fault", "reason", "detail"),
    [
        ({"status": 400, "message": "Invalid To header"}, "refused", "Invalid To header"),
        ({"status": 413, "message": "Media size exceeds the limit."}, "too_large", "Media size exceeds the limit."),
    ],
)
def test_what_google_refuses_fails_with_its_words_and_holds_nobody_up(ani: Outgoing, fault, reason, detail):
    mails = post_three(ani)
    ani.sandbox.fault(SEND, account=ani.mailbox.email, **fault)
    ani.run()
    assert ani.told(*mails) == ["failed", "sent", "sent"]
    row = ani.row(mails[0])
    assert (row.reason, row.detail) == (reason, detail)
    assert row.blob_sha256 is not None
