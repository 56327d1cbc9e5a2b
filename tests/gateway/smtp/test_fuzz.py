"""Sessions of nonsense: every reply is one that we know, no error of ours is a 5xx, and nobody hangs or stays."""

import random
import re

import pytest

_REPLY = re.compile(rb"[2-5][0-9]{2}[ -][^\r\n]*")
_WORDS = (
    b"EHLO x", b"HELO x", b"MAIL FROM:<a@b.test>", b"MAIL FROM:<>", b"RCPT TO:<ana@capture.test>", b"DATA", b"BDAT 7",
    b"RCPT TO:<nobody@capture.test>", b"BDAT 0 LAST", b"BDAT 30 LAST", b"RSET", b"NOOP", b"VRFY x", b"STARTTLS", b"HELP",
    b"AUTH PLAIN", b"QUIT", b".", b"..", b"", b"\r", b"\n.\n", b"MAIL FROM:", b"RCPT TO:<", b"BDAT", b"BDAT x", b"\0", b"\xff",
    b"SIZE=9999999", b" SIZE=1 BODY=8BITMIME SMTPUTF8 AUTH=<> RET=FULL", b"XCLIENT ADDR=1.2.3.4", b"Subject: x",
    b"Delivered-To: ana@capture.test", b"x" * 5000, b"PROXY TCP4 1.2.3.4 1.2.3.4 1 2", b"\r\n\r\n\0\r\nQUIT\n",
)  # fmt: skip
_ENDS = (b"\r\n", b"\r\n", b"\r\n", b"\r\n", b"\n", b"\r", b"")


def session(chance: random.Random) -> bytes:
    said = b"".join(chance.choice(_WORDS) + chance.choice(_ENDS) for _ in range(chance.randrange(1, 40)))
    for _ in range(chance.randrange(3)):
        at = chance.randrange(len(said) + 1)
        said = said[:at] + chance.randbytes(chance.randrange(5)) + said[at + chance.randrange(3) :]
    return said


def play(receiver, seed: int) -> None:
    said = session(random.Random(seed))
    client = receiver.connect()
    client.send(said)
    client.socket.shutdown(1)
    heard = b""
    try:
        while block := client.socket.recv(65_536):
            heard += block
    except ConnectionError:  # it was sent away while it still talked
        pass
    client.close()
    replies = heard.split(b"\r\n")
    assert replies.pop() == b"", (seed, said, heard)
    assert all(_REPLY.fullmatch(reply) for reply in replies), (seed, said, heard)


@pytest.mark.parametrize("sessions", [300, pytest.param(200_000, marks=pytest.mark.soak)])
def test_sessions_of_nonsense_are_answered_and_end(receiver, capsys, sessions):
    for seed in range(sessions):
        play(receiver, seed)
    receiver.stop()  # waits for sessions that are still there
    said = capsys.readouterr()
    assert "failed" not in said.out + said.err  # smtp_command_failed, smtp_session_failed
    assert receiver.spool_files() == []
