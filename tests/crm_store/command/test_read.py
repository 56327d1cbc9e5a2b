"""sunnyday read: what is understood of mails, as programs and people get it."""

import hashlib
import json
from pathlib import Path

import pytest

MAIL = """\
From: =?utf-8?q?Ani_S=C3=A9tia?= <ani@firma.example>
To: budi@pelanggan.example, "Citra, Bag. Umum" <citra@pelanggan.example>
Cc: Tim: dodi@firma.example;
Subject: Penawaran
Date: Mon, 23 Nov 2026 10:00:00 +0700
Message-ID: <2@firma.example>
In-Reply-To: <1@pelanggan.example>
References: <0@pelanggan.example> <1@pelanggan.example>
Content-Type: multipart/mixed; boundary=b

--b
Content-Type: text/html; charset=utf-8

<p>Kami kirimkan</p>
--b
Content-Type: application/pdf; name="harga.pdf"
Content-Transfer-Encoding: base64

JVBERg==
--b--
"""
SHAPE = [
    "file", "from", "to", "cc", "bcc", "subject", "sent_at", "message_id", "in_reply_to", "references", "text",
    "has_html", "reply_text", "quoted_text", "signature", "forward", "automatic", "attachments", "problems",
]  # fmt: skip


@pytest.fixture
def mail(tmp_path: Path) -> Path:
    path = tmp_path / "mail.eml"
    path.write_text(MAIL)
    return path


def test_a_mail_as_json(sunnyday, mail: Path):
    done = sunnyday("read", str(mail), "--json")
    assert (done.returncode, done.stderr) == (0, "")
    told = json.loads(done.stdout)
    assert list(told) == SHAPE
    expected = {
        "file": str(mail),
        "from": [{"name": "Ani Sétia", "address": "ani@firma.example"}],
        "to": [
            {"name": "", "address": "budi@pelanggan.example"},
            {"name": "Citra, Bag. Umum", "address": "citra@pelanggan.example"},
        ],
        "cc": [{"name": "", "address": "dodi@firma.example"}],
        "bcc": [],
        "subject": "Penawaran",
        "sent_at": "2026-11-23T03:00:00.000Z",
        "message_id": "<2@firma.example>",
        "in_reply_to": ["<1@pelanggan.example>"],
        "references": ["<0@pelanggan.example>", "<1@pelanggan.example>"],
        "text": "Kami kirimkan",
        "has_html": True,
        "forward": None,
        "automatic": None,
        "attachments": [
            {
                "name": "harga.pdf",
                "content_type": "application/pdf",
                "size_bytes": 4,
                "inline": False,
                "sha256": hashlib.sha256(b"%PDF").hexdigest(),
            }
        ],
        "problems": [],
    }
    assert {name: told[name] for name in expected} == expected


def test_each_file_has_its_line_and_one_that_cannot_be_had_fails_the_command(sunnyday, mail: Path):
    done = sunnyday("read", str(mail), "none.eml", str(mail), "--json")
    assert (done.returncode, done.stderr) == (1, "none.eml: No such file or directory.\n")
    assert [json.loads(line)["subject"] for line in done.stdout.splitlines()] == ["Penawaran"] * 2


def test_what_is_no_mail_is_told_too(sunnyday, tmp_path: Path):
    (tmp_path / "noise").write_bytes(bytes(range(256)) * 9)
    done = sunnyday("read", "noise", "--json")
    assert done.returncode == 0
    assert {"no From", "no Date", "no Message-ID", "NUL"} <= set(json.loads(done.stdout)["problems"])


def test_a_bare_body_with_its_subject(sunnyday):
    done = sunnyday("read", "--body", "--subject", "Halo", "-", "--json", given="\ufeffSelamat pagi\r\nBudi\n")
    told = json.loads(done.stdout)
    assert list(told) == SHAPE
    assert (told["subject"], told["text"]) == ("Halo", "Selamat pagi\nBudi\n")
    assert (told["from"], told["message_id"], told["sent_at"]) == ([], None, None)


def test_a_subject_is_only_taken_for_a_body(sunnyday, mail: Path):
    assert sunnyday("read", str(mail), "--subject", "Halo").returncode == 2


BOUNCE = """\
From: MAILER-DAEMON@firma.example
To: ani@firma.example
Subject: Undelivered Mail Returned to Sender
Date: Mon, 23 Nov 2026 10:00:00 +0700
Message-ID: <3@firma.example>
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b

It did not arrive.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.firma.example

Final-Recipient: rfc822; budi@pelanggan.example
Action: failed
Status: 5.1.1

--b
Content-Type: message/rfc822

From: ani@firma.example
To: budi@pelanggan.example
Message-ID: <2@firma.example>

Halo
--b--
"""


def test_a_bounce_tells_what_it_is_about_and_is_no_forward(sunnyday):
    told = json.loads(sunnyday("read", "-", "--json", given=BOUNCE).stdout)
    assert told["automatic"]["kind"] == "bounce"
    assert told["automatic"]["original_message_id"] == "<2@firma.example>"
    (failed,) = told["automatic"]["failed"]
    assert (failed["address"], failed["status"]) == ("budi@pelanggan.example", "5.1.1")
    assert "no such mailbox" in failed["reason"]
    assert told["forward"] is None


def test_an_attached_mail_is_a_forward(sunnyday):
    forwarding = "From: ani@firma.example\nContent-Type: multipart/mixed; boundary=f\n\n--f\n\nLihat\n--f\nContent-Type: message/rfc822\n\n"
    told = json.loads(sunnyday("read", "-", "--json", given=f"{forwarding}{MAIL}\n--f--\n").stdout)
    assert told["forward"]["from"] == [{"name": "Ani Sétia", "address": "ani@firma.example"}]
    assert told["forward"]["subject"] == "Penawaran"
    assert told["forward"]["sent_at"] == "2026-11-23T03:00:00.000Z"
    assert (told["forward"]["text"], told["forward"]["confidence"]) == ("Kami kirimkan", 1.0)
    assert (told["reply_text"], told["automatic"]) == ("Lihat", None)
    assert told["attachments"][0]["content_type"] == "message/rfc822"


def test_a_printed_forward_has_times_of_the_forwarders_zone(sunnyday):
    mail = (
        "From: ani@firma.example\nDate: Mon, 23 Nov 2026 12:00:00 +0700\nSubject: Fwd: Harga\n\n"
        "-------- Pesan Diteruskan --------\nDari: Budi <budi@pelanggan.example>\nTanggal: 23 November 2026 10:00\n"
        "Kepada: ani@firma.example\nSubjek: Harga\n\nBerapa?\n"
    )
    told = json.loads(sunnyday("read", "-", "--json", given=mail).stdout)
    assert told["forward"]["from"] == [{"name": "Budi", "address": "budi@pelanggan.example"}]
    assert told["forward"]["sent_at"] == "2026-11-23T03:00:00.000Z"
    assert told["forward"]["text"].strip() == "Berapa?"


def test_a_reply_is_told_apart_from_what_it_quotes(sunnyday):
    body = "Baik, kami ambil.\n\nPada Sen, 23 Nov 2026 10.00, Ani <ani@firma.example> menulis:\n> Jadi?\n\n-- \nBudi\n"
    told = json.loads(sunnyday("read", "--body", "-", "--json", given=body).stdout)
    assert told["reply_text"] == "Baik, kami ambil."
    assert "> Jadi?" in told["quoted_text"]
    assert told["signature"].endswith("Budi")


def test_for_people(sunnyday, mail: Path):
    done = sunnyday("read", str(mail))
    assert done.returncode == 0
    lines = done.stdout.splitlines()
    assert "  from        Ani Sétia <ani@firma.example>" in lines
    assert "  attachment  harga.pdf, application/pdf, 4 bytes" in lines
    assert "  | Kami kirimkan" in lines


def test_a_mail_gives_no_orders_to_the_terminal(sunnyday):
    done = sunnyday("read", "--body", "-", given="Halo \x1b[31m\x9b2J")
    assert "| Halo [31m2J" in done.stdout
