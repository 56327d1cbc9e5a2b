"""SMTP smuggling (CVE-2023-51764 and its kin): whatever looks like the end of a mail, only CRLF.CRLF is it."""

import itertools

import pytest

SMUGGLED = b"MAIL FROM:<evil@x.test>\r\nRCPT TO:<ana@capture.test>\r\nDATA\r\nSubject: smuggled\r\n\r\n"
_BREAKS = (b"\n", b"\r", b"\r\n", b"\n\r", b"\r\r\n", b"\x00\r\n", b"\r\n\x00", b"\x0b", b"\x85", b"\xe2\x80\xa8", b"")
ODD_ENDS = [
    before + dot + after
    for before, dot, after in itertools.product(_BREAKS, (b".", b"..", b".\x00"), _BREAKS)
    if not (before.endswith(b"\r\n") and dot == b"." and after.startswith(b"\r\n"))
]


def text_of(odd_end: bytes) -> bytes:
    return b"Subject: outer\r\n\r\nouter" + odd_end + SMUGGLED.replace(b"\r\n.", b"\r\n..") + b"inner\r\n"


def unstuffed(text: bytes) -> bytes:
    return text.replace(b"\r\n.", b"\r\n")


def test_every_odd_end_with_a_second_mail_behind_it_is_one_mail(receiver, client):
    """Over one connection, without waiting: a mail that ended too early would take the next one's place."""
    for odd_end in ODD_ENDS:
        text = text_of(odd_end)
        client.send(b"MAIL FROM:<>\r\nRCPT TO:<ana@capture.test>\r\nDATA\r\n" + text + b".\r\nNOOP\r\n")
        assert [client.reply()[:3] for _ in range(5)] == ["250", "250", "354", "250", "250"], odd_end
    assert [row.body for row in receiver.rows()] == [unstuffed(text_of(odd_end)) for odd_end in ODD_ENDS]


@pytest.mark.parametrize("cut", [1, 2, 3, 4, 5])
def test_nor_does_it_help_to_cut_it_in_pieces(receiver, client, cut):
    """The end that is one, in two packets, at each place."""
    client.say_all("MAIL FROM:<>", "RCPT TO:<ana@capture.test>", "DATA")
    text = text_of(b"\n.\r\n")
    end = b"\r\n.\r\n"
    client.send(text[:-2] + end[:cut])
    assert receiver.hello().say("NOOP").startswith("250")  # so the first piece was read
    client.send(end[cut:] + b"NOOP\r\n")
    assert [client.reply()[:3] for _ in range(2)] == ["250", "250"]
    assert [row.body for row in receiver.rows()] == [text]


def test_chunks_are_counted_and_never_searched(receiver, client):
    for odd_end in [*ODD_ENDS, b"\r\n.\r\n"]:
        text = text_of(odd_end)
        client.send(b"MAIL FROM:<>\r\nRCPT TO:<ana@capture.test>\r\nBDAT %d LAST\r\n" % len(text) + text + b"NOOP\r\n")
        assert [client.reply()[:3] for _ in range(4)] == ["250"] * 4
    assert len(receiver.rows()) == len(ODD_ENDS) + 1


def test_behind_a_refused_mail_nothing_is_a_command(start_receiver):
    receiver = start_receiver(errors=1000)
    client = receiver.hello()
    for odd_end in ODD_ENDS[::7]:
        text = b"Received: x\r\n" * 51 + text_of(odd_end)
        client.send(b"MAIL FROM:<>\r\nRCPT TO:<ana@capture.test>\r\nDATA\r\n" + text + b".\r\nNOOP\r\n")
        assert [client.reply()[:3] for _ in range(5)] == ["250", "250", "354", "554", "250"]
        client.say("RSET")
    assert receiver.rows() == []


def test_a_mail_that_is_far_too_large_ends_the_session_and_what_follows_is_not_followed(start_receiver):
    receiver = start_receiver(max_mail_bytes=1000, skip_bytes=200_000)
    client = receiver.hello()
    client.say_all("MAIL FROM:<>", "RCPT TO:<ana@capture.test>", "DATA")
    client.send(b"x" * 400_000 + b"\r\n.\r\n" + SMUGGLED + b".\r\n")
    assert client.reply().startswith("552 5.3.4")
    assert client.is_closed()
    assert receiver.rows() == []
