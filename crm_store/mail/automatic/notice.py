"""Bounces in prose, as mail systems wrote them before RFC 3464 and many still do: who was not reached, and why.

One reader for all: what counts is where an address stands in its line, not which program wrote the line."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from crm_store.mail.automatic.cause import Cause, cause_of, status_in
from crm_store.mail.automatic.delivery_status import ADDRESS, clean_address
from crm_store.mail.automatic.original import Original, read_original, where_it_begins
from crm_store.mail.automatic.signs import Action, ReportedRecipient
from crm_store.mail.limits import Limits

NOTICE_CHARS = 256 * 1024  # what is looked at; a notice about Limits.recipients addresses takes some 100 a line
LINE_CHARS = 1000  # RFC 5322 §2.1.1 allows 998; what is longer holds no address that a person would find
_ORIGINAL_LINES = 1000  # of the copied mail: more than its header
_SAID_LINES = 12  # behind an address, where the reason is told
_ADDRESSES_A_LINE = 50
_BEFORE_CHARS = 60
_GLANCE_CHARS = 4000  # of a notice, in which it says that it is none of a failure

_STARTS_LINE = re.compile(r"[\s>*•·\-–—|#.\"'+]{0,80}<?(?:mailto:)?(?:smtp:|rfc822;)?", re.IGNORECASE)
# Words that stand before the address of somebody who was not reached.
_NAMES_FAILED = re.compile(
    r"(?:rcpt to|recipients?|recipient address|addressed to|address(?:es)?"
    r"|deliver(?:ed|ing|y)?(?: your)?(?: e?-?mail| message)? to|delivery of message to|not deliver to|not relayed to"
    r"|undeliverable to|(?:sent|send|message|e?-?mail|failed) to|failed|unknown user|no such user|user(?: unknown)?"
    r"|mailbox|account|\bto|\bfor|\(expanded from|\b[45]\d\d(?:[ -][245]\.\d{1,3}\.\d{1,3})?"
    r"|penerima|alamat|kepada|\bke|untuk|empfänger|\ban|destinataire|destinat[aá]rio|получател\w*|адрес\w*)"
    r"(?: (?:is|was|are|were|adalah))?[\s:;<\"'(\[]{0,12}(?:rfc822;|smtp:|mailto:)?\s{0,4}<?$",
    re.IGNORECASE,
)
# Words that stand before other addresses.
_NAMES_OTHER = re.compile(
    r"(?:mail from|from|sender|reply-to|return-path|message-id|\bid|contact|e-?mail:?|by|assistance|on behalf of|mailto"
    r"|please send mail to|send mail to|write to|visit|generated from|dari|pengirim|hubungi|absender|expéditeur"
    r"|remitente)[\s:;=<\"'(\[]{0,12}<?$",
    re.IGNORECASE,
)
_ID_LINE = re.compile(r"[\s>]{0,20}(?:message-?id|id|references|in-reply-to)\s{0,3}[:=]", re.IGNORECASE)
_TOLD_ID = re.compile(r"[\s>|]{0,20}(?:original )?message-?id\s{0,3}:\s{0,5}<([^<>\s]{1,900})>", re.IGNORECASE)
# It is tried again: whatever else such a notice says.
_STILL_TRIED = (
    "not yet been delivered", "delivery attempts will continue", "warning only", "will be retried",
    "will continue trying", "still trying", "still being retried", "do not need to resend", "no need to resend",
    "will keep trying", "has been delayed", "will continue to be attempted", "will continue to try",
    "continue trying to deliver", "delivery will be attempted", "will retry", "warning message only",
    "non-fatal errors", "belum dapat dikirim", "akan dicoba lagi", "akan terus mencoba", "masih dicoba",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Notice:
    """recipients: who was not reached, as far as the prose names them. original: of the mail copied behind it."""

    recipients: tuple[ReportedRecipient, ...]
    original: Original | None
    message_id: str | None  # of the original, where the notice itself tells it


@dataclass(frozen=True, slots=True)
class _Named:
    address: str
    line: int
    failed: bool


def read_notice(text: str, not_failed: frozenset[str], known: Original | None, limits: Limits) -> Notice:
    """not_failed: addresses, case folded, that stand in a notice for other reasons: whom it was sent to, who sent it.

    known: the mail that the report has attached."""
    lines = [line[:LINE_CHARS] for line in text[:NOTICE_CHARS].split("\n")]
    end, begins = where_it_begins(lines)
    copied = lines[begins : begins + _ORIGINAL_LINES]
    original = read_original(_dedented(copied).encode("utf-8", "replace"), limits) if copied else None
    about = known or original
    notice = lines[:end]
    named = _chosen(list(islice(_named(notice), 4 * limits.recipients)), not_failed, about)
    return Notice(tuple(_told(notice, named[: limits.recipients])), original, _message_id(notice))


def inferred(original: Original | None, said: str) -> tuple[ReportedRecipient, ...]:
    """Who was not reached where no report says so: the one recipient that the mail had."""
    if original is None or len({address.casefold() for address in original.recipients}) != 1:
        return ()
    return (told_in(original.recipients[0], said),)


def told_in(address: str, said: str) -> ReportedRecipient:
    """Somebody who was not reached, for the reason that a whole text gives."""
    return _recipient(address, said[:LINE_CHARS], said[: _SAID_LINES * LINE_CHARS], _action(said))


def _named(lines: list[str]) -> Iterator[_Named]:
    for number, line in enumerate(lines):
        if "@" not in line or _ID_LINE.match(line):
            continue
        for match in islice(ADDRESS.finditer(line), _ADDRESSES_A_LINE):
            before = line[max(0, match.start() - _BEFORE_CHARS) : match.start()]
            address = clean_address(match[0])
            local, _, domain = address.partition("@")
            in_url = "//" in before.rpartition(" ")[2]
            failed = _NAMES_FAILED.search(before) is not None
            if not local or "." not in domain or in_url or (not failed and _NAMES_OTHER.search(before)):
                continue
            yield _Named(address, number, failed or _STARTS_LINE.fullmatch(line, 0, match.start()) is not None)


def _chosen(named: list[_Named], not_failed: frozenset[str], original: Original | None) -> list[_Named]:
    """Each address once, where it was named first. Recipients of the mail win over others, and who stands where failed
    recipients do over who is named in passing."""
    first: dict[str, _Named] = {}
    for one in named:
        key = one.address.casefold()
        if key not in first or (one.failed and not first[key].failed):
            first[key] = one
    sent_to = {address.casefold() for address in original.recipients} if original else set()
    sender = {original.sender.casefold()} if original else set()
    candidates = {key: one for key, one in first.items() if key not in sender or key in sent_to}
    others = {
        key: one for key, one in candidates.items() if key in sent_to or not (key in not_failed or _is_system(key))
    }
    candidates = others or {key: one for key, one in candidates.items() if one.failed}
    failed = {key: one for key, one in candidates.items() if one.failed} or candidates
    ours = {key: one for key, one in failed.items() if key in sent_to}
    ours = ours or {key: one for key, one in candidates.items() if key in sent_to}
    if ours:
        leading = min(one.line for one in ours.values())
        failed = ours | {key: one for key, one in failed.items() if one.line <= leading}
    return sorted(failed.values(), key=lambda one: one.line)


def _is_system(address: str) -> bool:
    """Whom to write to for help, most often; somebody may have written to them all the same."""
    return address.startswith(("postmaster@", "mailer-daemon@"))


def _told(lines: list[str], named: list[_Named]) -> Iterator[ReportedRecipient]:
    whole = "\n".join(lines[:200])
    action = _action(whole)
    for place, one in enumerate(named):
        stop = named[place + 1].line if place + 1 < len(named) else len(lines)
        said = "\n".join(lines[one.line : max(one.line + 1, min(stop, one.line + _SAID_LINES))])
        yield _recipient(one.address, said, whole if len(named) == 1 else said, action)


def _recipient(address: str, said: str, whole: str, action: Action) -> ReportedRecipient:
    status = status_in(said) or status_in(whole)
    cause = cause_of(status, said)
    if cause in (Cause.UNKNOWN, Cause.TEMPORARY, Cause.POLICY):
        cause = cause_of(status, whole) if cause_of(status, whole) is not Cause.UNKNOWN else cause
    return ReportedRecipient(address, "", action, status, cause)


def _action(whole: str) -> Action:
    """A temporary status tells nothing: whoever gives up tells the last answer that they got."""
    words = whole[:_GLANCE_CHARS].casefold()
    return Action.DELAYED if any(phrase in words for phrase in _STILL_TRIED) else Action.FAILED


def _message_id(lines: list[str]) -> str | None:
    """A notice may tell the header of the mail that it is about, in its own layout."""
    for line in lines[:200]:
        if match := _TOLD_ID.match(line):
            return match[1]
    return None


def _dedented(lines: list[str]) -> str:
    """The copied mail, from its first field on; some programs indent or quote all of it."""
    first = lines[0]
    mark = first[: len(first) - len(first.lstrip(" \t>|"))]
    return "\n".join(line.removeprefix(mark) for line in lines) if mark else "\n".join(lines)
