"""Mails made to hurt: what they cost grows as their bytes do, and ends."""

import pytest
from cpu_cost import assert_costs_less_than, assert_grows_with_length, cpu_s

from crm_store.mail.forwarded import forwarded
from crm_store.mail.read import read
from crm_store.mail.reply import split_reply
from crm_store.rules.automatic import read_automatic

MIXED = b'Content-Type: multipart/mixed; boundary="b"\n\n'
HTML = b"Content-Type: text/html\n\n"
SIZE_BYTES = 200_000  # below the bounds, or growth would not show
SHAPES = [
    ("blank lines in a part", MIXED + b"--b\n\n", b"\n"),
    ("boundaries", MIXED, b"--b\n\n"),
    ("false boundaries", MIXED, b"--bx\n"),
    ("a boundary of dashes", b'Content-Type: multipart/mixed; boundary="-"\n\n', b"-"),
    ("nesting", b"", b"Content-Type: multipart/mixed; boundary=b\n\n--b\n"),
    ("multiparts of one boundary", MIXED, b"--b\nContent-Type: multipart/mixed; boundary=b\n\n"),
    ("multiparts of other boundaries than theirs", MIXED, b"--c\nContent-Type: multipart/mixed; boundary=b\n\n"),
    ("mails inside", MIXED, b"--b\nContent-Type: message/rfc822\n\nSubject: x\n\n"),
    ("header fields", b"", b"a:b\n"),
    ("a header without a colon", b"", b"x"),
    ("folds", b"To: a", b"\n b"),
    ("starts of encoded words", b"Subject: ", b"=?utf-8?q?"),
    ("encoded words", b"Subject: ", b"=?utf-8?q?=41?= "),
    ("parameters", b"Content-Type: text/plain", b'; a="'),
    ("parameters whose lines lost their blank", b"Content-Type: text/plain;\n", b"a=b;\n"),
    ("parentheses", b"To: ", b"("),
    ("comments", b"To: ", b"() "),
    ("brackets", b"To: ", b"<"),
    ("brackets closed", b"To: ", b"<>"),
    ("commas", b"To: ", b","),
    ("quotes", b"To: ", b'"'),
    ("escaped quotes", b"To: ", b'\\"'),
    ("colons behind an at sign", b"To: ", b"a@b:"),
    ("at signs", b"To: ", b" @"),
    ("combining marks", b"To: ", "\u0301\u0323".encode()),
    ("references", b"References: ", b"<a@b> "),
    ("padding", b"Content-Transfer-Encoding: base64\n\n", b"QQ="),
    ("uuencode", b"Content-Transfer-Encoding: x-uuencode\n\nbegin 644 a\n", b"!!\n"),
    ("a charset that costs the square", b"Content-Type: text/plain; charset=idna\n\n", b"a"),
    ("comments of HTML", HTML, b"<!--"),
    ("tags never closed", HTML, b"<a "),
    ("quotes in tags", HTML, b"<a '<a' \""),
    ("less-than signs", HTML, b"<"),
    ("references of HTML", HTML, b"&#9"),
    ("blocks", HTML, b"<div> "),
    ("lines in pre", HTML + b"<pre>", b"\n "),
    ("scripts", HTML, b"<script>x</script "),
    ("spaces", b"\n", b" "),
    ("empty lines", b"\n", b"\n"),
    ("attributions that never end", b"\n", b"On "),
    ("attributions of our own that never end", b"\n", b"Pada "),
    ("marks of quotes", b"\n", b">"),
    ("marks of quotes with blanks", b"\n", b"> "),
    ("quoted lines", b"\n", b"> > > a\n"),
    ("header words in the text", b"\n", b"From: a\n"),
    ("carriage returns", b"\n", b"\r"),
    ("NUL", b"\n", b"\0"),
    ("broken UTF-8", b"\n", b"\xc3\xa9\xc3"),
    ("shifts of ISO-2022", b"Content-Type: text/plain; charset=iso-2022-jp\n\n", b"\x1b$B\x1b(B"),
    ("UTF-7", b"Content-Type: text/plain; charset=utf-7\n\n", b"+AGE-"),
    ("quoted-printable", b"Content-Transfer-Encoding: quoted-printable\n\n", b"=3D"),
    ("addresses", b"To: ", b"a@example.com, "),
    ("Received", b"", b"Received: from a by b\n"),
    ("mails in mails", b"", b"Content-Type: message/rfc822\n\n"),
    (
        "files in winmail.dat",
        b"Content-Type: application/ms-tnef\n\n\x78\x9f\x3e\x22\1\0",
        b"\2\2\x90\6\0\0\0\0\0\0\0\2\x0f\x80\6\0\1\0\0\0a\0\0",
    ),
    ("paragraphs", HTML, b"<p>a"),
    ("nested tables", HTML, b"<table><tr><td>"),
    ("lists", HTML, b"<ul><li>"),
    ("quotations", HTML, b"<blockquote type=cite>a"),
    ("attributions above quotations", HTML, b"On 2 Nov 2020 10:11 a@b wrote:<blockquote>"),
    ("hidden text", HTML, b"<div style=display:none>"),
    (
        "recipients of a bounce",
        b"Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n"
        b"Content-Type: message/delivery-status\n\n",
        b"Final-Recipient: rfc822; a@b.id\nAction: failed\nStatus: 5.1.1\n\n",
    ),
]


def cost_s(head: bytes, unit: bytes, size_bytes: int) -> float:
    raw = head + unit * (size_bytes // len(unit))

    def all_that_reads() -> None:
        parsed = read(raw)
        split_reply(parsed.text)
        forwarded(parsed)
        read_automatic(parsed)
        assert "unreadable" not in parsed.problems

    return cpu_s(all_that_reads)


@pytest.mark.parametrize(("head", "unit"), [pytest.param(head, unit, id=name) for name, head, unit in SHAPES])
def test_what_a_mail_costs_grows_as_its_bytes_do(head, unit):
    assert_grows_with_length(lambda size_bytes: cost_s(head, unit, size_bytes), SIZE_BYTES)


@pytest.mark.parametrize(("head", "unit"), [pytest.param(head, unit, id=name) for name, head, unit in SHAPES])
def test_five_megabytes_cost_about_a_second_at_most(head, unit):
    # The dearest takes 0.8 s. What a bound forgets, or the square of anything, takes many seconds.
    assert_costs_less_than(2, lambda: cost_s(head, unit, 5_000_000))
