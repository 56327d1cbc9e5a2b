"""C9: when two copies are one message."""

import hashlib
from collections.abc import Sequence

from crm_store.mail.parsed_mail import ParsedMail
from crm_store.rules.address import normalise

_BEGINNING = 200


def message_id_key(message_id: str) -> bytes:
    """16 octets by which a Message-ID is looked up: they are of any length, and hostile ones are long."""
    return hashlib.sha256(message_id.encode("utf-8", "replace")).digest()[:16]


def identity_of(mail: ParsedMail) -> bytes:
    """SHA-256 over Message-ID, author and Date; without a Message-ID over author, Date, subject and text."""
    author = normalise(mail.author.address)
    date = "" if mail.sent_at_ms is None else str(mail.sent_at_ms)
    if mail.message_id:
        return _digest("id", mail.message_id, author, date)
    return _digest("text", author, date, mail.subject, one_spaced(mail.text))


def same_text(one: str, other: str) -> bool:
    """Whether one text is equal to or contained in the other, white space aside: a gateway's footer or [EXTERNAL] tag
    makes no second message. An empty text is in every other only where both are empty."""
    one, other = one_spaced(one), one_spaced(other)
    if not one or not other:
        return one == other
    return one in other or other in one


def same_beginning(one: str, other: str) -> bool:
    """The same of two texts of which only some is at hand, from the beginning: one holds how the other begins."""
    one, other = one_spaced(one), one_spaced(other)
    return same_text(one[:_BEGINNING], other) or same_text(one, other[:_BEGINNING])


def one_spaced(text: str) -> str:
    return " ".join(text.split())


def content_digest(parts: Sequence[str]) -> bytes:
    """SHA-256 over everything that one rendering of a message shows."""
    return _digest(*parts)


def _digest(*parts: str) -> bytes:
    digest = hashlib.sha256()
    for part in parts:
        octets = part.encode("utf-8", "replace")
        digest.update(len(octets).to_bytes(8, "big"))  # ("ab", "c") is not ("a", "bc")
        digest.update(octets)
    return digest.digest()
