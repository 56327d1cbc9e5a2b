"""What a mailbox goes through when Google, the network or a mail is ill. Nothing is lost, and nobody is disconnected."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from followed_mailbox import Followed
from mails import a_mail

from crm_store import connections, mailbox_filing
from crm_store.models.mailboxes import GmailMessage
from crm_store.models.messages import Blob
from crm_store.sealing import Sealer
from syncer.gmail import translate
from syncer.history import look, run

GET, HISTORY, LIST = "gmail.users.messages.get", "gmail.users.history.list", "gmail.users.messages.list"
TOKEN = "oauth.token"

# What Google does is the same on both databases.
pytestmark = pytest.mark.parametrize("followed_settings", ["sqlite"], indirect=True, scope="module")


def run_until_synced(mailbox: Followed) -> None:
    """With time going by between runs, as long as some of them fail."""
    for _ in range(30):
        begun_at_ms = mailbox.now_ms()
        if mailbox.run_once() and (mailbox.row.last_synced_at_ms or 0) >= begun_at_ms:
            return
        mailbox.later(120)
    raise AssertionError("it never recovers")


@pytest.mark.parametrize(
    ("fault", "state", "problem"),
    [
        pytest.param({"method": HISTORY, "status": 503}, "active", None, id="503 on history"),
        pytest.param({"method": HISTORY, "drop": True, "times": 2}, "active", None, id="dropped connections"),
        pytest.param({"method": HISTORY, "status": 401, "reason": "authError", "times": 2}, "active", None, id="401"),
        pytest.param({"method": HISTORY, "status": 403, "reason": "whatever"}, "active", None, id="an odd 403"),
        pytest.param({"method": GET, "status": 503}, "active", None, id="503 on one get"),
        pytest.param(
            {"method": GET, "status": 429, "reason": "rateLimitExceeded"}, "paused", "rate_limited", id="429 on one get"
        ),
        pytest.param(
            {"method": GET, "status": 403, "reason": "userRateLimitExceeded"}, "paused", "rate_limited", id="quota 403"
        ),
        pytest.param(
            {"method": HISTORY, "status": 403, "reason": "dailyLimitExceeded"}, "paused", "project_limited", id="daily"
        ),
        pytest.param(
            {"method": HISTORY, "status": 403, "reason": "insufficientPermissions"},
            "paused",
            "missing_permission",
            id="a scope that was taken away",
        ),
        pytest.param(
            {"method": HISTORY, "status": 403, "reason": "domainPolicy"}, "paused", "admin_policy", id="admin"
        ),
        pytest.param({"method": TOKEN, "status": 500}, "active", None, id="the token endpoint fails"),
    ],
)
def test_trouble_passes_and_nothing_is_lost(ani_followed: Followed, fault, state, problem):
    """facts/gmail.md 1.7: only invalid_grant asks the user to sign in again."""
    budi = ani_followed.contact("budi")
    ani_followed.deliver(budi, subject="Halo")
    if fault["method"] == TOKEN:
        ani_followed.later(2 * 3600)
    ani_followed.sandbox.fault(**fault, account="*" if fault["method"] == TOKEN else ani_followed.email)
    ani_followed.run_once()
    assert (ani_followed.row.state, ani_followed.row.problem) == (state, problem)
    ani_followed.later(86_400)
    run_until_synced(ani_followed)
    assert ani_followed.subjects() == ["Halo"]
    assert ani_followed.told() == (1, 1, 0, 0, 0)
    assert (ani_followed.row.state, ani_followed.row.problem) == ("active", None)


def test_it_waits_as_long_as_google_says(ani_followed: Followed):
    """The time stands in the message, and the machine's clock may be wrong (facts/gmail.md 1.7)."""
    ani_followed.deliver(ani_followed.contact("budi"))
    ani_followed.sandbox.fault(
        GET, account=ani_followed.email, status=429, reason="rateLimitExceeded", headers={"Retry-After": "900"}
    )
    ani_followed.run_once()
    wait_ms = ani_followed.row.paused_until_ms - ani_followed.now_ms()
    assert 880_000 < wait_ms <= 900_000
    assert ani_followed.mailbox.next_run_at_ms == ani_followed.row.paused_until_ms


def test_lost_access_waits_for_the_user_and_the_gap_is_filled(ani_followed: Followed):
    """A5, A3: in the middle of the work; signing in again with the same account goes on where it stood."""
    budi = ani_followed.contact("budi")
    for number in range(3):
        ani_followed.deliver(budi, subject=f"surat {number}")
    ani_followed.sandbox.fault(GET, account=ani_followed.email, nth=3, status=401, reason="authError", times=0)
    ani_followed.sandbox.fault(TOKEN, status=400, times=0, body={"error": "invalid_grant"})
    assert not ani_followed.run_once()
    assert (ani_followed.row.state, ani_followed.row.problem) == ("needs_reauth", "access_revoked")
    assert ani_followed.mailbox.next_run_at_ms is None
    assert ani_followed.told()[-1] > 0

    ani_followed.sandbox.as_ever()
    ani_followed.deliver(budi, subject="di celah")
    ani_followed.connect(update=ani_followed.place_id)
    ani_followed.sync()
    assert ani_followed.subjects() == ["surat 0", "surat 1", "surat 2", "di celah"]
    assert ani_followed.row.state == "active"


def test_503_on_the_second_page_reads_the_pages_again(ani_followed: Followed):
    budi = ani_followed.contact("budi")
    ani_followed.deliver(budi, subject="Halo")
    ani_followed.sandbox.behave(empty_history_pages=2, repeat_history=True)
    ani_followed.sandbox.fault(HISTORY, account=ani_followed.email, nth=2, status=503)
    cursor = ani_followed.mailbox.cursor
    assert not ani_followed.run_once()
    assert ani_followed.mailbox.cursor == cursor
    run_until_synced(ani_followed)
    assert ani_followed.subjects() == ["Halo"]
    assert ani_followed.told() == (1, 1, 0, 0, 0)


def test_history_that_lags_behind_the_list_loses_nothing(followed: Callable[..., Followed]):
    """facts/gmail.md 1.1: a notification can come before history is readable; the first look as well."""
    ani = followed("ani")
    budi = ani.contact("budi")
    ani.deliver(budi, subject="Dulu")
    ani.connect()
    ani.sandbox.behave(history_lag_ms=400)
    ani.deliver(budi, subject="Sekarang")
    ani.sync()
    ani.sandbox.behave(history_lag_ms=0)
    ani.sync()
    assert ani.subjects() == ["Sekarang"]


@pytest.mark.parametrize("is_idle", [True, False], ids=["idle", "with mail in the gap"])
def test_an_expired_cursor_leaves_no_gap_and_no_loop(ani_followed: Followed, is_idle):
    """facts/gmail.md 0.1: the cursor that follows is pinned before the list is read."""
    budi = ani_followed.contact("budi")
    ani_followed.deliver(budi, subject="sebelum")
    ani_followed.sync()
    if not is_idle:
        for number in range(3):
            ani_followed.deliver(budi, subject=f"celah {number}")
    ani_followed.sandbox.ask("POST", f"/accounts/{ani_followed.email}/history/expire")
    ani_followed.sync()
    assert ani_followed.subjects() == ["sebelum", *([] if is_idle else ["celah 0", "celah 1", "celah 2"])]
    assert ani_followed.mailbox.pinned_cursor is None

    ani_followed.sandbox.forget_calls()
    for _ in range(3):
        ani_followed.later(1)
        ani_followed.sync()
    counts = [one for one in ani_followed.sandbox.ask("GET", "/counters") if one["account"] == ani_followed.email]
    assert {status for one in counts for status in one["statuses"]} == {"200"}
    assert ani_followed.sandbox.calls(GET, ani_followed.email) == 0


@pytest.mark.parametrize("label", ["SPAM", "DRAFT"])
def test_what_became_mail_while_history_was_lost_is_recorded(ani_followed: Followed, label):
    """B12: the list names it as ever, and only a look tells that it is mail by now."""
    budi = ani_followed.contact("budi")
    gmail_id = ani_followed.deliver(budi, label, subject="Akhirnya")
    ani_followed.sync()
    assert ani_followed.subjects() == []
    path = f"/accounts/{ani_followed.email}/messages/{gmail_id}/labels"
    ani_followed.sandbox.ask("POST", path, {"remove": [label], "add": ["INBOX"]})
    ani_followed.sandbox.ask("POST", f"/accounts/{ani_followed.email}/history/expire")
    ani_followed.sync()
    assert ani_followed.subjects() == ["Akhirnya"]
    assert ani_followed.told() == (1, 1, 0, 0, 0)


def test_an_expired_cursor_at_the_first_run_records_nothing_from_before(followed: Callable[..., Followed]):
    """A6, where neither history nor the ledger can tell: then the times do."""
    ani = followed("ani")
    budi = ani.contact("budi")
    ani.sandbox.deliver(ani.email, a_mail(budi, to=ani.email, subject="Dulu"), internal_date_ms=ani.now_ms() - 60_000)
    ani.connect()
    ani.deliver(budi, subject="Sekarang")
    ani.sandbox.ask("POST", f"/accounts/{ani.email}/history/expire")
    ani.sync()
    assert ani.subjects() == ["Sekarang"]
    assert ani.told() == (1, 1, 0, 0, 0)


def test_what_history_never_told_is_found_by_comparing(ani_followed: Followed):
    """B16."""
    budi = ani_followed.contact("budi")
    lost = ani_followed.deliver(budi, subject="hilang")
    ani_followed.sandbox.ask("POST", f"/accounts/{ani_followed.email}/history/jump", {"to": "90000000"})
    row = ani_followed.mailbox
    row.cursor = f"{90_000_000:020d}"
    row.save()
    ani_followed.later(60)
    ani_followed.sync()
    assert ani_followed.subjects() == ["hilang"]
    assert ani_followed.told() == (1, 1, 0, 0, 0)
    assert [one.rule for one in ani_followed.explained(lost)] == ["B1"]


@pytest.mark.parametrize("skew_ms", [-600_000, 600_000], ids=["Google behind", "Google ahead"])
def test_a_clock_that_is_wrong_by_ten_minutes_loses_nothing(followed: Callable[..., Followed], skew_ms):
    ani = followed("ani")
    budi = ani.contact("budi")
    ani.sandbox.behave(clock_skew_ms=skew_ms)
    ani.connect()
    ani.sync()
    ani.deliver(budi, subject="langsung")
    ani.sync()
    ani.deliver(budi, subject="celah")
    ani.sandbox.ask("POST", f"/accounts/{ani.email}/history/expire")
    ani.sync()
    assert ani.subjects() == ["langsung", "celah"]


def test_of_a_first_run_without_history_google_says_what_was_before(followed: Callable[..., Followed]):
    """A6: with our clock an hour ahead, or behind, of what was there and changed nothing comes in, and of the rest
    nothing is lost."""
    for skew_ms in (-3_600_000, 3_600_000):
        ani = followed("ani")
        budi = ani.contact("budi")
        ani.sandbox.behave(clock_skew_ms=skew_ms)
        before = ani.deliver(budi, subject="dulu", internal_date_ms=ani.google_ms() - 60_000)
        ani.connect()
        change = {"remove": ["UNREAD"]}
        ani.sandbox.ask("POST", f"/accounts/{ani.email}/messages/{before}/labels", change)
        ani.deliver(budi, subject="sekarang", internal_date_ms=ani.google_ms() + 60_000)
        ani.sandbox.ask("POST", f"/accounts/{ani.email}/history/expire")
        ani.sync()
        assert ani.subjects() == ["sekarang"]


def test_a_large_mailbox_brings_nothing_from_the_day_before_connecting(followed: Callable[..., Followed]):
    """A6: the ledger names the newest 500 of what was there; what is older was there too, whatever happens to it."""
    ani = followed("ani")
    budi = ani.contact("budi")
    before = ani.deliver(budi, subject="dulu", internal_date_ms=ani.google_ms() - 3_600_000)
    ani.sandbox.fill(ani.email, 510, every_ms=1_000)
    ani.connect()
    ani.sandbox.ask("POST", f"/accounts/{ani.email}/messages/{before}/labels", {"remove": ["UNREAD"]})
    ani.sync()
    lost = ani.deliver(budi, subject="celah")
    ani.sandbox.ask("POST", f"/accounts/{ani.email}/history/expire")
    ani.sync()
    assert ani.subjects() == ["celah"]
    assert len(ani.explained(lost)) == 1


def test_a_secret_key_that_is_missing_is_told_and_mended_by_bringing_it_back(ani_followed: Followed):
    right, wrong = ani_followed.engine, Sealer(lambda: ["another key"])
    ani_followed.engine = replace(right, sealer=wrong)
    ani_followed.deliver(ani_followed.contact("budi"), subject="sementara")
    for _ in range(2):
        assert not ani_followed.run_once()
        view = connections.get(ani_followed.access, ani_followed.place_id, now_ms=ani_followed.now_ms())
        assert (view.state, view.problem) == ("paused", "key_missing")
        assert ani_followed.mailbox.lease_holder is None
        assert ani_followed.now_ms() + 200_000 < ani_followed.mailbox.next_run_at_ms <= view.paused_until_ms
    ani_followed.engine = right
    ani_followed.sync()
    view = connections.get(ani_followed.access, ani_followed.place_id, now_ms=ani_followed.now_ms())
    assert (ani_followed.subjects(), view.state, view.problem) == (["sementara"], "active", None)


def test_a_clock_that_is_set_back_puts_off_no_comparison(ani_followed: Followed):
    row = ani_followed.mailbox
    row.compare_at_ms = row.walk_at_ms = ani_followed.now_ms() + 5 * 86_400_000
    row.wanted_at_ms = 0
    row.save()
    ani_followed.sandbox.forget_calls()
    ani_followed.sync()
    assert ani_followed.sandbox.calls("gmail.users.messages.list", ani_followed.email) == 1
    assert ani_followed.mailbox.walk_at_ms <= ani_followed.now_ms() + 86_400_000


def test_a_poisoned_message_is_set_aside_and_holds_up_nobody(ani_followed: Followed, monkeypatch):
    """B16, F1: with its raw bytes and a reason; and when it can be read, it is."""
    budi = ani_followed.contact("budi")
    poisoned = ani_followed.deliver(budi, subject="racun")
    ani_followed.deliver(budi, subject="sehat")
    filed = mailbox_filing.file_from_mailbox

    def upset(seen, blobs, **more):
        if seen.gmail_id == poisoned:
            raise ZeroDivisionError
        return filed(seen, blobs, **more)

    monkeypatch.setattr(mailbox_filing, "file_from_mailbox", upset)
    blobs = Blob.select().count()
    for _ in range(look.MAX_FAILURES):
        ani_followed.run_once()
        ani_followed.later(3600)
    assert ani_followed.subjects() == ["sehat"]
    assert ani_followed.told() == (2, 1, 0, 1, 0)
    assert GmailMessage.get(GmailMessage.gmail_id == poisoned).blob_sha256 is not None
    assert Blob.select().count() == blobs + 2
    assert [(one.outcome, one.reason) for one in ani_followed.explained(poisoned)] == [("failed", "set-aside")]

    monkeypatch.undo()
    ani_followed.later(7 * 3600)
    ani_followed.sync()
    assert sorted(ani_followed.subjects()) == ["racun", "sehat"]
    assert ani_followed.told() == (2, 2, 0, 0, 0)


def test_a_message_that_google_does_not_give_out_lets_the_others_pass(ani_followed: Followed):
    budi = ani_followed.contact("budi")
    ani_followed.deliver(budi, subject="sakit")
    ani_followed.deliver(budi, subject="sehat")
    ani_followed.sandbox.fault(GET, account=ani_followed.email, status=500)
    ani_followed.run_once()
    assert ani_followed.subjects() == ["sehat"]
    ani_followed.later(10)
    ani_followed.sync()
    assert sorted(ani_followed.subjects()) == ["sakit", "sehat"]


def test_mail_that_nobody_could_read_is_recorded_as_far_as_it_goes(ani_followed: Followed):
    """C10."""
    budi = ani_followed.contact("budi")
    raw = (
        b"From: "
        + budi.encode()
        + b"\r\nSubject: \xff\xfe rusak\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x"
    )
    ani_followed.sandbox.deliver(ani_followed.email, raw)
    ani_followed.sandbox.deliver(ani_followed.email, b"")
    ani_followed.sync()
    assert len(ani_followed.entries()) == 1
    assert ani_followed.told()[0] == 2


def test_who_signs_in_again_during_a_run_waits_for_no_lease(ani_followed: Followed, monkeypatch: pytest.MonkeyPatch):
    """A5: that run writes nothing more, and its lease is nobody's."""
    ani_followed.deliver(ani_followed.contact("budi"), subject="Halo")
    read_history = run.catch_up

    def sign_in_meanwhile(*args: Any) -> None:
        ani_followed.connect(ani_followed.place_id)
        read_history(*args)

    with monkeypatch.context() as during:
        during.setattr(run, "catch_up", sign_in_meanwhile)
        assert not ani_followed.run_once()
    assert (ani_followed.mailbox.lease_holder, ani_followed.mailbox.lease_until_ms) == (None, 0)
    ani_followed.sync()
    assert ani_followed.subjects() == ["Halo"]


def test_a_look_without_a_header_settles_nothing(ani_followed: Followed, monkeypatch: pytest.MonkeyPatch):
    """B4 needs to know that nobody is a contact; the mail itself tells."""
    monkeypatch.setattr(translate, "_header", lambda _: b"\r\n")
    ani_followed.deliver(ani_followed.contact("budi"), subject="Halo")
    ani_followed.sync()
    assert ani_followed.subjects() == ["Halo"]


def test_aliases_that_cannot_be_read_hold_up_no_comparison(ani_followed: Followed):
    ani_followed.sandbox.fault("gmail.users.settings.sendAs.list", account=ani_followed.email, status=503, times=0)
    begun_at_ms = ani_followed.now_ms()
    ani_followed.sync()
    assert (ani_followed.row.last_synced_at_ms or 0) >= begun_at_ms


@pytest.mark.parametrize("method", ["gmail.users.settings.sendAs.list", LIST])
def test_what_history_told_is_recorded_though_another_call_fails_for_ever(ani_followed: Followed, method):
    ani_followed.deliver(ani_followed.contact("budi"), subject="Halo")
    ani_followed.sandbox.fault(method, account=ani_followed.email, status=404, times=0)
    ani_followed.run_once()
    assert ani_followed.subjects() == ["Halo"]
