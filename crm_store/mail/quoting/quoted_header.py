"""The header that programs print above a mail they quote or forward: "From: …", "Sent: …", "To: …", "Subject: …"."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from crm_store.mail.languages.tables import (
    LABELS,
    LANGUAGES,
    LONGEST_LABEL_CHARS,
    Field,
    Label,
    alternation,
    folded,
    words,
)
from crm_store.mail.quoting.lines import Line

MAX_BARE_LINES = 8
MAX_LINES = 200  # of one header: 1,000 recipients, five a line
_MARKS = " *_\t"
_ADDRESSES = frozenset({Field.AUTHOR, Field.TO, Field.CC, Field.BCC, Field.REPLY_TO})
_ZONED = re.compile(r"\d:\d\d [+-]\d{4}")
_UNKNOWN_LABEL = re.compile(r"[^\s:][^:@<>]{0,30}:\s")
_GLUED_FIELDS = ("author", "to", "cc", "bcc", "date", "subject", "reply_to")


@dataclass(frozen=True, slots=True)
class QuotedHeader:
    """values: as written, folded lines joined. codes: languages that have all these labels, or some of them.

    start, end: its lines, end exclusive."""

    values: dict[Field, str]
    codes: tuple[str, ...]
    start: int
    end: int

    @property
    def stands_alone(self) -> bool:
        """It is a mail's header even without a separator above: "From: Jakarta, To: Bali, Date: 3 May" is none."""
        fields = self.values.keys() & {Field.TO, Field.CC, Field.DATE, Field.SUBJECT}
        if Field.AUTHOR not in self.values:  # Hotmail's had none
            return "@" in self.values.get(Field.TO, "") and bool(_ZONED.search(self.values.get(Field.DATE, "")))
        if len(fields) < 2:  # a day to the second, and with its zone, is no appointment's
            return "@" in self.values[Field.AUTHOR] and bool(_ZONED.search(self.values.get(Field.DATE, "")))
        addressed = any("@" in self.values.get(field, "") for field in _ADDRESSES)
        return addressed or {Field.DATE, Field.SUBJECT} <= fields

    @property
    def behind_separator(self) -> bool:
        return Field.AUTHOR in self.values and len(self.values) > 1


def label_of(text: str) -> tuple[Label, str] | None:
    """What the line's label means, and the value behind it."""
    for colon in (":", "："):
        cut = text.find(colon, 0, LONGEST_LABEL_CHARS)
        # Thunderbird in German has "Kopie (CC):".
        if cut > 0 and (label := LABELS.get(folded(text[:cut].partition("(")[0].strip(_MARKS)))):
            return label, text[cut + 1 :].strip(_MARKS)
    return None


def read_header(lines: Sequence[Line], at: int) -> QuotedHeader | None:
    """The header that begins with this line; None where its first line has no label."""
    reader = _Reader(lines[at].depth)
    end = at
    for index in range(at, min(at + MAX_LINES, len(lines))):
        following = lines[index + 1] if index + 1 < len(lines) else None
        if not reader.take(lines[index], following):
            break
        if not lines[index].blank:
            end = index + 1
    return reader.header(at, end) if end > at else None


class _Reader:
    def __init__(self, depth: int) -> None:
        self._depth = depth
        self._values: dict[Field, list[str]] = {}
        self._codes: dict[str, int] = {}
        self._last: Field | None = None

    def take(self, line: Line, following: Line | None) -> bool:
        """False where the header has ended before this line."""
        if line.depth != self._depth:
            return False
        if line.blank:  # one between two fields, as some programs make of HTML
            return self._last is not None and (self._wants_value() or self._is_new_field(following))
        found = label_of(line.text)
        if found is None:
            return self._go_on(line, following)
        label, value = found
        if label.field in self._values:
            return False  # another header begins, or the text
        self._last = label.field
        self._values[label.field] = [value] if value else []
        for code in label.codes:
            self._codes[code] = self._codes.get(code, 0) + 1
        return True

    def header(self, start: int, end: int) -> QuotedHeader:
        ranked = sorted(self._codes, key=lambda code: -self._codes[code])
        return QuotedHeader(
            {field: " ".join(parts) for field, parts in self._values.items()}, tuple(ranked), start, end
        )

    def _go_on(self, line: Line, following: Line | None) -> bool:
        """A line without a label: the rest of the field before, a field of no table, or the mail's text."""
        if self._last is None:
            return False
        parts = self._values[self._last]
        is_new_field = self._is_new_field(following)
        if is_new_field and _UNKNOWN_LABEL.match(line.bare):
            return True
        if is_new_field or self._wants_value() or self._is_rest(parts, line):
            parts.append(line.bare)
            return True
        return False

    def _wants_value(self) -> bool:
        return self._last is not None and not self._values[self._last]

    def _is_rest(self, parts: list[str], line: Line) -> bool:
        if self._last not in _ADDRESSES:
            # A folded subject is indented far; the text that follows a header at once is not.
            return self._last is Field.SUBJECT and line.raw.lstrip("> ").startswith("\t")
        written = parts[-1]
        return written.endswith((",", ";", "<")) or line.bare.startswith("<") or written.count("<") > written.count(">")

    def _is_new_field(self, line: Line | None) -> bool:
        if line is None or line.depth != self._depth:
            return False
        found = label_of(line.text)
        return found is not None and found[0].field not in self._values


def read_bare(lines: Sequence[Line], at: int) -> QuotedHeader | None:
    """A header without colons, as eM Client prints it below its separator: "From Ani <ani@toko.id>", "To budi@x.id"."""
    values: dict[Field, str] = {}
    codes: tuple[str, ...] = ()
    end = at
    for line in lines[at : at + MAX_BARE_LINES]:
        words_ = line.bare.split(" ", 2)
        labels = [(LABELS.get(folded(" ".join(words_[:count]))), " ".join(words_[count:])) for count in (1, 2)]
        label, value = next(((label, value) for label, value in labels if label and value), (None, ""))
        if label is None or label.field in values or line.depth != lines[at].depth:
            break
        values[label.field] = value
        codes, end = codes or tuple(label.codes), end + 1
    return QuotedHeader(values, codes, at, end) if len(values) > 2 and "@" in values.get(Field.AUTHOR, "") else None


def read_glued(text: str, at: int) -> QuotedHeader | None:
    """A header in one line, fields without anything between them, as Yahoo's HTML ends up in text:
    "From: Ani <ani@toko.id>To: "Budi" <budi@x.id>Sent: 2 November 2021Subject: Penawaran"."""
    first = label_of(text)
    if first is None or first[0].field is not Field.AUTHOR:
        return None
    best: QuotedHeader | None = None
    for code in sorted(first[0].codes):
        found = _glued_in(text, at, code)
        if best is None or len(found.values) > len(best.values):
            best = found
    return best if best and len(best.values) > 2 else None


@cache
def _glued_labels(code: str) -> tuple[dict[str, Field], re.Pattern[str]]:
    fields = {word: Field(name) for name in _GLUED_FIELDS for word in words(getattr(_TABLE[code], name))}
    fields |= dict.fromkeys(("Cc", "CC"), Field.CC)  # which most languages leave as it is
    # Some of Yahoo's translations have no colon: "Dw Ani <ani@toko.id>", glued to what stands before.
    return fields, re.compile(rf"(?P<label>{alternation(fields)})(?: ?[:：]|(?<=\w\w)(?= ))")


def _glued_in(text: str, at: int, code: str) -> QuotedHeader:
    fields, pattern = _glued_labels(code)
    values: dict[Field, str] = {}
    last: Field | None = None
    begun = 0
    for match in pattern.finditer(text):
        # Samsung has a blank between them.
        parted = match.start() == 0 or not text[match.start() - 1].isspace() or match[0][-1] in ":："
        field = fields[match["label"]]
        if not parted or field in values or field is last or last is Field.SUBJECT:
            continue
        if last is not None:
            values[last] = text[begun : match.start()].strip(" :")
        last, begun = field, match.end()
    if last is not None:
        values[last] = text[begun:].strip(" :")
    return QuotedHeader(values, (code,), at, at + 1)


_TABLE = {language.code: language for language in LANGUAGES}
