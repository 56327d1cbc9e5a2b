"""How many mails a second are read, and how many of their facts are right: against stdlib and fast-mail-parser."""

import hashlib
import json
import time
from collections.abc import Callable, Iterator
from datetime import UTC
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from figures import Figure, compared
from stalwart_reading import as_stalwart_reads, as_we_read, words

from crm_store.mail.read import read

CORPORA = Path(__file__).resolve().parents[2] / "../shared/corpora"
ROUNDS = 7
Facts = dict[str, Any]  # of each field its value, in the shape of as_stalwart_reads
Reader = Callable[[bytes], Facts]


def measure(_folder: Path) -> Iterator[Figure]:
    paths = [path for path in sorted(CORPORA.glob("mime-*/**/*")) if path.suffix in (".eml", ".msg")]
    if not paths:
        print("reading: no ../shared/corpora here")
        return
    mails = [path.read_bytes() for path in paths]
    expected = [
        (raw, _clear(as_stalwart_reads(json.loads(path.with_suffix(".json").read_text()))))
        for raw, path in zip(mails, paths, strict=True)
        if path.with_suffix(".json").exists()
    ]
    peers = {"policy.default": _stdlib, **_fast_mail_parser()}
    right = {name: _right(reader, expected) for name, reader in ({"ours": _ours} | peers).items()}
    for name, peer in peers.items():
        pairs = [(_per_s(_ours, mails), _per_s(peer, mails)) for _ in range(ROUNDS)]
        yield compared(
            "reading: mails a second, the mime corpora",
            "/s",
            [ours for ours, _ in pairs],
            name,
            [theirs for _, theirs in pairs],
            {
                "mails": len(mails),
                "MB": sum(map(len, mails)) / 1e6,
                "facts as Stalwart has them, ours": right["ours"],
                "peer": right[name],
                "of": sum(len(facts) for _, facts in expected),
                "peer raised on": sum(_tried(peer, raw) is None for raw in mails),
            },
        )


def _clear(facts: Facts) -> Facts:
    """Without what Stalwart could not read itself: nobody is asked for U+FFFD."""
    return {name: value for name, value in facts.items() if "\ufffd" not in str(value)}


def _ours(raw: bytes) -> Facts:
    return as_we_read(read(raw))


def _stdlib(raw: bytes) -> Facts:
    """What read() gives, by the documented ways of EmailMessage."""
    mail = message_from_bytes(raw, policy=policy.default)
    assert isinstance(mail, EmailMessage)
    lists = {
        name: [(box.display_name, box.addr_spec) for field in mail.get_all(name, []) for box in field.addresses]
        for name in ("from", "to", "cc", "bcc", "sender", "reply-to")
    }
    date = mail["date"]
    text = mail.get_body(("plain", "html"))
    for part in mail.iter_attachments():
        content = part.get_payload(decode=True) or b""
        _ = (part.get_content_type(), part.get_filename(), hashlib.sha256(content).hexdigest())
    return {
        "subject": words(mail["subject"] or ""),
        "from": lists["from"],
        "to": lists["to"],
        "message_id": (mail["message-id"] or "").strip().strip("<>"),
        "date": int(date.datetime.replace(tzinfo=date.datetime.tzinfo or UTC).timestamp() * 1000) if date else None,
        "text": words(text.get_content()) if text else "",
    }


def _fast_mail_parser() -> dict[str, Reader]:
    try:
        from fast_mail_parser import parse_email
    except ImportError:  # it has wheels for few machines
        return {}

    def reader(raw: bytes) -> Facts:
        mail = parse_email(raw)
        for attachment in mail.attachments:
            hashlib.sha256(attachment.content).hexdigest()
        authors = [mail.from_] if mail.from_ else []
        ids = next((values for name, values in mail.headers.items() if name.lower() == "message-id"), [""])
        return {
            "subject": words(mail.subject),
            "from": [(box.display_name or "", box.address) for box in authors],
            "to": [(box.display_name or "", box.address) for box in mail.to],
            "message_id": ids[0].strip().strip("<>"),
            "date": int(mail.date_parsed.timestamp() * 1000) if mail.date_parsed else None,
            "text": words(" ".join(mail.text_plain or mail.text_html)),
        }

    return {"fast-mail-parser": reader}


def _right(reader: Reader, expected: list[tuple[bytes, Facts]]) -> int:
    """How many facts are as Stalwart has them; a mail that raises has none."""
    told = ((_tried(reader, raw), facts) for raw, facts in expected)
    return sum(found[name] == value for found, facts in told if found is not None for name, value in facts.items())


def _tried(reader: Reader, raw: bytes) -> Facts | None:
    """None where it raises. A mistake of this file in naming a peer's attributes must not count as the peer's."""
    try:
        return reader(raw)
    except Exception as error:
        if isinstance(error, AttributeError) and "'builtins.Py" in str(error):
            raise
        return None


def _per_s(reader: Reader, mails: list[bytes]) -> float:
    began_at_s = time.perf_counter()
    for raw in mails:
        _tried(reader, raw)
    return len(mails) / (time.perf_counter() - began_at_s)
