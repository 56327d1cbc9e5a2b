"""When something of ours is wrong, the sender keeps the mail and learns nothing about us."""

import shutil
import threading
from contextlib import contextmanager

import pytest

from crm_store.errors import IntakeFull, Temporary
from gateway.intake import segment
from gateway.intake.intake import Intake
from gateway.smtp.handler import CaptureHandler


@contextmanager
def replaced(owner, name, value):
    old = getattr(owner, name)
    setattr(owner, name, value)
    try:
        yield
    finally:
        setattr(owner, name, old)


class BrokenIntake(Intake):
    """Fails as `error` says, before or after it has read the mail."""

    error: Exception | None = None
    reads_first = False

    async def put(self, envelope, chunks):
        if self.reads_first:
            async for _ in chunks:
                pass
        if self.error is not None:
            raise self.error
        return await super().put(envelope, chunks)


@pytest.mark.parametrize("reads_first", [False, True], ids=["before the mail was read", "after it was read"])
@pytest.mark.parametrize(
    ("error", "reply"),
    [
        pytest.param(OSError(28, "No space left on device", "/secret/path"), "451 4.3.0", id="a full disk"),
        pytest.param(Temporary("secret"), "451 4.3.0", id="no writing"),
        pytest.param(KeyError("secret"), "451 4.3.0", id="a mistake of ours"),
        pytest.param(IntakeFull("secret"), "452 4.3.1", id="nearly full"),
    ],
)
def test_an_error_while_keeping_a_mail_lets_the_sender_keep_it(start_receiver, error, reply, reads_first):
    receiver = start_receiver(intake=BrokenIntake)
    receiver.intake.error, receiver.intake.reads_first = error, reads_first
    client = receiver.hello()
    said = client.mail("ana@capture.test", text=b"QUIT\r\n" * 50_000)
    assert said.startswith(reply)
    assert "secret" not in said
    receiver.intake.error = None
    assert client.mail("ana@capture.test").startswith("250 2.0.0")


@pytest.mark.parametrize("method", ["sender", "recipient", "check_recipients"])
def test_an_error_in_a_command_is_451_and_the_session_begins_anew(client, method):
    def broken(*_):
        raise RuntimeError("secret")

    def play():
        return client.say_all("MAIL FROM:<>", "RCPT TO:<ana@capture.test>")

    with replaced(CaptureHandler, method, broken):
        failed = play()
    assert "451 4.3.0 Not able to take this now, try again" in failed
    assert not any(reply.startswith("5") and not reply.startswith("503") for reply in failed)
    assert [reply[:3] for reply in play()] == ["250", "250"]


def test_a_disk_nearly_full_is_told_at_mail(receiver, client):
    with replaced(receiver.intake, "_reserve_bytes", 1 << 62):
        assert client.say("MAIL FROM:<>").startswith("452 4.3.1")
    assert client.say("MAIL FROM:<>").startswith("250 ")


def test_a_segment_taken_away_costs_no_mail(receiver, client):
    client.mail("ana@capture.test", text=b"one\r\n")
    for path in segment.segments(receiver.intake.acceptor_folder):
        for file in segment.segment_files(path):
            file.unlink(missing_ok=True)
    assert client.mail("ana@capture.test", text=b"two\r\n").startswith("250 2.0.0")
    assert [row.body for row in receiver.rows()] == [b"two\r\n"]


def test_the_whole_intake_taken_away_is_made_again(receiver, client):
    client.mail("ana@capture.test", text=b"one\r\n")
    shutil.rmtree(receiver.folder)
    assert client.mail("ana@capture.test", text=b"two\r\n").startswith("250 2.0.0")
    assert client.mail("ana@capture.test", text=b"3" * 400_000 + b"\r\n").startswith("250 2.0.0")
    assert [row.size_bytes for row in receiver.rows()] == [5, 400_002]
    assert not segment.is_dead(receiver.intake.acceptor_folder)


def test_without_the_database_known_recipients_are_taken_and_others_are_asked_to_wait(receiver, client):
    client.mail("ana@capture.test")
    receiver.addresses.down = True
    client.say("MAIL FROM:<>")
    said = client.say_all(
        "RCPT TO:<ana@capture.test>",
        "RCPT TO:<nobody@capture.test>",
        "RCPT TO:<postmaster@capture.test>",
        "RCPT TO:<ana@elsewhere.test>",
    )
    assert [reply[:9] for reply in said] == ["250 2.1.5", "451 4.3.0", "250 2.1.5", "550 5.7.1"]
    receiver.addresses.down = False
    assert client.say_all("RSET", "MAIL FROM:<>", "RCPT TO:<nobody@capture.test>")[2].startswith("550 5.1.1")


def test_addresses_that_were_never_loaded_bounce_nobody(start_receiver):
    receiver = start_receiver()
    receiver.addresses.down = True
    assert receiver.hello().say_all("MAIL FROM:<>", "RCPT TO:<ana@capture.test>")[1].startswith("451 4.3.0")


def test_a_database_that_hangs_holds_up_nobody_for_long(start_receiver):
    receiver = start_receiver(check_limit_s=0.3)
    client = receiver.hello()
    client.mail("ana@capture.test")
    receiver.addresses.hangs = threading.Event()
    for _ in range(30):  # 30 waits of 0.3 s would be over the client's patience: only the first one waits
        assert client.say_all("MAIL FROM:<>", "RCPT TO:<nobody@capture.test>", "RSET")[1].startswith("451 4.3.0")
    assert client.mail("ana@capture.test").startswith("250 2.0.0")
    receiver.addresses.hangs.set()
    receiver.addresses.hangs = None


def test_the_end_of_a_connection_after_the_final_dot_changes_nothing(receiver):
    begun, go_on = threading.Event(), threading.Event()
    append = segment.append

    def slow(writer, mails):
        begun.set()
        assert go_on.wait(30)
        append(writer, mails)

    client = receiver.hello()
    client.say_all("MAIL FROM:<>", "RCPT TO:<ana@capture.test>", "DATA")
    with replaced(segment, "append", slow):
        client.send(b"y" * 300_000 + b"\r\n.\r\n")
        assert begun.wait(30)
        client.socket.setsockopt(1, 13, b"\x01\0\0\0\0\0\0\0")  # SO_LINGER 0: a reset, not a goodbye
        client.close()
        assert receiver.hello().say("NOOP").startswith("250 ")
        go_on.set()
    receiver.stop()
    (row,) = receiver.rows()
    assert receiver.text(row) == b"y" * 300_000 + b"\r\n"
