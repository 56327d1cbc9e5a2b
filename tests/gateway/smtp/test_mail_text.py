"""What may stand in DATA, and what ends it."""

import random

import pytest


@pytest.mark.parametrize(
    "end",
    [b"\n.\n", b"\r\n.\n", b"\n.\r\n", b"\r.\r", b"\r\n.\r", b"\r.\r\n", b"\r\n.\x00\r\n", b"\n\n.\r\n", b"\r\r\n.\r\r\n", b"\r\n\x00.\r\n"],
    ids=repr,
)  # fmt: skip
def test_only_crlf_dot_crlf_ends_a_mail(receiver, client, end):
    smuggled = b"first" + end + b"MAIL FROM:<evil@x.test>\r\nRCPT TO:<ana@capture.test>\r\nDATA\r\nsecond\r\n"
    client.say_all("MAIL FROM:<>", "RCPT TO:<ana@capture.test>", "DATA")
    client.send(smuggled + b".\r\n")
    assert client.reply().startswith("250 2.0.0")
    (row,) = receiver.rows()
    assert row.body == smuggled.replace(b"\r\n.", b"\r\n")  # kept as it came, less the dots that RFC 5321 §4.5.2 takes
    assert client.say("NOOP").startswith("250 ")


def test_every_octet_is_kept_as_it_came(receiver, client):
    text = bytes(range(256)) * 40 + b"\r\n"
    client.mail("ana@capture.test", text=text)
    assert [row.body for row in receiver.rows()] == [text]


def test_a_line_of_any_length_is_taken(receiver, client):
    text = b"x" * 300_000 + b"\r\n"
    client.mail("ana@capture.test", text=text)
    (row,) = receiver.rows()
    assert receiver.text(row) == text


def test_a_mail_in_pieces_cut_anywhere_is_the_same_mail(receiver, client):
    text = b".one\r\n..two\r\n\r\n.\r.\n.\r\r\nthree\r\n"
    for seed in range(20):
        pieces = random.Random(seed)
        client.say_all("MAIL FROM:<>", "RCPT TO:<ana@capture.test>", "DATA")
        wire = b"." + text.replace(b"\r\n.", b"\r\n..") + b".\r\n"
        while wire:
            length = pieces.randint(1, 4)
            client.send(wire[:length])
            wire = wire[length:]
        assert client.reply().startswith("250 2.0.0")
    assert {row.body for row in receiver.rows()} == {text}


@pytest.mark.parametrize("size_bytes", [0, 1, 262_143, 262_144, 262_145, 600_000, 999_998])
def test_mails_of_all_sizes_are_whole(receiver, client, size_bytes):
    text = random.Random(size_bytes).randbytes(size_bytes) + b"\r\n"
    assert client.mail("ana@capture.test", text=text).startswith("250 2.0.0")
    (row,) = receiver.rows()
    stored = receiver.text(row)
    assert (stored, row.size_bytes) == (text, len(text))
    assert (row.spool is None) == (len(text) <= 256 * 1024)
    assert len(receiver.spool_files()) == (row.spool is not None)


def test_a_mail_over_the_limit_is_refused_after_its_end_and_the_session_goes_on(receiver, client):
    assert client.mail("ana@capture.test", text=b"x" * 999_999 + b"\r\n").startswith("552 5.3.4")
    assert client.mail("ana@capture.test", text=b"small\r\n").startswith("250 2.0.0")
    assert [row.body for row in receiver.rows()] == [b"small\r\n"]
    assert receiver.spool_files() == []


def test_a_mail_far_over_the_limit_is_cut_off(receiver, client):
    client.say_all("MAIL FROM:<>", "RCPT TO:<ana@capture.test>", "DATA")
    with pytest.raises(ConnectionError):
        client.send(b"x" * 60_000_000)
    receiver.stop()
    assert (receiver.rows(), receiver.spool_files()) == ([], [])


def test_a_client_that_vanishes_in_the_middle_leaves_nothing(receiver, client):
    client.say_all("MAIL FROM:<>", "RCPT TO:<ana@capture.test>", "DATA")
    client.send(b"x" * 700_000)
    client.close()
    assert receiver.hello().mail("ana@capture.test", text=b"another\r\n").startswith("250 2.0.0")
    receiver.stop()
    assert [row.body for row in receiver.rows()] == [b"another\r\n"]
    assert receiver.spool_files() == []
