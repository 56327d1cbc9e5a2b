"""What one session may try, and how long it may take: the arithmetic with times as arguments, and once over a socket."""

import select

import pytest

from gateway.smtp import replies
from gateway.smtp.budget import Budget
from gateway.smtp.limits import Limits
from gateway.smtp.patience import Patience

LIMITS = Limits(
    1000, unknown_recipients=2, errors=3, commands=5, idle_s=100, mail_s=500, session_s=1000, min_bytes_per_s=10
)
KEPT = replies.KEPT.format(receipt_id="01ARZ3NDEKTSV4RRFFQ69G5FAV")


@pytest.mark.parametrize(
    ("said", "last"),
    [
        pytest.param([replies.UNKNOWN_COMMAND] * 3, None, id="as many errors as may be"),
        pytest.param([replies.UNKNOWN_COMMAND, replies.BAD_SENDER] * 2, replies.TOO_MANY_ERRORS, id="an error more"),
        pytest.param([replies.NO_SUCH_RECIPIENT] * 2, None, id="as many unknown recipients"),
        pytest.param([replies.NO_SUCH_RECIPIENT] * 3, replies.TOO_MANY_UNKNOWN, id="a guess more"),
        pytest.param([replies.NO_RELAYING] * 3, replies.TOO_MANY_UNKNOWN, id="looking for a relay"),
        pytest.param([replies.OK] * 5, None, id="as many commands"),
        pytest.param([replies.OK] * 6, replies.TOO_MANY_COMMANDS, id="a command more"),
        pytest.param([*[replies.OK] * 5, KEPT] * 3, None, id="a mail begins the count anew"),
        pytest.param(
            [*[replies.NO_SUCH_RECIPIENT, KEPT] * 2, replies.NO_RELAYING],
            replies.TOO_MANY_UNKNOWN,
            id="guesses are not bought off",
        ),
        pytest.param([replies.TRY_LATER] * 5, None, id="our own trouble is no error of theirs"),
    ],
)
def test_budget(said, last):
    budget = Budget(LIMITS)
    found = [budget.spend(reply) for reply in said]
    assert found == [None] * (len(said) - 1) + [last]


def mail(patience):
    patience.mail_begins(10)


def slow_mail(patience):
    """5 octets a second."""
    mail(patience)
    for n in range(20):
        patience.heard(15 + 5 * n, 25)


def steady_mail(patience):
    """20 octets a second."""
    mail(patience)
    for n in range(98):
        patience.heard(15 + 5 * n, 100)


def our_work(patience):
    patience.heard(10)
    patience.our_turn(10)


def our_work_done(patience):
    our_work(patience)
    patience.their_turn(5000)


def flush_in_a_mail(patience):
    """Each block takes us 40 s; what is ours is not held against the client."""
    mail(patience)
    for n in range(10):
        patience.their_turn(50 * n + 20)
        patience.heard(50 * n + 25, 100)
        patience.our_turn(50 * n + 25)
    patience.their_turn(515)


@pytest.mark.parametrize(
    ("play", "now_s", "crowded", "left"),
    [
        pytest.param(lambda p: None, 99, False, (1, replies.TOO_QUIET), id="silent for a while"),
        pytest.param(lambda p: p.heard(50), 101, False, (49, replies.TOO_QUIET), id="heard in between"),
        pytest.param(lambda p: p.heard(50), 60, True, (0, replies.TOO_QUIET), id="silent where places are rare"),
        pytest.param(lambda p: p.heard(995), 1000, False, (0, replies.SESSION_TOO_LONG), id="an old session"),
        pytest.param(slow_mail, 111, False, (49, replies.TOO_SLOW), id="slower than it may be"),
        pytest.param(steady_mail, 505, False, (5, replies.TOO_SLOW), id="steady, and for too long"),
        pytest.param(lambda p: (mail(p), p.mail_ends(), p.heard(999)), 999, False, (1, replies.SESSION_TOO_LONG), id="after a mail"),
        pytest.param(slow_mail, 70, True, (0, replies.TOO_SLOW), id="a slow mail where places are rare"),
        pytest.param(our_work, 5000, True, (100, replies.TOO_QUIET), id="it is our turn, for ever"),
        pytest.param(our_work_done, 5001, False, (-4001, replies.SESSION_TOO_LONG), id="we took too long"),
        pytest.param(flush_in_a_mail, 515, False, (100, replies.TOO_QUIET), id="our time in a mail is not theirs"),
    ],
)  # fmt: skip
def test_patience(play, now_s, crowded, left):
    patience = Patience(LIMITS, 0)
    play(patience)
    left_s, reply = patience.left_s(now_s, crowded=crowded)
    assert (pytest.approx(left_s), reply) == left


def test_who_guesses_at_recipients_is_sent_away(start_receiver):
    receiver = start_receiver(unknown_recipients=3)
    client = receiver.hello()
    client.say("MAIL FROM:<>")
    said = client.say_all(*(f"RCPT TO:<guess{n}@capture.test>" for n in range(4)))
    assert [reply[:9] for reply in said] == ["550 5.1.1"] * 3 + ["421 4.7.0"]
    assert client.is_closed()
    assert receiver.refusals.counts == {"unknown_recipients": 1}


def test_a_mail_that_trickles_is_cut_off(start_receiver):
    receiver = start_receiver(idle_s=0.5, min_bytes_per_s=1_000_000)
    client = receiver.hello()
    client.say_all("MAIL FROM:<>", "RCPT TO:<ana@capture.test>", "DATA")
    said = b""
    while not said:
        client.send(b"drop\r\n")
        if select.select([client.socket], [], [], 0.02)[0]:
            said = client.socket.recv(1000)
    assert said.startswith(b"421 4.4.2 The mail comes too slowly")
    receiver.stop()
    assert receiver.refusals.counts == {"mail_pace": 1}
    assert (receiver.rows(), receiver.spool_files()) == ([], [])


@pytest.mark.parametrize("line", ["NOOP", "DATA"])
def test_who_does_not_read_its_replies_is_cut_off(start_receiver, until, line):
    """Replies that nobody takes wait in us: behind DATA, too, where it is we who are to speak."""
    receiver = start_receiver(idle_s=0.3)
    client = receiver.hello()
    client.say_all("MAIL FROM:<>", "RCPT TO:<ana@capture.test>")
    (session,) = receiver.server._sessions
    receiver.in_loop(lambda: session.transport.write(b"x" * 20_000_000))  # as by many replies that it did not read
    client.send(line.encode() + b"\r\n")
    until(lambda: not receiver.server._sessions)
    assert receiver.refusals.counts == {"idle": 1}
