"""Where somebody else's mail begins in a text: every place, in order."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

from crm_store.mail.languages.tables import Field
from crm_store.mail.quoting import separators
from crm_store.mail.quoting.attribution import MAX_LINES, attribution_ending_at, end_of_attribution
from crm_store.mail.quoting.lines import Line
from crm_store.mail.quoting.quoted_header import QuotedHeader, label_of, read_bare, read_glued, read_header
from crm_store.mail.quoting.unknown_header import unknown_header

_FIRST_FIELDS = frozenset({Field.AUTHOR, Field.SUBJECT, Field.DATE, Field.TO})  # Thunderbird begins with the subject
_BLANKS_BELOW = 4  # between a separator and the header


class How(Enum):
    """What tells that a mail begins.

    FORWARDED: "Forwarded message". ORIGINAL: "Original Message". HEADER: a header alone. ATTRIBUTION: "wrote:"."""

    FORWARDED = "forwarded"
    ORIGINAL = "original"
    HEADER = "header"
    ATTRIBUTION = "attribution"


@dataclass(frozen=True, slots=True)
class Opening:
    """start: the first line that belongs to it, dividers too. end: the first line of the mail that begins.

    header: None where there is none. attribution: the joined line, "" where there is none."""

    how: How
    start: int
    end: int
    depth: int
    header: QuotedHeader | None = None
    attribution: str = ""


def openings(lines: Sequence[Line], max_depth: int = 0) -> Iterator[Opening]:
    """Lines quoted more deeply than max_depth are passed over."""
    at = first = 0
    while at < len(lines):
        line = lines[at]
        found = None if line.depth > max_depth or line.blank else _opening_at(lines, at, first)
        if found is None:
            at += 1
        else:
            yield found
            at = first = found.end


def next_written(lines: Sequence[Line], at: int) -> Line | None:
    """The first line from here on that is not blank."""
    return next((lines[index] for index in range(at, len(lines)) if not lines[index].blank), None)


def _opening_at(lines: Sequence[Line], at: int, first: int) -> Opening | None:
    line = lines[at]
    text = line.bare
    if separator := separators.separator_in(text):
        return _at_separator(lines, at, first, separator)
    label = label_of(text)
    if label and label[0].field in _FIRST_FIELDS:
        header = read_header(lines, at)
        if header and header.stands_alone:
            return Opening(How.HEADER, _above(lines, at, first), header.end, line.depth, header)
    if attributed := _attributed(lines, at, first):
        return attributed
    if separators.may_open(text) or (separators.is_title(text) and _is_marked_below(lines, at)):
        return _of_no_table(lines, at, first)
    return None


def _attributed(lines: Sequence[Line], at: int, first: int) -> Opening | None:
    line = lines[at]
    if (cut := end_of_attribution(line.bare)) == 0:
        return None
    depth = line.depth
    if cut < len(line.bare):  # Yahoo's programs for phones write the text behind it
        begin = max(first, at - MAX_LINES)
        near = [*lines[begin:at], Line(line.raw, line.bare[:cut], depth)]
        found = attribution_ending_at(near, at - begin, 0, quote_follows=False)
        found = found and found._replace(start=found.start + begin, end=found.end + begin)
    else:
        found = attribution_ending_at(lines, at, first, quote_follows=_is_marked_below(lines, at))
    return found and Opening(How.ATTRIBUTION, found.start, found.end, depth, attribution=found.text)


def _is_marked_below(lines: Sequence[Line], at: int) -> bool:
    below = next_written(lines[at + 1 : at + 1 + _BLANKS_BELOW], 0)
    return below is not None and below.depth > lines[at].depth


def _of_no_table(lines: Sequence[Line], at: int, first: int) -> Opening | None:
    for index in range(at + 1, min(at + 2 + _BLANKS_BELOW, len(lines))):
        if not lines[index].blank:
            known = read_header(lines, index)
            if header := known if known and known.stands_alone else unknown_header(lines, index):
                return Opening(How.HEADER, _above(lines, at, first), header.end, lines[index].depth, header)
            break
    return None


def _at_separator(lines: Sequence[Line], at: int, first: int, separator: separators.Separator) -> Opening | None:
    how = How.FORWARDED if separator.kind is separators.Kind.PASSED_ON else How.ORIGINAL
    header = (read_glued(separator.rest, at) if separator.rest else None) or _header_below(lines, at)
    if header is None and not separator.dashed:
        return None
    if header is None and (below := _attribution_below(lines, at)):
        return Opening(how, _above(lines, at, first), below.end, lines[at].depth, attribution=below.attribution)
    end = _below_divider(lines, at, header.end) if header else at + 1
    depth = lines[header.start].depth if header else lines[at].depth
    return Opening(how, _above(lines, at, first), end, depth, header)


def _header_below(lines: Sequence[Line], at: int) -> QuotedHeader | None:
    for index in range(at + 1, min(at + 2 + _BLANKS_BELOW, len(lines))):
        if lines[index].blank or separators.is_divider(lines[index].bare):
            continue
        header = read_header(lines, index)
        if header and header.behind_separator:
            return header
        return read_glued(lines[index].bare, index) or read_bare(lines, index) or unknown_header(lines, index)
    return None


def _below_divider(lines: Sequence[Line], at: int, end: int) -> int:
    """Zoho repeats the separator below the header, SquirrelMail rules it off."""
    below = lines[end].bare if end < len(lines) else ""
    return end + 1 if below and (below == lines[at].bare or separators.is_divider(below)) else end


def _attribution_below(lines: Sequence[Line], at: int) -> Opening | None:
    """Older ProtonMail: "------- Original Message -------" and "On Monday, Ani wrote:" below."""
    for index in range(at + 1, min(at + 2 + _BLANKS_BELOW, len(lines))):
        found = None if lines[index].blank else attribution_ending_at(lines, index, at + 1, quote_follows=True)
        if found:
            return Opening(How.ATTRIBUTION, at, found.end, lines[at].depth, attribution=found.text)
    return None


def _above(lines: Sequence[Line], at: int, first: int) -> int:
    """The start of what opens here, with the divider above it."""
    above = at - 1
    while above > first and above > at - 3 and lines[above].blank:
        above -= 1
    return above if above >= first and separators.is_divider(lines[above].bare) else at
