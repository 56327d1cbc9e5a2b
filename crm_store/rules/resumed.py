"""B17: with which talk a mail goes on that looks like an answer, and names nothing that it answers."""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from crm_store.mail.parsed_mail import ParsedMail
from crm_store.rules.sameness import one_spaced
from crm_store.rules.thread import ancestor_keys, thread_index_key

WITHIN_MS = 30 * 86_400_000
_MAX_PREFIXES = 20

# RFC 5256 §2.1 knows Re, Fw and Fwd; these are what mail programs write in the languages of their users.
_REPLY = frozenset(
    {"re", "balas", "balasan", "bls", "aw", "antw", "antwort", "sv", "vs", "vá", "odp", "res", "rif", "r", "ynt", "απ"}
    | {"ответ", "回复", "回覆", "答复", "答覆", "返信", "답장", "회신", "رد"}
)
_FORWARD = frozenset(
    {"fw", "fwd", "trs", "terusan", "wg", "tr", "rv", "enc", "i", "doorst", "vl", "pd", "ilt", "转发", "轉寄", "転送"}
)
# What gateways put before a subject; they do so on one side only, so that the other side's answer has it or not.
_GATEWAY_TAGS = frozenset({"external", "ext", "extern", "externe", "externo", "eksternal", "luar"})
_COUNTERS = "0123456789[]()^ "


@dataclass(frozen=True, slots=True)
class Subject:
    """base: folded, without prefixes. is_reply, is_forward: what the outermost prefix says."""

    base: str
    is_reply: bool
    is_forward: bool


def base_subject(subject: str) -> Subject:
    """After RFC 5256 §2.1; but a tag in brackets stays unless it is a gateway's: "[Ticket 7]" is no "[Ticket 8]"."""
    rest = one_spaced(unicodedata.normalize("NFKC", subject).casefold())
    outermost: frozenset[str] | None = None
    for _ in range(_MAX_PREFIXES):
        tag, closed, after = rest.removeprefix("[").partition("]")
        if rest.startswith("[") and closed and tag.strip() in _GATEWAY_TAGS:
            rest = after.lstrip()
            continue
        word, colon, after = rest.partition(":")
        kind = next((words for words in (_REPLY, _FORWARD) if word.rstrip(_COUNTERS) in words), None)
        if not colon or kind is None:
            break
        outermost, rest = outermost or kind, after.lstrip()
    return Subject(rest, outermost is _REPLY, outermost is _FORWARD)


@dataclass(frozen=True, slots=True)
class UnnamedReply:
    """subject: its base, "" where that is no clue. index_key: of the talk, by Outlook; None where it has none."""

    subject: str
    index_key: bytes | None


def unnamed_reply(mail: ParsedMail) -> UnnamedReply | None:
    """None: it names what it answers (B9), or nothing says that it answers anything. A forward does not (B2)."""
    subject = base_subject(mail.subject)
    if ancestor_keys(mail) or subject.is_forward:
        return None
    by_subject = subject.base if subject.is_reply else ""
    by_index = thread_index_key(mail) if mail.thread_index.is_reply else None
    return UnnamedReply(by_subject, by_index) if by_subject or by_index else None


@dataclass(frozen=True, slots=True)
class RecentThread:
    """One of the contact's threads. subject: its first mail's. shares_index: it has a mail of the same Outlook talk."""

    id: int
    subject: str
    last_entry_at_ms: int
    parted: bool
    shares_index: bool


def likely_threads(reply: UnnamedReply, at_ms: int, recent: Iterable[RecentThread]) -> list[RecentThread]:
    """Those with which it may go on, the likeliest first. at_ms: when it was sent."""

    def distance_ms(thread: RecentThread) -> int:
        return abs(at_ms - thread.last_entry_at_ms)

    likely = [
        thread
        for thread in recent
        if distance_ms(thread) <= WITHIN_MS
        and (thread.shares_index or (reply.subject != "" and base_subject(thread.subject).base == reply.subject))
    ]
    return sorted(likely, key=lambda thread: (not thread.shares_index, distance_ms(thread), -thread.id))
