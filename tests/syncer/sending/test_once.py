"""Whatever goes wrong at Google: a mail leaves once, is recorded once, and its row says what is so (E1, E6, B3)."""

import pytest
from outgoing import Outgoing, subjects

from crm_store import outbox
from crm_store.rules.states import Path

SEND, GET, HISTORY = "gmail.users.messages.send", "gmail.users.messages.get", "gmail.users.history.list"
PROFILE = "gmail.users.getProfile"
TOKEN = "oauth.token"
_PAUSES_S = ((7, 16), (15, 32), (31, 64), (63, 128))

# What Google does is the same on both databases.
pytestmark = pytest.mark.parametrize("followed_settings", ["sqlite"], indirect=True, scope="module")


def test_a_mail_is_sent_recorded_once_and_seen_by_both_paths(ani: Outgoing):
    """B3, B10: the sync's copy is the same message."""
    budi = ani.sandbox.new_email("budi")
    ani.sandbox.add_account(budi)
    mail = ani.post(budi)
    ani.run()
    row = ani.row(mail)
    assert (row.state, row.reason, row.blob_sha256) == ("sent", None, None)
    [entry] = ani.mailbox.entries()
    assert (entry.id, entry.paths, entry.direction) == (row.entry_id, [Path.CRM], "outbound")
    ani.mailbox.sync()
    [entry] = ani.mailbox.entries()
    assert entry.paths == [Path.GMAIL, Path.CRM]
    assert ani.mailbox.told() == (1, 1, 0, 0, 0)
    assert (ani.in_sent(), subjects(ani.mailbox, budi)) == (["Penawaran"], ["Penawaran"])


@pytest.mark.parametrize(
    ("fault", "told", "goes"),
    [
        pytest.param({"drop": True}, ("unknown", "no_answer"), 2, id="dropped before"),
        pytest.param({"drop": True, "when": "after"}, ("unknown", "no_answer"), 1, id="dropped after"),
        pytest.param({"drop": True, "times": 2}, ("unknown", "no_answer"), 3, id="dropped before, twice"),
        pytest.param({"status": 503}, ("unknown", "answer_unclear"), 2, id="503 before"),
        pytest.param({"status": 503, "when": "after"}, ("unknown", "answer_unclear"), 1, id="503 after"),
        pytest.param({"status": 200, "body": {}, "when": "after"}, ("unknown", "no_answer"), 1, id="200 without an id"),
        pytest.param({"status": 401, "reason": "authError"}, ("sent", None), 2, id="401 once"),
        pytest.param({"status": 401, "reason": "authError", "times": 4}, ("waiting", "unreachable"), 5, id="401"),
        pytest.param(
            {"status": 403, "reason": "insufficientPermissions"}, ("waiting", "permission_missing"), 2, id="403"
        ),
        pytest.param({"status": 429, "reason": "rateLimitExceeded"}, ("waiting", "rate_limited"), 2, id="429"),
        pytest.param(
            {"status": 429, "reason": "rateLimitExceeded", "message": "Limit exceeded (Mail sending)"},
            ("waiting", "sending_limit"),
            2,
            id="429 of mails a day",
        ),
    ],
)
def test_a_mail_leaves_once_whatever_google_answers(ani: Outgoing, fault, told, goes):
    """facts/gmail.md 1.7. goes: how often it was handed over."""
    budi = receiver(ani)
    mail = ani.post(budi)
    ani.sandbox.fault(SEND, account=ani.mailbox.email, **fault)
    ani.run()
    assert (ani.row(mail).state, ani.row(mail).reason) == told
    ani.run_until_over(mail, step_s=400)
    assert ani.sandbox.calls(SEND, ani.mailbox.email) == goes
    assert once_everywhere(ani, budi)


def test_while_google_does_not_answer_the_pauses_grow_and_its_sender_is_told_the_next_try(ani: Outgoing):
    mail = ani.post(receiver(ani))
    pauses_s = []
    for _ in range(4):
        ani.sandbox.fault(PROFILE, account=ani.mailbox.email, status=503, times=9)
        ani.run()
        told = outbox.get(ani.mailbox.access, ani.row(mail).email_id)
        assert (told.state, told.reason) == ("waiting", "unreachable")
        assert told.not_before_ms is not None
        pauses_s.append((told.not_before_ms - ani.mailbox.now_ms()) // 1000)
        ani.mailbox.later(pauses_s[-1] + 1)
    assert all(low <= pause <= high for pause, (low, high) in zip(pauses_s, _PAUSES_S, strict=True))
    assert ani.lane.failures == 4
    ani.mailbox.sandbox.ask("DELETE", "/faults")
    ani.run()
    assert (ani.told(mail), ani.lane.failures) == (["sent"], 0)


@pytest.mark.parametrize(
    "faults",
    [
        pytest.param([{"method": PROFILE, "status": 503}], id="before anything is begun"),
        pytest.param([{"method": GET, "drop": True, "times": 3}], id="the copy can't be read back"),
        pytest.param(
            [{"method": GET, "status": 429, "reason": "rateLimitExceeded"}], id="a pause, while it is read back"
        ),
        pytest.param(
            [{"method": SEND, "drop": True, "when": "after"}, {"method": HISTORY, "status": 503, "times": 2}],
            id="history fails",
        ),
        pytest.param(
            [{"method": SEND, "drop": True, "when": "after"}, {"method": HISTORY, "status": 404, "times": 2}],
            id="history has expired: the list tells",
        ),
        pytest.param(
            [{"method": SEND, "drop": True, "when": "after"}, {"method": GET, "drop": True, "times": 3}],
            id="the look fails",
        ),
        pytest.param(
            [{"method": SEND, "status": 401, "times": 1}, {"method": TOKEN, "status": 500, "times": 1}],
            id="the token can't be renewed in the middle",
        ),
    ],
)
def test_trouble_before_and_after_doubles_nothing(ani: Outgoing, faults):
    budi = receiver(ani)
    for fault in faults:
        ani.sandbox.fault(**{"account": "*" if fault["method"] == TOKEN else ani.mailbox.email, **fault})
    mail = ani.post(budi)
    ani.run_until_over(mail)
    assert ani.told(mail) == ["sent"]
    assert once_everywhere(ani, budi)


def receiver(outgoing: Outgoing) -> str:
    """Another account of the sandbox, and no contact of anybody."""
    email = outgoing.sandbox.new_email("budi")
    outgoing.sandbox.add_account(email)
    outgoing.sandbox.forget_calls()
    return str(email)


def once_everywhere(outgoing: Outgoing, to: str) -> bool:
    """In Sent, at the receiver's, and as one entry of both paths after a sync, with the ledger's counts right."""
    outgoing.sandbox.as_ever()
    outgoing.mailbox.sync()
    [entry] = outgoing.mailbox.entries()
    assert entry.paths == [Path.GMAIL, Path.CRM]
    assert outgoing.mailbox.told() == (1, 1, 0, 0, 0)
    assert (len(outgoing.in_sent()), len(subjects(outgoing.mailbox, to))) == (1, 1)
    return True


def test_a_mail_that_its_user_deleted_for_good_before_it_was_found_never_goes_again(ani: Outgoing):
    """Nobody can prove that it did not leave: it stays unknown, is looked for more and more seldom, and its user says."""
    budi = receiver(ani)
    ani.sandbox.fault(SEND, account=ani.mailbox.email, drop=True, when="after")
    mail = ani.post(budi)
    ani.run()
    [sent] = ani.sandbox.messages(ani.mailbox.email)
    ani.sandbox.ask("DELETE", f"/accounts/{ani.mailbox.email}/messages/{sent['id']}")
    waits_s = []
    for _ in range(12):
        ani.run()
        wait_s = (ani.row(mail).due_at_ms - ani.mailbox.now_ms()) / 1000
        waits_s.append(round(wait_s))
        ani.mailbox.later(wait_s + 1)
    assert ani.told(mail) == ["unknown"]
    assert waits_s[-1] == 3600
    assert waits_s[1:] == sorted(waits_s[1:])
    assert (len(subjects(ani.mailbox, budi)), ani.sandbox.calls(SEND, ani.mailbox.email)) == (1, 1)


def test_history_that_lags_behind_proves_nothing_too_early(ani: Outgoing):
    """facts/gmail.md 1.1: what was sent is not in history yet; the list has it."""
    budi = receiver(ani)
    ani.sandbox.behave(history_lag_ms=3_600_000)
    ani.sandbox.fault(SEND, account=ani.mailbox.email, drop=True, when="after")
    mail = ani.post(budi)
    ani.run_until_over(mail)
    assert once_everywhere(ani, budi)


def test_others_go_on_while_one_is_unknown(ani: Outgoing):
    budi = receiver(ani)
    ani.sandbox.fault(SEND, account=ani.mailbox.email, drop=True)
    mails = [ani.post(budi, subject=subject) for subject in ("satu", "dua")]
    ani.run()
    assert ani.told(*mails) == ["unknown", "sent"]
    ani.run_until_over(*mails)
    assert sorted(subjects(ani.mailbox, budi)) == ["dua", "satu"]


def test_a_mail_that_upsets_us_after_it_left_is_sent_and_the_sync_files_it(ani: Outgoing, monkeypatch):
    budi = receiver(ani)
    monkeypatch.setattr("crm_store.outbox_copies.read", lambda raw: 1 / 0)
    mail = ani.post(budi)
    ani.run()
    assert (ani.told(mail), ani.row(mail).entry_id) == (["sent"], None)
    monkeypatch.undo()
    assert once_everywhere(ani, budi)
    assert ani.row(mail).blob_sha256 is None
