"""Bytes of a mail as files: what was received, byte for byte, and nothing that a browser runs or believes."""

import re
from urllib.parse import unquote

import pytest

from gateway.web.downloads import disposition

HEADER = re.compile(r"attachment; filename=\"([^\"\\]*)\"; filename\*=UTF-8''([A-Za-z0-9!#$&+^`|._~%-]*)")


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        pytest.param("harga.pdf", "harga.pdf", id="a plain name"),
        pytest.param("Penawaran 3 \u2013 harga.pdf", "Penawaran 3 \u2013 harga.pdf", id="blanks and a dash"),
        pytest.param('a"; filename="b.exe', 'a"; filename="b.exe', id="quotes"),
        pytest.param("a\r\nSet-Cookie: x=1\r\n\r\n<html>.pdf", "aSet-Cookie: x=1<html>.pdf", id="line breaks"),
        pytest.param("../../etc/passwd", "passwd", id="a path"),
        pytest.param("C:\\Users\\x\\harga.pdf", "harga.pdf", id="a path of Windows"),
        pytest.param("invoice\u202efdp.exe", "invoicefdp.exe", id="writing that is turned round"),
        pytest.param(".bashrc", "bashrc", id="a hidden file"),
        pytest.param("", "attachment", id="no name"),
        pytest.param("/", "attachment", id="a slash alone"),
        pytest.param("..", "attachment", id="dots alone"),
        pytest.param("a\0b.txt", "ab.txt", id="NUL"),
        pytest.param("\ud800.txt", "txt", id="half a character"),
        pytest.param("100%\\2e'.txt", "2e'.txt", id="percent, backslash and apostrophe"),
        pytest.param("价格.pdf", "价格.pdf", id="Chinese"),
    ],
)
def test_a_name_of_a_mail_is_a_safe_name_of_a_file(name, shown):
    found = HEADER.fullmatch(disposition(name))
    assert found, disposition(name)
    assert disposition(name).isascii()
    assert unquote(found[2]) == shown


def test_a_name_that_is_too_long_for_a_file_system_is_cut_before_its_ending():
    found = HEADER.fullmatch(disposition("价" * 500 + ".pdf"))
    assert found
    name = unquote(found[2])
    assert name.endswith("价.pdf")
    assert len(name.encode()) <= 255


@pytest.fixture
def files(web, world, deliver, a_mail):
    """Delivers a mail with these attachments; the mail's bytes, its entry's id and those of its attachments."""

    def make(*attachments):
        mail = a_mail("budi@budi.test", "citra@customer.test")
        for content, content_type, name in attachments:
            maintype, _, subtype = content_type.partition("/")
            mail.add_attachment(content, maintype=maintype, subtype=subtype, filename=name)
        raw = mail.as_bytes().replace(b"\n", b"\r\n")
        deliver(raw, world.mine.user)
        (conversation,) = web.call("GET", f"locations/{world.mine.id}/conversations", token=world.mine.user.token).json[
            "items"
        ]
        (entry,) = web.call("GET", f"conversations/{conversation['id']}/entries", token=world.mine.user.token).json[
            "items"
        ]
        return raw, entry["id"], [one["id"] for one in entry["message"]["attachments"]]

    return make


def test_the_raw_mail_is_what_was_received(web, world, files):
    raw, entry_id, _ = files((b"\x00\xff" * 1000, "image/png", "x.png"))
    answer = web.call("GET", f"entries/{entry_id}/raw", token=world.mine.user.token)
    assert answer.body == raw
    assert answer.headers["Content-Type"] == "message/rfc822"
    assert answer.headers["Content-Disposition"].startswith(f'attachment; filename="entry-{entry_id}.eml"')
    assert answer.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("content_type", "sent_as"),
    [
        ("image/png", "image/png"),
        ("application/pdf", "application/pdf"),
        ("text/plain", "text/plain"),
        ("text/html", "application/octet-stream"),
        ("image/svg+xml", "application/octet-stream"),
        ("application/xhtml+xml", "application/octet-stream"),
        ("application/javascript", "application/octet-stream"),
    ],
)
def test_an_attachment_is_a_file_to_keep_and_never_a_page(web, world, files, content_type, sent_as):
    content = b"<script>alert(1)</script>"
    _, _, (attachment_id,) = files((content, content_type, "x"))
    answer = web.call("GET", f"attachments/{attachment_id}", token=world.mine.user.token)
    assert answer.body == content
    assert answer.headers["Content-Type"] == sent_as
    assert answer.headers["Content-Disposition"].startswith("attachment; ")
    assert answer.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
def test_a_name_in_a_mail_adds_no_header(web, world, deliver, a_mail):
    raw = (
        b"From: budi@budi.test\r\nTo: citra@customer.test\r\nSubject: x\r\nMIME-Version: 1.0\r\n"
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nHalo\r\n--b\r\n"
        b"Content-Type: text/html; x=y\r\nContent-Disposition: attachment;\r\n"
        b" filename*=UTF-8''a%0D%0ASet-Cookie:%20x=1%22%0A%0D%0A.html\r\n\r\n<b>\r\n--b--\r\n"
    )
    deliver(raw, world.mine.user)
    (conversation,) = web.call("GET", f"locations/{world.mine.id}/conversations", token=world.mine.user.token).json[
        "items"
    ]
    (entry,) = web.call("GET", f"conversations/{conversation['id']}/entries", token=world.mine.user.token).json["items"]
    (attachment,) = entry["message"]["attachments"]
    answer = web.call("GET", f"attachments/{attachment['id']}", token=world.mine.user.token)
    assert answer.status == 200
    assert answer.headers["Set-Cookie"] is None
    assert HEADER.fullmatch(answer.headers["Content-Disposition"])


def entry_of(web, world, deliver, mail):
    deliver(mail, world.mine.user)
    token = world.mine.user.token
    (conversation,) = web.call("GET", f"locations/{world.mine.id}/conversations", token=token).json["items"]
    (entry,) = web.call("GET", f"conversations/{conversation['id']}/entries", token=token).json["items"]
    return entry


def test_the_html_of_a_mail_is_a_page_that_runs_and_fetches_nothing(web, world, deliver, a_mail):
    mail = a_mail("budi@budi.test", "citra@customer.test")
    mail.add_alternative("<p>Halo <img src='http://x.test/a'><script>alert(1)</script></p>", subtype="html")
    entry = entry_of(web, world, deliver, mail)
    assert entry["message"]["has_html"]
    answer = web.call("GET", f"entries/{entry['id']}/html", token=world.mine.user.token)
    assert answer.status == 200
    assert b"<p>Halo <img></p>" in answer.body
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert answer.headers["X-Remote-Content"] == "1"
    assert answer.headers["Content-Security-Policy"] == (
        "default-src 'none'; img-src data:; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'; "
        "frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox"
    )
    assert answer.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert answer.headers["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
def test_a_mail_without_html_has_no_such_page(web, world, deliver, a_mail):
    entry = entry_of(web, world, deliver, a_mail("budi@budi.test", "citra@customer.test"))
    assert web.call("GET", f"entries/{entry['id']}/html", token=world.mine.user.token).status == 404
