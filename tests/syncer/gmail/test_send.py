"""Handing a mail to Gmail over HTTP: by size, and what is known of it after whatever goes wrong."""

import hashlib
import secrets
from collections.abc import Callable

import pytest
from followed_mailbox import Followed
from mails import a_mail

from crm_store import connection_work
from syncer.errors import Gone, MayBeDone, Rejected, SendingLimit, SlowDown, TooLarge, Unreachable
from syncer.gmail.client import GmailMailbox
from syncer.gmail.quota import SEND_UNITS, Budgets
from syncer.gmail.send import PART_BYTES

SEND = "gmail.users.messages.send"
SMALL, IN_PARTS = 100, 2 * PART_BYTES + 1000  # three parts, and the call that opens the upload

pytestmark = pytest.mark.parametrize("followed_settings", ["sqlite"], indirect=True, scope="module")


class Sender:
    """An account that sends, and a receiver at the same sandbox."""

    def __init__(self, mailbox: Followed, receiver: Followed) -> None:
        self.sandbox, self.email, self.to = mailbox.sandbox, mailbox.email, receiver.email
        self._mailbox = mailbox
        mailbox.connect()
        self.sandbox.forget_calls()

    @property
    def remote(self) -> GmailMailbox:
        return self.at(self._mailbox.settings.google_gmail_url)

    def at(self, root: str) -> GmailMailbox:
        access = connection_work.open_mailbox(self._mailbox.row.id, self._mailbox.engine.sealer)
        assert access is not None
        settings = self._mailbox.settings.model_copy(update={"google_gmail_url": root})
        return GmailMailbox(access, settings, self._mailbox.engine.sealer, Budgets())

    def mail(self, size_bytes: int = SMALL, to: str | None = None) -> bytes:
        filler = secrets.token_hex(38) + "\r\n"
        raw = a_mail(self.email, to=to or self.to, text="From the top.\r\n", message_id="", date=None)
        return raw + (filler * (size_bytes // len(filler) + 1))[:size_bytes].encode()

    def send(self, raw: bytes, thread_id: str | None = None, going_on: Callable[[], None] = lambda: None) -> str:
        return self.remote.send(raw, thread_id, going_on).gmail_id

    def sent(self) -> int:
        return sum("SENT" in one["label_ids"] for one in self.sandbox.messages(self.email))

    def received(self) -> int:
        return len(self.sandbox.messages(self.to))


@pytest.fixture
def sender(followed: Callable[..., Followed]) -> Sender:
    return Sender(followed("ani"), followed("budi"))


def body(raw: bytes) -> bytes:
    return hashlib.sha256(raw.partition(b"\r\n\r\n")[2]).digest()


@pytest.mark.parametrize(
    ("size_bytes", "calls"), [(SMALL, 1), (3_000_000, 1), (IN_PARTS, 4)], ids=["small", "3 MB", "in parts"]
)
@pytest.mark.parametrize("answers", [False, True], ids=["a new talk", "into a talk"])
def test_every_byte_arrives_once(sender, size_bytes, calls, answers):
    thread_id = None
    if answers:
        thread_id = sender.sandbox.deliver(sender.email, a_mail(sender.to, subject="Penawaran"))["thread_id"]
    raw = sender.mail(size_bytes)
    gmail_id = sender.send(raw, thread_id)
    with sender.remote.fetch(gmail_id) as whole:
        assert body(whole.raw) == body(raw)
        assert whole.look.labels == {"SENT"}
    assert (sender.sent(), sender.received()) == (1, 1)
    assert sender.sandbox.calls(SEND, sender.email) == calls


@pytest.mark.parametrize(
    ("size_bytes", "fault", "answered", "sent"),
    [
        pytest.param(SMALL, {"drop": True}, False, 0, id="dropped before"),
        pytest.param(SMALL, {"drop": True, "when": "after"}, False, 1, id="dropped after"),
        pytest.param(SMALL, {"status": 503}, True, 0, id="503 before"),
        pytest.param(SMALL, {"status": 503, "when": "after"}, True, 1, id="503 after"),
        pytest.param(SMALL, {"status": 200, "body": "<html>", "when": "after"}, False, 1, id="200 and no answer"),
        pytest.param(SMALL, {"status": 200, "body": {}, "when": "after"}, False, 1, id="200 and no id"),
        pytest.param(SMALL, {"status": 302, "when": "after"}, True, 1, id="a redirection is not followed"),
        pytest.param(IN_PARTS, {"nth": 4, "drop": True}, False, 0, id="last part dropped before"),
        pytest.param(IN_PARTS, {"nth": 4, "drop": True, "when": "after"}, False, 1, id="last part dropped after"),
        pytest.param(IN_PARTS, {"nth": 4, "status": 503, "when": "after"}, True, 1, id="last part, 503 after"),
        pytest.param(IN_PARTS, {"nth": 4, "status": 200, "body": "<html>", "when": "after"}, False, 1, id="no JSON"),
    ],
)
def test_nobody_knows_and_nothing_goes_again(sender, size_bytes, fault, answered, sent):
    """facts/gmail.md 0.6, 1.9: Google's client alone would have sent some of these three times."""
    sender.sandbox.fault(SEND, account=sender.email, **fault)
    with pytest.raises(MayBeDone) as told:
        sender.send(sender.mail(size_bytes))
    assert told.value.answered == answered
    assert (sender.sent(), sender.received()) == (sent, sent)


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param({"nth": 1, "drop": True}, id="the opening"),
        pytest.param({"nth": 3, "drop": True}, id="a part that did not come"),
        pytest.param({"nth": 3, "drop": True, "when": "after"}, id="a part that came"),
        pytest.param({"nth": 3, "drop": True, "times": 2}, id="and the question too"),
    ],
)
def test_a_dropped_part_goes_on_where_it_stood(sender, fault):
    sender.sandbox.fault(SEND, account=sender.email, **fault)
    raw = sender.mail(IN_PARTS)
    gmail_id = sender.send(raw)
    with sender.remote.fetch(gmail_id) as whole:
        assert body(whole.raw) == body(raw)
    assert (sender.sent(), sender.received()) == (1, 1)


@pytest.mark.parametrize(
    ("size_bytes", "fault", "kind"),
    [
        pytest.param(IN_PARTS, {"nth": 2, "drop": True, "times": 0}, Unreachable, id="parts that never come"),
        pytest.param(IN_PARTS, {"status": 503}, Unreachable, id="503 to the opening"),
        pytest.param(IN_PARTS, {"nth": 3, "status": 503}, Unreachable, id="503 to a part"),
        pytest.param(SMALL, {"status": 401, "times": 0}, Unreachable, id="401 always"),
        pytest.param(SMALL, {"status": 429, "reason": "rateLimitExceeded"}, SlowDown, id="429"),
        pytest.param(SMALL, {"status": 413}, TooLarge, id="413"),
        pytest.param(SMALL, {"status": 400, "message": "Invalid To header"}, Rejected, id="400"),
    ],
)
def test_after_these_nothing_was_sent(sender, size_bytes, fault, kind):
    sender.sandbox.fault(SEND, account=sender.email, **fault)
    with pytest.raises(kind) as told:
        sender.send(sender.mail(size_bytes))
    assert not isinstance(told.value, MayBeDone)
    assert sender.sent() == 0


def test_a_401_goes_again_with_another_token(sender):
    sender.sandbox.fault(SEND, account=sender.email, status=401, reason="authError")
    sender.send(sender.mail())
    assert (sender.sent(), sender.sandbox.calls(SEND, sender.email)) == (1, 2)


def test_no_connection_is_no_doubt(sender):
    """That is known to be nothing; and what is known need not be looked for."""
    with pytest.raises(Unreachable) as told:
        sender.at("http://127.0.0.1:1").send(sender.mail(), None, lambda: None)
    assert not isinstance(told.value, MayBeDone)


def test_googles_words_reach_its_user_and_no_log(sender):
    with pytest.raises(Rejected) as told:
        sender.send(sender.mail(to="siapa saja"))
    assert (told.value.said, str(told.value)) == (
        "Recipient address required",
        "send: 400 invalid_argument invalidargument",
    )


def test_the_days_limit_is_a_limit_of_its_own(sender):
    sender.send(sender.mail())
    sender.sandbox.limit(user_sends_per_day=1)
    with pytest.raises(SendingLimit) as told:
        sender.send(sender.mail())
    assert told.value.until_ms is not None
    assert sender.sent() == 1


def test_a_talk_that_is_gone_is_told(sender):
    with pytest.raises(Gone):
        sender.send(sender.mail(), "0123456789abcdef")
    assert sender.sent() == 0


def test_who_may_not_go_on_sends_nothing(sender):
    calls = []

    def going_on() -> None:
        calls.append(1)
        if len(calls) == 4:
            raise RuntimeError

    with pytest.raises(RuntimeError):
        sender.send(sender.mail(IN_PARTS), going_on=going_on)
    assert (sender.sent(), sender.sandbox.calls(SEND, sender.email)) == (0, 3)


def test_a_mail_that_gmail_never_takes_costs_no_call(sender):
    with pytest.raises(TooLarge):
        sender.send(bytes(36_700_161))
    assert sender.sandbox.calls(SEND, sender.email) == 0


def test_a_mail_costs_what_google_says(sender):
    sender.send(sender.mail(IN_PARTS))
    assert sender.sandbox.units(sender.email) == SEND_UNITS
