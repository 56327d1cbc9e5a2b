"""The mail that a report is about: attached whole, as its header alone, or copied into the report's text."""

import re
from dataclasses import dataclass

from crm_store.mail import header_block
from crm_store.mail.charset import decode_header_bytes
from crm_store.mail.limits import Limits
from crm_store.mail.mailboxes import read_mailboxes
from crm_store.mail.message_ids import message_id
from crm_store.mail.problems import Problems

# Where a mail system says that the mail itself follows. Of a line that is lower case and stripped of dashes and blanks.
_MARKS = (
    "below this line is a copy of the message", "this is a copy of the message", "this is a copy of your message",
    "this is a copy of the first", "original message follows", "original message", "original message headers",
    "original message header", "message headers follow", "message header follows", "message text follows",
    "the header of the original message is following", "below is a copy of the original message",
    "included is a copy of the message header", "unsent message follows", "unsent message below", "returned message",
    "a copy of the original message", "the original message follows", "header of the original message",
    "message from yahoo.com follows", "undelivered message", "the following is the original message",
    "returned mail follows", "headers of the original message", "message header", "message contents follow",
    "your original message", "original mail follows", "original mail header", "failed message follows",
    "the original message is included below", "below is the original message", "here is a copy of the message",
    "the text of the message", "start of original message", "beginning of original message", "the message headers",
    "pesan asli", "pesan asli berikut", "berikut salinan pesan", "ursprüngliche nachricht", "message d'origine",
    "mensaje original", "mensagem original", "messaggio originale", "oorspronkelijk bericht",
)  # fmt: skip
_MAX_MARK_CHARS = 100
_TRANSPORT = re.compile(
    r"(?:received|return-path|dkim-signature|domainkey-signature|x-received|arc-[a-z-]+|authentication-results"
    r"|message-id|delivered-to|mime-version|envelope-to)[ \t]*:",
    re.IGNORECASE,
)
_HEADER = re.compile(r"(?:[A-Za-z][A-Za-z0-9-]{1,40}[ \t]*:|[ \t]+\S)")
_AROUND = " \t-=*_|:;.,>#~+<"


@dataclass(frozen=True, slots=True)
class Original:
    """message_id: without brackets; None where its header has none. sender, recipients: addresses as written."""

    message_id: str | None
    sender: str
    recipients: tuple[str, ...]


def read_original(header: bytes, limits: Limits) -> Original:
    """Of a mail, or of a part of its header."""
    problems = Problems()
    header = header.lstrip(b"\r\n")  # some programs put an empty line before the mail that they attach
    fields, _ = header_block.split(header, 0, len(header), limits.header_bytes, problems)

    def value(name: str) -> str:
        return decode_header_bytes(fields.first(name))

    from_ = read_mailboxes(value("from"), problems, limits)
    named = [one for name in ("to", "cc", "bcc") for one in read_mailboxes(value(name), problems, limits)]
    return Original(
        message_id=message_id(value("message-id"), limits),
        sender=next((mailbox.address for mailbox in from_ if mailbox.address), ""),
        recipients=tuple(mailbox.address for mailbox in named if mailbox.address)[: limits.recipients],
    )


def begins_with_header(text: str) -> bool:
    """Whether a text is a mail's header, attached as a text."""
    return _TRANSPORT.match(text.lstrip()[:_MAX_MARK_CHARS]) is not None


def where_it_begins(lines: list[str]) -> tuple[int, int]:
    """The line by which the notice has ended, and the one with which the copied mail begins; (n, n) without one."""
    for number, line in enumerate(lines):
        if line[:1] not in (" ", "\t") and _TRANSPORT.match(line) and _is_header(lines, number):
            return number, number
        if len(line) <= _MAX_MARK_CHARS and _is_mark(line):
            start = _first_header(lines, number + 1)
            if start is not None:
                return number, start
    return len(lines), len(lines)


def _is_mark(line: str) -> bool:
    words = " ".join(line.strip(_AROUND).casefold().split())
    return any(words.startswith(mark) and len(words) <= len(mark) + 40 for mark in _MARKS)


def _first_header(lines: list[str], at: int) -> int | None:
    """The first line of a header within the few lines after a mark; None where no header follows it."""
    for number in range(at, min(at + 6, len(lines))):
        if _HEADER.match(lines[number].strip()) and ":" in lines[number]:
            return number
    return None


def _is_header(lines: list[str], at: int) -> bool:
    """Two fields or a fold in a row: prose may have one word with a colon."""
    return at + 1 < len(lines) and _HEADER.match(lines[at + 1]) is not None
