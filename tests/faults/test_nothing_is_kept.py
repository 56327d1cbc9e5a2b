"""B5, B13: of mail that is nobody's business nothing is kept but that it came: looked for in every file and table."""

import base64
import os
import secrets
import signal
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest
from conditions import until
from mails import a_mail
from outside import Outside, User

FORGOTTEN_WITHIN_S = 25  # a segment is closed after 10 s, and deleted by the next look of the drainer


@pytest.fixture
def outside(served, database_environ):
    return Outside(served(SUNNYDAY_TRUSTED_RELAYS="127.0.0.1", **database_environ))


@pytest.fixture
def holders(outside, database_environ, request):
    """Where a mail could be: name → all bytes that are there now."""

    def look() -> Iterator[tuple[str, bytes]]:
        for path in outside.product.data.rglob("*"):
            if path.is_file():
                yield str(path.relative_to(outside.product.data)), readable(path)
        if database_environ:
            server = request.getfixturevalue("postgres_server")
            yield "dump", server.dump(database_environ["SUNNYDAY_DATABASE_URL"])

    return look


def test_a_minute_after_the_decision_no_file_log_or_table_has_a_word_of_it(outside, holders):
    location = outside.add_location("Toko Ani")
    ani = outside.add_user("ani@firma.example", location)
    outside.add_member(ani, "rina@firma.example")
    secret, shown = secrets.token_hex(10), secrets.token_hex(10)
    kinds = {"plain": {}, "base64": {"cte": "base64"}, "large": {"cte": "base64", "size_bytes": 400_000}}
    for kind, how in kinds.items():
        outside.send(marked("rina@firma.example", secret, f"<{kind}@firma.example>", **how), ani.bcc)
        outside.send(marked("budi@pelanggan.example", shown, f"<shown-{kind}@firma.example>", **how), ani.bcc)
        outside.until_decided(ani, f"<shown-{kind}@firma.example>")
    turn_confidential_while_it_waits(outside, ani, marked("tono@firma.example", secret, "<late@firma.example>"))
    status, _ = outside.call(ani.token, "POST", f"/locations/{location}/never-log", {"pattern": "@bank.example"})
    assert status in (200, 201)
    outside.send(marked("teller@bank.example", secret, "<never@firma.example>"), ani.bcc)
    for kind in [*kinds, "late", "never"]:
        (decision,) = outside.until_decided(ani, f"<{kind}@firma.example>")
        kept = {name: decision[name] for name in ("rule", "outcome", "path", "location_id", "message_id")}
        assert kept == {
            "rule": "B13" if kind == "never" else "B5",
            "outcome": "ignored",
            "path": "bcc",
            "location_id": location,
            "message_id": f"<{kind}@firma.example>",
        }
        assert decision["at"]

    until(lambda: not found(secret, holders()), FORGOTTEN_WITHIN_S)
    assert len(found(shown, holders())) >= 3, "what is recorded must be seen by the same search"


def turn_confidential_while_it_waits(outside: Outside, user: User, raw: bytes) -> None:
    """It is stored to be decided, and then who gets it becomes a member."""
    (worker,) = [process.pid for process in outside.product.tree.services["capture"]]
    os.kill(worker, signal.SIGSTOP)
    outside.send(raw, user.bcc)
    until(lambda: b"sunnyday_captures_waiting 0" not in outside.metrics())
    outside.add_member(user, "tono@firma.example")
    os.kill(worker, signal.SIGCONT)


def marked(to: str, marker: str, message_id: str, *, cte: str = "7bit", size_bytes: int = 2_000) -> bytes:
    """A mail with the marker in its subject, its body, a file's name and a file."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "Ani <ani@firma.example>", to, f"Perihal {marker}"
    mail["Date"], mail["Message-ID"] = "Mon, 23 Nov 2026 09:00:00 +0000", message_id
    lines = [f"{number} {marker}" for number in range(size_bytes // (len(marker) + 6))]
    mail.set_content("\n".join(lines), cte=cte)
    mail.add_attachment(marker.encode() * 5, maintype="application", subtype="pdf", filename=f"{marker}.pdf")
    return mail.as_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def found(marker: str, holders: Iterator[tuple[str, bytes]]) -> list[str]:
    forms = list(forms_of(marker))
    return [name for name, content in holders if any(form in content or form in name.encode() for form in forms)]


def forms_of(marker: str) -> Iterator[bytes]:
    """As it could have been written: the middle of its Base64 at each alignment, too."""
    yield marker.encode()
    yield marker.encode("utf-16-le")
    yield marker.encode("utf-16-be")
    yield marker.encode().hex().encode()
    for before in range(3):
        yield base64.b64encode(b"-" * before + marker.encode())[4:-4]


def readable(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:  # just deleted
        return b""


def test_the_search_finds_each_form():
    marker = "0123456789abcdefghij"
    raw = a_mail(text=marker, subject="x")
    for content in (
        raw,
        base64.b64encode(raw),
        base64.b64encode(raw[1:]),
        base64.b64encode(raw[2:]),
        marker.encode("utf-16-le"),
    ):
        assert found(marker, iter([("file", content)])) == ["file"]
    assert found(marker, iter([("file", raw.replace(b"abc", b"abd"))])) == []
