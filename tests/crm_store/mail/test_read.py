"""One mail as a whole."""

import base64
import hashlib
from dataclasses import replace
from datetime import datetime

import pytest

from crm_store.mail import read as read_module
from crm_store.mail.attachments import attachment_bytes
from crm_store.mail.automatic.signs import AutomaticSigns, Report, ReportKind
from crm_store.mail.limits import LIMITS, Limits
from crm_store.mail.parsed_mail import Mailbox
from crm_store.mail.read import read

HEADER = (
    b"From: Ani <ani@kantor.id>\r\nTo: Budi <budi@toko.id>\r\nMessage-ID: <1@kantor.id>\r\n"
    b"Date: Mon, 23 Nov 2026 10:00:00 +0700\r\n"
)


def mail(body: bytes = b"\r\nHalo", header: bytes = b"") -> bytes:
    return HEADER + header + body


def parts(kind: bytes, *inner: bytes, boundary: bytes = b"b") -> bytes:
    """Content-Type and body of a multipart; inner: each part with its header."""
    lines = b"".join(b"\r\n--" + boundary + b"\r\n" + part for part in inner)
    return b'Content-Type: multipart/%s; boundary="%s"\r\n%s\r\n--%s--\r\n' % (kind, boundary, lines, boundary)


PLAIN, BLANK = b"Content-Type: text/plain\r\n\r\nHalo Budi", b"Content-Type: text/plain\r\n\r\n \r\n"
HTML = b"Content-Type: text/html\r\n\r\n<p>Halo <b>HTML</b></p>"
FOOTER = b"Content-Type: text/plain\r\n\r\n-- \r\nmilis"
NOTE = b"Content-Type: text/plain\r\nContent-Disposition: attachment; filename=catatan.txt\r\n\r\nbukan teks"
NAMED = b"Content-Type: text/plain; name=catatan.txt\r\n\r\nbukan teks"
IMAGE = b"Content-Type: image/png; name=logo.png\r\nContent-ID: <logo@x>\r\nContent-Transfer-Encoding: base64\r\n\r\niVBORw=="
INVITE = b"Content-Type: text/calendar; method=REQUEST\r\n\r\nBEGIN:VCALENDAR"


def test_a_clean_mail_is_read_whole():
    parsed = read(
        mail(
            header=b"Subject: =?utf-8?Q?Penawaran?=\r\nIn-Reply-To: <0@toko.id>\r\nReferences: <a@x> <0@toko.id>\r\nCc: C <c@x.id>\r\n"
        )
    )
    assert parsed.message_id == "1@kantor.id"
    assert parsed.in_reply_to == ("0@toko.id",)
    assert parsed.references == ("a@x", "0@toko.id")
    assert parsed.author == Mailbox("Ani", "ani@kantor.id")
    assert parsed.to == (Mailbox("Budi", "budi@toko.id"),)
    assert parsed.cc == (Mailbox("C", "c@x.id"),)
    assert parsed.subject == "Penawaran"
    assert parsed.sent_at_ms == datetime.fromisoformat("2026-11-23T03:00:00Z").timestamp() * 1000
    assert parsed.text == "Halo"
    assert parsed.problems == ()


@pytest.mark.parametrize(
    ("body", "text", "has_html", "attached"),
    [
        pytest.param(b"\r\nHalo\r\nBudi\r\n", "Halo\nBudi\n", False, 0, id="no MIME"),
        pytest.param(PLAIN, "Halo Budi", False, 0, id="plain"),
        pytest.param(HTML, "Halo HTML", True, 0, id="HTML alone"),
        pytest.param(parts(b"alternative", PLAIN, HTML), "Halo Budi", True, 0, id="plain of two alternatives"),
        pytest.param(parts(b"alternative", HTML, PLAIN), "Halo Budi", True, 0, id="in any order"),
        pytest.param(parts(b"alternative", BLANK, HTML), "Halo HTML", True, 0, id="a blank alternative"),
        pytest.param(parts(b"alternative", PLAIN, parts(b"related", HTML, IMAGE, boundary=b"c")), "Halo Budi", True, 1, id="HTML with its image"),
        pytest.param(parts(b"mixed", parts(b"alternative", PLAIN, HTML, boundary=b"c"), FOOTER), "Halo Budi\n-- \nmilis", True, 0, id="a mailing list's footer"),
        pytest.param(parts(b"mixed", HTML, FOOTER), "Halo HTML\n-- \nmilis", True, 0, id="a footer behind HTML does not hide it"),
        pytest.param(parts(b"mixed", PLAIN, HTML), "Halo Budi", True, 0, id="HTML behind plain"),
        pytest.param(parts(b"mixed", PLAIN, NOTE), "Halo Budi", False, 1, id="an attached text"),
        pytest.param(parts(b"mixed", PLAIN, NAMED), "Halo Budi", False, 1, id="a text with a name that is not the first"),
        pytest.param(parts(b"mixed", NOTE), "", False, 1, id="nothing but an attachment"),
        pytest.param(parts(b"alternative", PLAIN, INVITE), "Halo Budi", False, 1, id="an invitation"),
        pytest.param(parts(b"mixed", PLAIN, b"Content-Type: message/rfc822\r\n\r\nSubject: dalam\r\n\r\nisi"), "Halo Budi", False, 1, id="a mail inside is not the text"),
        pytest.param(b"Content-Type: text/enriched\r\n\r\nHalo", "Halo", False, 0, id="an unknown kind of text"),
        pytest.param(b"Content-Type: image/png\r\n\r\nx", "", False, 1, id="an image alone"),
        pytest.param(b"Content-Type: text\r\n\r\nHalo", "Halo", False, 0, id="no kind at all"),
        pytest.param(b"Content-Type: text/plain; charset=utf-8\r\n\r\n\xef\xbb\xbfHalo\x00\x07\x1b!\rBudi\tx", "Halo\ufffd!\nBudi\tx", False, 0, id="BOM, NUL, controls, bare CR"),
        pytest.param(b"Content-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nCaf=E9", "Café", False, 0, id="charset and encoding"),
    ],
)  # fmt: skip
def test_the_text_that_a_person_would_read(body, text, has_html, attached):
    parsed = read(mail(body))
    assert (parsed.text, parsed.has_html, len(parsed.attachments)) == (text, has_html, attached)


def test_an_attachment_is_listed_and_its_bytes_are_found_again():
    content = b"\x00\xffPDF" * 100
    pdf = (
        b"Content-Type: application/pdf\r\nContent-Disposition: attachment; filename*=utf-8''Kwitansi%20%C3%A9.pdf\r\n"
        b"Content-Transfer-Encoding: base64\r\n\r\n" + base64.encodebytes(content)
    )
    raw = mail(parts(b"mixed", PLAIN, IMAGE, pdf))
    image, listed = read(raw).attachments
    assert (image.position, image.name, image.content_id, image.inline) == (1, "logo.png", "logo@x", True)
    assert (listed.position, listed.name, listed.content_type, listed.inline) == (
        2,
        "Kwitansi é.pdf",
        "application/pdf",
        False,
    )
    assert (listed.size_bytes, listed.sha256) == (len(content), hashlib.sha256(content).hexdigest())
    assert attachment_bytes(raw, 2) == content
    assert attachment_bytes(raw, 3) is None


@pytest.mark.parametrize(
    ("header", "name"),
    [
        pytest.param(b"Content-Type: a/b; name=x.pdf\r\nContent-Disposition: attachment; filename=y.pdf", "y.pdf", id="filename before name"),
        pytest.param(b"Content-Type: a/b; name=x.pdf", "x.pdf", id="name"),
        pytest.param(b"Content-Type: a/b", "", id="none"),
        pytest.param(b"Content-Type: a/b; name=\"C:\\Users\\Ani\\x.pdf\"", "x.pdf", id="a path of Windows"),
        pytest.param(b"Content-Type: a/b; name=../../etc/passwd", "passwd", id="a path upwards"),
        pytest.param(b"Content-Type: a/b; name=caf\xe9.pdf", "café.pdf", id="raw 8-bit"),
        pytest.param(b"Content-Type: message/rfc822", "Surat - dalam.eml", id="a mail's subject"),
    ],
)  # fmt: skip
def test_the_name_of_an_attachment(header, name):
    raw = mail(parts(b"mixed", PLAIN, header + b"\r\n\r\nSubject: Surat / dalam\r\n\r\nisi"))
    assert [attachment.name for attachment in read(raw).attachments] == [name]


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        pytest.param(b"Auto-Submitted: Auto-Replied\r\n", AutomaticSigns(auto_submitted="auto-replied"), id="auto-reply"),
        pytest.param(b"Precedence: BULK\r\n", AutomaticSigns(precedence="bulk"), id="bulk"),
        pytest.param(b"List-Id: Milis <Milis.Toko.ID>\r\n", AutomaticSigns(list_id="milis <milis.toko.id>", to_a_list=True), id="list"),
        pytest.param(b"Return-Path: < >\r\n", AutomaticSigns(return_path_is_null=True), id="null sender"),
        pytest.param(b"Return-Path: <ani@kantor.id>\r\n", AutomaticSigns(), id="a sender"),
        pytest.param(b"Content-Type: Multipart/Report; Report-Type=Delivery-Status; boundary=b\r\n", AutomaticSigns(content_type="multipart/report; report-type=delivery-status", report=Report(ReportKind.DELIVERY, None)), id="report, though its parts are lost"),
    ],
)  # fmt: skip
def test_the_signs_of_automatic_mail(header, expected):
    assert read(mail(header=header)).automatic == expected


@pytest.mark.parametrize(
    ("raw", "problems"),
    [
        pytest.param(b"", ("no Message-ID", "no From", "no Date"), id="nothing at all"),
        pytest.param(mail().replace(b"+0700", b"besok").replace(b"10:", b"x:"), ("unreadable Date",), id="Date"),
        pytest.param(mail(header=b"From: lain@x.id\r\n"), ("several From",), id="two From"),
        pytest.param(mail(header=b"Subject: a\r\nSubject: b\r\n"), ("several Subject",), id="two Subject"),
        pytest.param(mail(b"\r\na\nb\r\n"), ("bare LF",), id="bare LF"),
        pytest.param(mail(b"\r\na\rb\r\n"), ("bare CR",), id="bare CR"),
        pytest.param(mail().replace(b"\r\n", b"\n"), (), id="a file with LF throughout"),
        pytest.param(mail(b"\r\na\0b\r\n"), ("NUL",), id="NUL"),
        pytest.param(mail(b"Content-Type: text/plain; charset=x-y\r\n\r\nx"), ("unknown charset",), id="charset"),
    ],
)
def test_what_is_odd_is_said(raw, problems):
    assert read(raw).problems == problems


def test_of_two_from_fields_the_first_is_the_author_and_both_are_listed():
    parsed = read(mail(header=b"From: Lain <lain@x.id>\r\n"))
    assert parsed.author == Mailbox("Ani", "ani@kantor.id")
    assert [mailbox.address for mailbox in parsed.from_] == ["ani@kantor.id", "lain@x.id"]


def test_two_to_fields_are_joined_and_of_two_subjects_the_first_counts():
    parsed = read(mail(header=b"To: c@x.id\r\nSubject: a\r\nSubject: b\r\n"))
    assert [mailbox.address for mailbox in parsed.to] == ["budi@toko.id", "c@x.id"]
    assert parsed.subject == "a"


def test_two_references_fields_are_joined():
    assert read(mail(header=b"References: <a@x>\r\nReferences: <b@x>\r\n")).references == ("a@x", "b@x")


def test_a_raw_subject_is_read_in_the_mails_charset():
    assert (
        read(mail(header="Subject: 中文\r\nContent-Type: text/plain; charset=gb2312\r\n".encode("gb18030"))).subject
        == "中文"
    )


@pytest.mark.parametrize(
    ("limits", "raw", "problem"),
    [
        pytest.param(Limits(text_chars=10), mail(b"\r\n" + b"Halo Budi\r\n" * 5), "text cut", id="text"),
        pytest.param(Limits(text_chars=10), mail(b"\r\n" + "é".encode() * 100), "text cut", id="text without lines"),
        pytest.param(
            Limits(subject_chars=10), mail(header=b"Subject: Penawaran harga\r\n"), "subject cut", id="subject"
        ),
        pytest.param(Limits(recipients=1), mail(header=b"To: c@x.id\r\n"), "too many recipients", id="recipients"),
        pytest.param(Limits(raw_bytes=150), mail(b"\r\n" + b"x" * 500), "mail cut", id="the mail"),
    ],
)
def test_beyond_a_bound_is_cut_and_said(limits, raw, problem):
    parsed = read(raw, limits)
    assert problem in parsed.problems
    assert len(parsed.text) <= 10 or limits.text_chars == LIMITS.text_chars


def test_a_mail_that_upsets_the_reader_is_unreadable_and_not_an_error(monkeypatch):
    def upset(*args: object) -> None:
        raise RecursionError

    monkeypatch.setattr(read_module, "find_parts", upset)
    parsed = read(mail())
    assert parsed.problems == ("unreadable",)
    assert parsed == replace(parsed, text="", from_=(), message_id=None)
