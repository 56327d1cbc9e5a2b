"""What a composed message looks like on the wire, and what none may hold."""

import re
import tracemalloc

import pytest

from crm_store.errors import Invalid
from crm_store.mail.attachments import attachment_bytes
from crm_store.mail.compose.draft import Draft, DraftAttachment, ReplyTo
from crm_store.mail.compose.message import MOST_REFERENCES, compose, content, own_header
from crm_store.mail.parsed_mail import Mailbox
from crm_store.mail.read import read
from crm_store.mail.reply import split_reply

TOKEN = "k7w2m4q9x3z8b6n5v2c4j7h3d8"
BUDI = Mailbox("Budi", "budi@toko.id")
MB = 1024 * 1024


def draft(**changes):
    given = {
        "from_name": "Ani",
        "from_address": "ani@kantor.id",
        "to": (BUDI,),
        "subject": "Penawaran",
        "text": "Halo",
        "token": TOKEN,
    }
    return Draft(**{**given, **changes})


def lines_of(**changes):
    return compose(draft(**changes), bcc_field=True).decode("ascii").split("\r\n")


def test_a_plain_letter_is_readable_on_the_wire():
    assert lines_of(text="Halo,\nharga kopi 10.", cc=(Mailbox("", "citra@toko.id"),)) == [
        "To: Budi <budi@toko.id>",
        "Cc: citra@toko.id",
        f"X-SunnyDay-Delivery: {TOKEN}",
        "From: Ani <ani@kantor.id>",
        "Subject: Penawaran",
        "MIME-Version: 1.0",
        "Content-Type: text/plain; charset=utf-8",
        "Content-Transfer-Encoding: 7bit",
        "",
        "Halo,",
        "harga kopi 10.",
        "",
    ]


@pytest.mark.parametrize(
    ("name", "written"),
    [
        pytest.param("Budi Santoso", "To: Budi Santoso <b@c.id>", id="atoms"),
        pytest.param("Santoso, Budi S.E.", 'To: "Santoso, Budi S.E." <b@c.id>', id="comma and dots"),
        pytest.param('Budi "Boy" \\S', r'To: "Budi \"Boy\" \\S" <b@c.id>', id="quotes and a backslash"),
        pytest.param("Budi\r\nBcc: x@y.id", 'To: "Budi Bcc: x@y.id" <b@c.id>', id="a line end is a blank"),
        pytest.param("Büdi 🌞", "To: =?utf-8?b?QsO8ZGkg8J+Mng==?= <b@c.id>", id="letters beyond ASCII"),
        pytest.param("=?utf-8?q?x?=", "To: =?utf-8?b?PT91dGYtOD9xP3g/PQ==?= <b@c.id>", id="what looks encoded"),
        pytest.param("<Budi>", "To: =?utf-8?b?PEJ1ZGk+?= <b@c.id>", id="brackets"),
        pytest.param("", "To: b@c.id", id="none"),
    ],
)
def test_a_name_is_written_so_that_every_reader_takes_it_for_one(name, written):
    assert written in lines_of(to=(Mailbox(name, "b@c.id"),))


@pytest.mark.parametrize(
    ("name", "written"),
    [
        pytest.param("daftar harga.pdf", 'attachment; filename="daftar harga.pdf"', id="plain"),
        pytest.param("产品.pdf", "attachment; filename*=utf-8''%E4%BA%A7%E5%93%81.pdf", id="Chinese"),
        pytest.param('a"; x="b.pdf', "attachment; filename*=utf-8''a%22%3B%20x%3D%22b.pdf", id="quotes"),
        pytest.param("C:\\arsip\\a.pdf", 'attachment; filename="a.pdf"', id="the sender's folders"),
        pytest.param("x" * 60, f"attachment; filename*0*=utf-8''{'x' * 50}; filename*1*={'x' * 10}", id="long"),
        pytest.param("", "attachment", id="none"),
    ],
)
def test_a_file_name_is_written_as_rfc_2231_has_it(name, written):
    raw = compose(draft(attachments=(DraftAttachment(name, "application/pdf", b"x"),)), bcc_field=True)
    assert f"\r\nContent-Disposition: {written}\r\n" in re.sub(r"\r\n ", " ", raw.decode("ascii"))


LETTER = b"From: a@b.id\r\nSubject: Halo\r\n\r\nHalo\r\n"


@pytest.mark.parametrize(
    ("content_type", "content", "becomes", "encoding"),
    [
        pytest.param("Application/PDF; x=y", b"x", "application/pdf", "base64", id="a file"),
        pytest.param("text/csv; charset=utf-8", b"x", "text/csv", "base64", id="a text"),
        pytest.param("", b"x", "application/octet-stream", "base64", id="of unknown type"),
        pytest.param("message/rfc822", LETTER, "message/rfc822", "7bit", id="a mail of plain lines"),
        pytest.param(
            "message/rfc822", LETTER.replace(b"\r", b""), "application/octet-stream", "base64", id="a mail with LF"
        ),
        pytest.param(
            "message/rfc822", b"Halo\r\n", "application/octet-stream", "base64", id="what is called a mail and is none"
        ),
        pytest.param("message/rfc822", LETTER + b"\xe9", "application/octet-stream", "base64", id="a mail of 8 bits"),
        pytest.param(
            "message/rfc822", LETTER + b"x" * 999, "application/octet-stream", "base64", id="a mail with a long line"
        ),
        pytest.param(
            "message/rfc822",
            LETTER + f"--=_{TOKEN}m--\r\n".encode(),
            "application/octet-stream",
            "base64",
            id="a mail with our boundary",
        ),
        pytest.param(
            "message/delivery-status", LETTER, "application/octet-stream", "base64", id="of another kind of message"
        ),
        pytest.param("multipart/mixed; boundary=b", b"--b--", "application/octet-stream", "base64", id="parts"),
    ],
)
def test_in_which_encoding_an_attachment_goes(content_type, content, becomes, encoding):
    raw = compose(draft(attachments=(DraftAttachment("a", content_type, content),)), bcc_field=True)
    (attachment,) = read(raw).attachments
    assert (attachment.name, attachment.content_type) == ("a", becomes)
    assert attachment_bytes(raw, attachment.position) == content
    assert raw.count(f"Content-Transfer-Encoding: {encoding}\r\n".encode()) == 1 + (encoding == "7bit")


def types_in(raw):
    return re.findall(rb"Content-Type: ([a-z]+/[a-z0-9]+)", raw)


def test_an_image_that_the_html_shows_lies_beside_it_and_others_are_files():
    images = [DraftAttachment(f"{cid}.png", "image/png", b"png", cid) for cid in ("logo@x", "unnamed")]
    raw = compose(
        draft(text="", html='<p>Halo <img src="cid:logo%40x"></p>', attachments=tuple(images)), bcc_field=True
    )
    assert types_in(raw) == [
        b"multipart/mixed", b"multipart/alternative", b"text/plain", b"multipart/related", b"text/html", b"image/png", b"image/png",
    ]  # fmt: skip
    assert b'\r\nContent-Type: multipart/related; type="text/html";\r\n' in raw
    mail = read(raw)
    assert (mail.text, [(one.content_id, one.inline) for one in mail.attachments]) == (
        "Halo\n",
        [("logo@x", True), ("unnamed", False)],
    )


def test_html_without_words_has_no_empty_text_beside_it():
    assert types_in(compose(draft(text=" \n", html="<img src=x>"), bcc_field=True)) == [b"text/html"]


def test_bcc_is_told_to_none_but_a_host_that_takes_it_out():
    hidden = draft(bcc=(Mailbox("", "diam@toko.id"),))
    assert b"diam@toko.id" in compose(hidden, bcc_field=True)
    assert b"diam@toko.id" not in compose(hidden, bcc_field=False)
    assert b"Bcc" not in compose(hidden, bcc_field=False)


def test_a_hundred_recipients_are_all_read_and_no_line_is_long():
    many = tuple(Mailbox(f'Budi "{number}", Ünal 🌞', f"budi{number}@toko.id") for number in range(100))
    raw = compose(draft(to=many), bcc_field=True)
    assert read(raw).to == many
    assert max(map(len, raw.split(b"\r\n"))) <= 78


def test_an_answer_names_what_it_answers_the_first_and_the_latest():
    old = tuple(f"{number}@x" for number in range(100))
    mail = read(compose(draft(reply=ReplyTo("new@x", old)), bcc_field=True))
    assert mail.in_reply_to == ("new@x",)
    assert mail.references == ("0@x", *old[100 - MOST_REFERENCES + 2 :], "new@x")


@pytest.mark.parametrize(
    ("references", "in_reply_to", "expected"),
    [
        pytest.param(("a@x", "b@x"), ("b@x",), ("a@x", "b@x"), id="References count"),
        pytest.param((), ("b@x",), ("b@x",), id="else In-Reply-To"),
        pytest.param((), ("a@x", "b@x"), (), id="but not two of it"),
    ],
)
def test_what_of_an_answered_message_is_referred_to(references, in_reply_to, expected):
    assert ReplyTo.to("c@x", references, in_reply_to) == ReplyTo("c@x", expected)


def test_ids_that_no_header_can_carry_are_left_out():
    hostile = ReplyTo("a\r\nBcc: x@y.id", ("é@x", "a b@x", "<c@x>", "x" * 999, "", "fine@x"))
    mail = read(compose(draft(reply=hostile), bcc_field=True))
    assert (mail.in_reply_to, mail.references, mail.bcc) == ((), ("fine@x",), ())


def test_several_deliveries_share_all_but_what_is_their_own():
    shared = content(draft(token="s" * 26, to=(), html="<p>Halo</p>"))
    each = own_header(draft(message_id="m1@kantor.id"), bcc_field=False)
    assert each == f"To: Budi <budi@toko.id>\r\nMessage-ID: <m1@kantor.id>\r\nX-SunnyDay-Delivery: {TOKEN}\r\n".encode()
    assert TOKEN.encode() not in shared
    mail = read(each + shared)
    assert (mail.to, mail.message_id, mail.subject, mail.text) == ((BUDI,), "m1@kantor.id", "Penawaran", "Halo\n")
    assert mail.problems == ("no Date",)


def test_a_message_id_and_fields_of_ours():
    lines = lines_of(message_id="m1@kantor.id", fields=(("Auto-Submitted", "auto-generated"),))
    assert "Message-ID: <m1@kantor.id>" in lines
    assert "Auto-Submitted: auto-generated" in lines


def test_the_signature_is_one_for_every_reader():
    mail = read(compose(draft(text="", html="<p>Halo</p>", signature="Ani & Co\nToko <Ani>"), bcc_field=True))
    parted = split_reply(mail.text)
    assert (parted.reply_text, parted.signature) == ("Halo", "-- \nAni & Co\nToko <Ani>")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        pytest.param({"from_address": "ani"}, "from", id="no address"),
        pytest.param({"to": (BUDI, Mailbox("", "büdi@toko.id"))}, "to.1", id="a name that only SMTPUTF8 carries"),
        pytest.param({"cc": (Mailbox("", "b@c.id>\r\nBcc: x@y.id"),)}, "cc.0", id="a line end in an address"),
        pytest.param({"bcc": (Mailbox("", "a@b.id, c@d.id"),)}, "bcc.0", id="two addresses in one"),
        pytest.param({"subject": "x" * 999}, "subject", id="a subject that no line holds"),
        pytest.param({"text": "x" * (MB + 1)}, "text", id="a text that is no letter"),
        pytest.param({"html": "x" * (2 * MB + 1)}, "html", id="HTML that is no letter"),
        pytest.param(
            {"attachments": (DraftAttachment("a", "pdf", b""),)}, "attachments.0.content_type", id="no media type"
        ),
        pytest.param(
            {"attachments": (DraftAttachment("a", "", b"", "<a>\r\n"),)}, "attachments.0.content_id", id="no content id"
        ),
        pytest.param(
            {"attachments": (DraftAttachment("a", "", bytes(27 * MB)),)}, "attachments", id="more than Gmail takes"
        ),
    ],
)
def test_what_no_mail_may_hold_is_refused_with_its_name(changes, field):
    with pytest.raises(Invalid) as refused:
        compose(draft(**changes), bcc_field=True)
    assert refused.value.field == field


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"token": "short"}, id="token"),
        pytest.param({"token": "x" * 25 + "\n"}, id="token with a line end"),
        pytest.param({"message_id": "a b@x"}, id="Message-ID"),
        pytest.param({"fields": (("X y", "z"),)}, id="name of a field"),
        pytest.param({"fields": (("X", "z\r\nBcc: a@b.id"),)}, id="value of a field"),
    ],
)
def test_a_value_of_ours_that_is_wrong_is_an_error_of_ours(changes):
    with pytest.raises(ValueError):
        compose(draft(**changes), bcc_field=True)


def test_what_is_too_large_when_all_is_in_base64_still_fits_gmail_at_our_own_limit():
    most = DraftAttachment("a", "application/pdf", bytes(26_214_400))
    assert len(compose(draft(attachments=(most,)), bcc_field=True)) < 36_000_000


def peak_and_size(files):
    tracemalloc.start()
    try:
        raw = compose(draft(attachments=tuple(files)), bcc_field=True)
        return tracemalloc.get_traced_memory()[1], len(raw)
    finally:
        tracemalloc.stop()


def test_beside_the_attachments_the_message_is_held_once():
    peak, size = peak_and_size([DraftAttachment("a", "application/pdf", bytes(2 * MB))] * 4)
    assert peak < 1.2 * size


def test_attachments_that_are_fetched_are_in_memory_one_at_a_time():
    peak, size = peak_and_size([DraftAttachment("a", "application/pdf", lambda: bytes(2 * MB))] * 4)
    assert peak < 1.2 * size + 2 * MB
