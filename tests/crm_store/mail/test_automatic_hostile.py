"""Reports made to hurt: what they cost grows as their bytes do, and what is kept of them ends."""

import pytest
from bounces import a_bounce
from cpu_cost import assert_costs_less_than, assert_grows_with_length, cpu_s
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_store.mail.limits import LIMITS
from crm_store.mail.read import read
from crm_store.rules.automatic import read_automatic

DAEMON = b"From: mailer-daemon@x.example\nReturn-Path: <>\nSubject: Undelivered Mail\nTo: ani@firma.example\n"
REPORT = (
    DAEMON + b"Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n"
    b"--b\n\nfailed\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; x\n\n"
)
PROSE = DAEMON + b"\nYour mail could not be delivered to:\n"
ATTACHED = DAEMON + b"Content-Type: multipart/report; boundary=b\n\n--b\n\nx\n--b\nContent-Type: message/rfc822\n\n"
SIZE_BYTES = 200_000
FIVE_MB = 5_000_000
SHAPES = [
    ("recipients", REPORT, b"Final-Recipient: rfc822; a%d@x.example\nAction: failed\nStatus: 5.1.1\n\n"),
    ("the same recipient", REPORT, b"Final-Recipient: rfc822; a@x.example\n"),
    ("a huge line", REPORT + b"Final-Recipient: rfc822; ", b"a"),
    ("at signs", REPORT + b"Final-Recipient: rfc822; ", b"a@"),
    ("folds", REPORT + b"Final-Recipient: rfc822; a@x.example\nDiagnostic-Code: smtp; x", b"\n x"),
    ("codes", REPORT + b"Final-Recipient: rfc822; a@x.example\nStatus: ", b"5.1.1 "),
    ("empty lines", REPORT + b"Final-Recipient: rfc822; a@x.example\n", b"\n"),
    ("lines that are no fields", REPORT + b"Final-Recipient: rfc822; a@x.example\n", b"a\n"),
    ("letters by number", REPORT + b"Final-Recipient: utf-8; ", b"\\x{41}"),
    ("reports", DAEMON + b"Content-Type: multipart/report; boundary=b\n\n", b"--b\nContent-Type: message/delivery-status\n\nFinal-Recipient: rfc822;a@x.example\n"),
    ("addresses in prose", PROSE, b"<a%d@x.example>: 550 user unknown\n"),
    ("addresses in a line", PROSE, b"a@x.example "),
    ("at signs in prose", PROSE, b"@"),
    ("dots and at signs", PROSE, b"a@a."),
    ("letters", PROSE, b"a"),
    ("spaces", PROSE, b" "),
    ("quotes", PROSE, b"> "),
    ("marks of a copy", PROSE, b"--- original message follows\n"),
    ("headers of a copy", PROSE, b"Received: x\n"),
    ("ids", PROSE, b"message-id: <"),
    ("words", PROSE, b"recipient "),
    ("failed recipients", DAEMON + b"X-Failed-Recipients: ", b"a@x.example, "),
    ("an attached header", ATTACHED, b"Received: x\n"),
    ("attached recipients", ATTACHED + b"To: ", b"a@x.example, "),
    ("bounces in bounces", ATTACHED, b"From: mailer-daemon@x\nContent-Type: multipart/report; boundary=c\n\n--c\nContent-Type: message/rfc822\n\n"),
    ("deliveries", DAEMON, b"Delivered-To: a@b\n"),
    ("a subject", b"Subject: ", b"undeliver"),
    ("an author", b"From: ", b"mailer-daemon "),
    ("a calendar", b"Content-Type: text/calendar\n\n", b"METHOD:"),
]  # fmt: skip


def made(head: bytes, unit: bytes, size_bytes: int) -> bytes:
    count = size_bytes // len(unit)
    return head + (b"".join(unit % number for number in range(count)) if b"%d" in unit else unit * count)


def cost_s(raw: bytes) -> float:
    def reading() -> None:
        assert "unreadable" not in read(raw).problems

    return cpu_s(reading)


@pytest.mark.parametrize(("head", "unit"), [pytest.param(head, unit, id=name) for name, head, unit in SHAPES])
def test_what_a_report_costs_grows_as_its_bytes_do_and_5_mb_take_about_a_second_at_most(head, unit):
    assert_grows_with_length(lambda size_bytes: cost_s(made(head, unit, size_bytes)), SIZE_BYTES)
    five_mb = made(head, unit, FIVE_MB)
    assert_costs_less_than(2, lambda: cost_s(five_mb))


def test_of_a_hundred_thousand_recipients_the_first_thousand_are_kept():
    told = [(f"orang{number}@x.example", "failed", "5.1.1") for number in range(100_000)]
    found = read_automatic(read(a_bounce("<1@x.example>", *told)))
    assert found is not None
    assert found.original_message_id == "1@x.example"
    assert [one.address for one in found.failed] == [address for address, _, _ in told[: LIMITS.recipients]]


PIECES = [
    b"Final-Recipient: rfc822; a@x.example\n", b"Action: failed\n", b"Status: 5.1.1\n", b"\n", b" \n", b"Original-Recipient: ", b"\\x{d800}",
    b"--b\n", b"--b--\n", b"Content-Type: message/delivery-status\n\n", b"Content-Type: message/rfc822\n\n", b"Message-ID: <1@x>\n",
    b"From: mailer-daemon@x\n", b"Return-Path: <>\n", b"Subject: undelivered mail\n", b"X-Failed-Recipients: b@x, <>\n", b"<a@x.example>: 550\n",
    b"--- original message follows\n", b"Received: x\n", b"To: c@x.example\n", b"@", b"<", b">", b"=?utf-8?q?=00?=", b"\0", b"\xff", b"rcpt to:",
]  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(st.one_of(st.sampled_from(PIECES), st.binary(max_size=6)), max_size=40), st.booleans())
def test_whatever_a_report_holds_it_is_read_and_clean(pieces, is_report):
    head = b"Content-Type: multipart/report; boundary=b\n" if is_report else DAEMON
    parsed = read(head + b"".join(pieces))
    assert "unreadable" not in parsed.problems
    found = read_automatic(parsed, null_sender=True)
    assert found is not None
    for one in found.failed:
        assert "@" in one.address
        for text in (one.address, one.original, one.status):
            text.encode("utf-8")
            assert not any(char < " " for char in text)
            assert len(text) <= 320
    if found.original_message_id is not None:
        assert not any(char < "!" for char in found.original_message_id)
