"""C6: the mail inside a mail that somebody forwarded by hand: who wrote it, to whom, when, and how sure that is."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import Enum

from crm_store.mail.languages.tables import ANSWER_PREFIXES, FORWARD_PREFIXES, Field, folded
from crm_store.mail.parsed_mail import Mailbox
from crm_store.mail.quoting.attributed_header import attributed_header
from crm_store.mail.quoting.lines import Line, lines_of
from crm_store.mail.quoting.openings import How, Opening, openings
from crm_store.mail.quoting.written_date import written_at_ms
from crm_store.mail.quoting.written_mailboxes import written_author, written_mailboxes

CONFIDENT = 0.7  # below this a forward is a guess: held, with the guess as a suggestion (C6)
_MAX_SUBJECT_CHARS = 998  # RFC 5322 §2.1.1's line
_MAX_PREFIXES = 20  # "Re: Fwd: Re: …" of a long talk
_TAGS = re.compile(r"\A(?:\s*\[[^\[\]]{1,40}\]){1,3}")  # "[EXTERNAL]", a mailing list's name
_BRACKETED = re.compile(
    r"\A\s*\[([^\s\[\]:]{1,20}:.*)\]\s*\Z", re.DOTALL
)  # "[Fwd: Penawaran]", as Mozilla and Horde write
_PREFIX = re.compile(r"\s*([^\s:：\[\]()]{1,20}(?: [^\s:：\[\]()]{1,12})?)\s?(?:[\[(]\d{1,4}[\])])?\s?[:：]")


@dataclass(frozen=True, slots=True)
class Forward:
    """The mail that the forwarder got; what that one had forwarded stays in its text.

    from_: () or one without an address where only a name was printed. sent_at_ms: UTC; None where no time is printed.
    confidence: 0 to 1, see CONFIDENT. attached: it came whole, as message/rfc822."""

    from_: tuple[Mailbox, ...]
    to: tuple[Mailbox, ...]
    cc: tuple[Mailbox, ...]
    subject: str
    sent_at_ms: int | None
    text: str
    confidence: float
    attached: bool = False


class _Says(Enum):
    """What the subject says of the mail."""

    FORWARD = 1
    ANSWER = 2
    NOTHING = 3


def find_forward(subject: str, text: str, offset_s: int = 0) -> Forward | None:
    """The forwarded mail printed in the text; None for a mail that forwards none, or an answer that quotes.

    subject: of the forwarding mail, decoded; "" if not known. offset_s: the forwarder's zone, east of UTC, as their own
    Date has it: printed times are theirs and mostly do not say so. Never raises; costs what its length costs."""
    lines, beyond = lines_of(text)
    opening = next(openings(lines, max_depth=1), None)
    if opening is None:
        return None
    header = opening.header or attributed_header(opening.attribution, opening.start, opening.end)
    says, bare_subject = _read_subject(subject, header.codes)
    own_words = any(not line.blank for line in lines[: opening.start])
    sure = _confidence(opening, says, own_words=own_words, indented=_is_indented(lines, opening.end))
    if not sure:
        return None
    values = header.values
    authors = written_author(values.get(Field.AUTHOR, ""))[:1]
    if not any(mailbox.address for mailbox in authors):
        sure *= 0.4  # a name is no contact
    inner_subject = values.get(Field.SUBJECT, "")[:_MAX_SUBJECT_CHARS]
    return Forward(
        from_=authors,
        to=written_mailboxes(values.get(Field.TO, "")),
        cc=written_mailboxes(values.get(Field.CC, "")),
        subject=inner_subject if Field.SUBJECT in values else bare_subject,
        sent_at_ms=written_at_ms(values.get(Field.DATE, ""), header.codes, offset_s),
        text=f"{_inner_text(lines, opening)}\n{beyond}".strip(),
        confidence=round(sure, 2),
    )


def _confidence(opening: Opening, says: _Says, *, own_words: bool, indented: bool) -> float:
    """0 where the mail is an answer, or nothing tells that it is none.

    Most programs mark both alike; then the subject decides, and without a word of it whether anything was answered."""
    # Webmail that marks even the header (OX at IONOS) does so for forwards; its answers have attributions.
    forward_only = opening.how is How.ORIGINAL and opening.depth > 0 and opening.header is not None
    guess = 0.0 if says is _Says.ANSWER or (own_words and not forward_only) else 0.4
    if opening.how is How.FORWARDED:
        sure = {_Says.FORWARD: 0.98, _Says.NOTHING: 0.95, _Says.ANSWER: 0.6}[says]
        return sure if opening.header or opening.attribution else 0.2
    if opening.how is How.ATTRIBUTION:  # Outlook for Mac forwards so, and indents; others only answer
        return (0.8 if indented else 0.5) if says is _Says.FORWARD else guess * 0.75
    if opening.header is None and not opening.attribution:
        return 0.2 if says is _Says.FORWARD else 0.0
    return 0.92 if says is _Says.FORWARD else guess


def _read_subject(subject: str, codes: Collection[str]) -> tuple[_Says, str]:
    """What its first prefix says, and the subject without the prefixes of forwards before it.

    codes: the languages of the quoted header, which tell what a prefix of two meanings says."""
    subject = subject[:_MAX_SUBJECT_CHARS]
    bracketed = _BRACKETED.match(subject)
    said, rest = _Says.NOTHING, (bracketed[1] if bracketed else _TAGS.sub("", subject)).strip()
    for _ in range(_MAX_PREFIXES):
        found = _PREFIX.match(rest)
        prefix = folded(found[1]) if found else ""
        forwards, answers = FORWARD_PREFIXES.get(prefix), ANSWER_PREFIXES.get(prefix)
        if found is None or not (forwards or answers):
            break
        if said is _Says.NOTHING:
            said = _meaning(forwards or frozenset(), answers or frozenset(), codes)
        if not forwards:
            break
        rest = rest[found.end() :].strip()
    return said, rest


def _meaning(forwards: frozenset[str], answers: frozenset[str], codes: Collection[str]) -> _Says:
    if forwards and answers:
        forwards, answers = forwards.intersection(codes), answers.intersection(codes)
    if bool(forwards) is bool(answers):
        return _Says.NOTHING
    return _Says.FORWARD if forwards else _Says.ANSWER


def _is_indented(lines: Sequence[Line], at: int) -> bool:
    written = [line for line in lines[at:] if not line.blank]
    return bool(written) and written[0].text.startswith("    ")


def _inner_text(lines: Sequence[Line], opening: Opening) -> str:
    """Without the marks that the forwarding program put before each line; deeper ones stay."""
    rest = list(lines[opening.end :])
    written = [line for line in rest if not line.blank]
    if opening.depth or (written and all(line.depth for line in written)):
        texts = [_one_mark_less(line) for line in rest]
    elif opening.how is How.ATTRIBUTION and written and all(line.raw.startswith("    ") for line in written):
        texts = [line.raw[4:] for line in rest]
    else:
        texts = [line.raw for line in rest]
    return "\n".join(texts).strip().strip("\ufeff").strip()


def _one_mark_less(line: Line) -> str:
    return line.raw.lstrip(" ")[1:].removeprefix(" ") if line.depth else line.raw
