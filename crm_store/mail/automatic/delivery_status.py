"""The machine-readable part of a bounce: message/delivery-status (RFC 3464 §2), also where it stands in prose."""

import re
from collections.abc import Iterator
from itertools import islice

from crm_store.mail.automatic.cause import cause_of, is_temporary, status_in, telling_status
from crm_store.mail.automatic.signs import Action, ReportedRecipient
from crm_store.mail.clean_text import clean_line
from crm_store.mail.limits import Limits

REPORT_CHARS = 1024 * 1024  # a recipient takes some 300; Limits.recipients of them, and as much again of other words
_OWN_CHARS = 16 * 1024  # what is said of the report as a whole
_OWN_GROUPS = 3
LINE_CHARS = 2000  # of one field with its folds; a server's answer of several lines is below 1,000

# No blank inside what has an @: linear, because both sides are bounded.
ADDRESS = re.compile(
    r"(?<![^\s<>()\[\]\",;:@\\|'`])[^\s<>()\[\]\",;:@\\|]{1,128}@[^\s<>()\[\]\",;:@\\=|'`]{1,253}(?<![.!?…*_])"
)
_QUOTED_ADDRESS = re.compile(r"\"[^\"\r\n@]{1,64}\"@[^\s<>()\[\]\",;:@\\=|'`]{1,253}(?<![.!?])")
_FIELD = re.compile(r"([A-Za-z][A-Za-z0-9-]{2,40})[ \t]*:[ \t]*(.*)", re.DOTALL)
_UNICODE = re.compile(r"\\x\{([0-9A-Fa-f]{1,6})\}")  # RFC 6533 §3
_NAMES_RECIPIENT = ("final-recipient", "original-recipient", "x-actual-recipient")
_ACTIONS = {
    "failed": Action.FAILED, "failure": Action.FAILED, "fail": Action.FAILED, "error": Action.FAILED,
    "bounced": Action.FAILED, "expired": Action.FAILED, "undeliverable": Action.FAILED, "delayed": Action.DELAYED,
    "deferred": Action.DELAYED, "delivered": Action.DONE, "relayed": Action.DONE, "expanded": Action.DONE,
    "deliverable": Action.DONE,
}  # fmt: skip


def read_groups(text: str) -> Iterator[dict[str, str]]:
    """Each group of fields, names in lower case, folds joined. Groups end at empty lines, or where a field comes again
    that a recipient has once: some programs leave the empty line out."""
    fields: dict[str, str] = {}
    name = ""
    for line in _lines(text):
        if not line and not fields:
            continue
        if line[:1] in (" ", "\t") and name and line.strip() and not _begins_recipient(line):
            if len(fields[name]) < LINE_CHARS:
                fields[name] = f"{fields[name]} {line.strip()}"
            continue
        match = _FIELD.match(line.strip())
        if match is None:
            name = ""
            if fields and not line.strip():
                yield fields
                fields = {}
            continue
        name = match[1].lower()
        if name in fields and name in ("final-recipient", "original-recipient", "action", "status"):
            yield fields
            fields = {}
        fields.setdefault(name, match[2].strip())
    if fields:
        yield fields


def read_recipients(text: str, limits: Limits) -> list[ReportedRecipient]:
    """Whom the report is about, in order; never more than limits.recipients."""
    found: list[ReportedRecipient] = []
    if "-recipient" not in text.casefold():
        return found
    for group in read_groups(text[:REPORT_CHARS]):
        recipient = _recipient(group)
        if recipient is not None:
            found.append(recipient)
            if len(found) >= limits.recipients:
                break
    return found


def field_of(text: str, *names: str) -> str:
    """The value of the first of these fields that the report's own group has, which comes first; "" without one."""
    told = list(islice(read_groups(text[:_OWN_CHARS]), _OWN_GROUPS))
    return next((group[name] for name in names for group in told if group.get(name)), "")


def address_in(value: str) -> str:
    """The first address in a field's value or a line, as written; "" without one."""
    value = _UNICODE.sub(_letter, value)
    match = _QUOTED_ADDRESS.search(value) or ADDRESS.search(value)
    return "" if match is None else clean_address(match[0])


def clean_address(address: str) -> str:
    """Without what prose puts around it; clean, as all that may be stored."""
    return clean_line(address).removeprefix("mailto:").strip("'`*_“”‘’«»").rstrip(".,!?")


def _recipient(group: dict[str, str]) -> ReportedRecipient | None:
    """None for a group about the whole message, or one that names no address (RFC 3464 §2.1.2 allows others)."""
    final, original, actual = (_typed_address(group.get(name, "")) for name in _NAMES_RECIPIENT)
    address = final or original or actual
    if not address:
        return None
    said = group.get("diagnostic-code", "")
    status = telling_status(status_in(group.get("status", "")), said)
    words = f"{said} {group.get('status', '')}"
    return ReportedRecipient(
        address=address,
        original=original if original.casefold() != address.casefold() else "",
        action=_action(group.get("action", ""), status, said),
        status=status,
        cause=cause_of(status, words),
    )


def _action(word: str, status: str, said: str) -> Action:
    told = _ACTIONS.get(word.strip().split(" ")[0].strip(";,.()").casefold()) if word.strip() else None
    if told is not None:
        return told
    if status.startswith("2"):
        return Action.DONE
    return Action.DELAYED if is_temporary(status, said) else Action.FAILED


def _typed_address(value: str) -> str:
    """ "rfc822; budi@toko.id" and what programs write instead."""
    address = address_in(value.partition(";")[2]) or address_in(value)
    return clean_line(address)


def _begins_recipient(line: str) -> bool:
    """A field that some programs indent with all the others."""
    return (
        line.strip()
        .lower()
        .startswith(("final-recipient:", "original-recipient:", "action:", "status:", "diagnostic-code:"))
    )


def _letter(match: re.Match[str]) -> str:
    number = int(match[1], 16)
    return chr(number) if 0x20 < number < 0xD800 or 0xDFFF < number < 0x110000 else ""


def _lines(text: str) -> Iterator[str]:
    """Lines of at most LINE_CHARS, one at a time: a report may be cut off long before its end."""
    at = 0
    while at < len(text):
        end = text.find("\n", at)
        end = len(text) if end < 0 else end
        yield text[at : min(end, at + LINE_CHARS)].rstrip("\r")
        at = end + 1
