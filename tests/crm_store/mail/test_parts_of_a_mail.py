"""What lies beside the text: Outlook's files, invitations, mails in mails; and HTML answers, from the bytes to the reply."""

import base64

import pytest

from crm_store.mail.attachments import attachment_bytes
from crm_store.mail.forwarded import forwarded
from crm_store.mail.read import read
from crm_store.mail.reply import split_reply

MIXED = b"From: a@x.id\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nHalo\n--b\n"
INNER = b"From: Budi <budi@x.id>\nTo: ani@x.id\nSubject: Harga\nDate: Mon, 23 Nov 2026 10:00:00 +0700\n\nBerapa?\n"
MESSAGE = b"Content-Type: message/rfc822\n\n"


def test_what_outlook_packs_into_winmail_dat_is_one_attachment():
    content = b"\x78\x9f\x3e\x22\x01\x00" + bytes(20)
    raw = MIXED + (
        b"Content-Type: application/ms-tnef; name=winmail.dat\nContent-Transfer-Encoding: base64\n\n"
        + base64.b64encode(content)
        + b"\n--b--\n"
    )
    (attachment,) = read(raw).attachments
    assert (attachment.name, attachment.content_type) == ("winmail.dat", "application/ms-tnef")
    assert attachment_bytes(raw, attachment.position) == content


def test_an_invitation_beside_the_text_is_listed_and_is_not_the_text():
    mail = read(
        b"Content-Type: multipart/alternative; boundary=b\n\n--b\n\nRapat\n--b\n"
        b"Content-Type: text/calendar; method=REQUEST\n\nBEGIN:VCALENDAR\n--b--\n"
    )
    assert mail.text == "Rapat"
    assert [attachment.content_type for attachment in mail.attachments] == ["text/calendar"]


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(MIXED + MESSAGE + INNER + b"--b--\n", id="attached"),
        pytest.param(MESSAGE + INNER, id="the whole mail"),
        pytest.param(
            MIXED + b"Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n" + base64.encodebytes(INNER),
            id="in base64",
        ),
        pytest.param(
            MIXED + MESSAGE + INNER + b"--b\n" + MESSAGE + b"From: citra@x.id\n\nx\n--b--\n", id="the first of two"
        ),
    ],
)
def test_an_attached_mail_is_read_too(raw):
    inner = read(raw).embedded
    assert inner is not None
    assert (inner.author.address, inner.subject, inner.text.strip()) == ("budi@x.id", "Harga", "Berapa?")
    assert inner.embedded is None
    forward = forwarded(read(raw))
    assert forward is not None
    assert (forward.attached, forward.confidence, forward.from_[0].address) == (True, 1.0, "budi@x.id")


def test_a_mail_in_an_attached_mail_is_a_file_of_it():
    inner = read(MESSAGE + b"From: a@x.id\nContent-Type: message/rfc822\n\n" + INNER).embedded
    assert inner is not None
    assert inner.embedded is None
    assert [attachment.content_type for attachment in inner.attachments] == ["message/rfc822"]


def test_an_attached_mail_without_an_author_is_a_guess():
    forward = forwarded(read(MIXED + MESSAGE + b"Subject: x\n\nHalo\n--b--\n"))
    assert forward is not None
    assert forward.confidence < 0.7


def test_a_mail_without_one_has_none():
    assert read(b"From: a@x.id\n\nHalo").embedded is None


@pytest.mark.parametrize(
    "html",
    [
        pytest.param(
            '<div dir="ltr">Baik, kami ambil.</div><br><div class="gmail_quote"><div class="gmail_attr">Pada Sen, 23 Nov '
            "2026 pukul 10.00 Ani &lt;<a>ani@x.id</a>&gt; menulis:<br></div>"
            '<blockquote class="gmail_quote"><p>Jadi?</p></blockquote></div>',
            id="Gmail",
        ),
        pytest.param(
            "<p>Baik, kami ambil.</p><div style='border-top:solid'><p><b>From:</b> Ani &lt;ani@x.id&gt;<br><b>Sent:</b> Monday, "
            "November 23, 2026 10:00 AM<br><b>To:</b> Budi &lt;budi@x.id&gt;<br><b>Subject:</b> Harga</p></div><p>Jadi?</p>",
            id="Outlook",
        ),
        pytest.param(
            "<html><body>Baik, kami ambil.<div><br><blockquote type=\"cite\"><div>On 23 Nov 2026, at 10.00, Ani &lt;ani@x.id&gt; "
            "wrote:</div><br><div>Jadi?</div></blockquote></div></body></html>",
            id="Apple Mail, whose attribution stands inside the quotation",
        ),
    ],
)  # fmt: skip
def test_an_answer_in_html_alone_is_told_apart_from_what_it_quotes(html):
    reply = split_reply(read(b"Content-Type: text/html; charset=utf-8\n\n" + html.encode()).text)
    assert reply.reply_text == "Baik, kami ambil."
    assert "Jadi?" in reply.quoted_text
