"""Attribution lines: "On Mon, 2 Nov 2020 at 10:11, Ani <ani@toko.id> wrote:", in any language, in up to four lines."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from crm_store.mail.languages.tables import ON, WROTE, WROTE_WORDS, says_wrote
from crm_store.mail.quoting.lines import Line

MAX_LINES = 4
MAX_CHARS = 600  # of the joined lines; a display name takes 256, an address 320
_FEW_WORDS = 7  # "Ibu Hajah Siti Nurhaliza binti Tarudin menulis:"
_ADDRESS = re.compile(r"[^\s<>()@:,]@[\w.-]")
_HINT = re.compile(r"[\d@]")
_DAY = re.compile(
    r"(?<!\d)(?:\d{1,4}[./-] ?\d{1,2}[./-] ?\d{1,4}|\d{4} ?[年년])|(?<!\d)\d{1,2}\D{1,40}?(?<!\d)\d{4}(?!\d)|"
    r"(?<!\d)\d{4}(?!\d)\D{1,40}?\d{1,2}(?!\d)"
)
_TIME = re.compile(r"(?<!\d)\d{1,2} ?[:.h] ?\d{2}(?!\d)")
_DAY_FIRST = re.compile(r"\w{0,12}[.,]{0,2} ?\d")  # "28.10.2021 12:46 …", "tor. 28. okt. 2021 …"
_STRICT_DAY_FIRST = re.compile(r"(?:\w{1,12}[.,]{1,2} ?)?\d")  # not "Meeting 12/5/2024 with Ani <ani@toko.id>:"
_END = re.compile(r"[:：៖][\s*_~]*$")
_OTHER_END = (".", "-", "։")  # Burmese, Armenian: only where a day, a time and an address tell, and marked lines follow
_GLUED = re.compile(r"> ?([^<>@:\d]{1,30}:) {2,}\S")
_BARE = re.compile(r"\d{1,4}[./-]\d{1,2}[./-]\d{1,4} [^<>]{0,200}<[^<>\s]+@[^<>\s]+>$")  # Gmail, long ago
_DASHES = " -–—*_~"


class Attribution(NamedTuple):
    """The lines start to end (exclusive), joined in text."""

    start: int
    end: int
    text: str


def end_of_attribution(line: str) -> int:
    """Where an attribution may end in this line, which is not empty; 0 where none can."""
    if line[-1] in ":：៖*_~>" or _ends_in_verb(line):
        return len(line)
    if "@" not in line or len(line) > MAX_CHARS:
        return 0
    glued = _GLUED.search(line)
    if glued:
        return glued.end(1)
    return len(line) if line.endswith(_OTHER_END) else 0


def attribution_ending_at(lines: Sequence[Line], at: int, first: int, *, quote_follows: bool) -> Attribution | None:
    """The attribution whose last line is this one; lines before `first` are not looked at.

    quote_follows: the next line that is not blank is marked as quoted: then less is asked of the words."""
    last = lines[at].bare
    if len(last) > MAX_CHARS:
        return None
    if quote_follows and _BARE.match(last):
        return Attribution(at, at + 1, last)
    if quote_follows and _tells_without_colon(last):
        return Attribution(at, at + 1, last)
    if not _END.search(last[-12:]):
        return None
    joined, best, most, depth = "", None, 0, lines[at].depth
    for start in range(at, max(first, at - MAX_LINES + 1) - 1, -1):
        line = lines[start]
        if line.depth != depth or line.blank or len(line.text) + len(joined) > MAX_CHARS:
            break
        if start < at and _END.search(line.bare[-12:]) and not _continues(lines[start + 1].bare):
            break
        joined = f"{line.bare} {joined}".rstrip()
        if not (quote_follows or _HINT.search(joined)):
            continue
        signs = _Signs(joined)
        if signs.weight > most and signs.tell(quote_follows=quote_follows):
            best, most = Attribution(start, at + 1, joined), signs.weight
            name_above = not signs.address and start > first and _ends_in_address(lines[start - 1].bare)
            if signs.begin and not name_above:
                break
    return best


def _ends_in_verb(line: str) -> bool:
    return line.rpartition(" ")[2].casefold() in WROTE_WORDS


def _tells_without_colon(line: str) -> bool:
    if line.endswith(_OTHER_END):
        return _Signs(line).stand_alone
    return _ends_in_verb(line) and _Signs(line).begin


def _continues(line: str) -> bool:
    """GitHub's "Ani wrote:", "<reply@…>", "wrote:" is one attribution, although its first line looks like a whole."""
    return line.startswith("<") or bool(WROTE.match(line.casefold()))


def _ends_in_address(line: str) -> bool:
    """The name may stand before the day: "Anna <anna@toko.id>", and below it "on 2 November 2020 wrote:" in Chinese."""
    return line.endswith((">", ")")) and bool(_ADDRESS.search(line[-MAX_CHARS:]))


class _Signs:
    """What speaks for an attribution in some words."""

    def __init__(self, text: str) -> None:
        words = text.casefold().lstrip(_DASHES)
        self.address = bool(_ADDRESS.search(text))
        self._day = bool(_DAY.search(text))
        self._time = bool(_TIME.search(text))
        self._verb = says_wrote(words)
        self._few = len(text.split()) <= _FEW_WORDS
        dated = self._day or self._time
        self.begin = dated and bool(ON.match(words))  # nothing of it stands before these words
        self._opened = self.begin or (dated and bool(_DAY_FIRST.match(words)))
        self._strict = self.begin or bool(_STRICT_DAY_FIRST.match(words))
        self.stand_alone = self.address and self._day and self._time
        self.weight = 3 * (self.address + self._day + self._time + self._verb) + self.begin + self._opened

    def tell(self, *, quote_follows: bool) -> bool:
        """Lines that nothing marks are folded to the mail's end, so a sentence must not pass for less than a day."""
        if self.address:
            if self._verb:
                return self._day or quote_follows
            # Words of no table: who, when and a colon are enough.
            return self._day and (self._opened or self._time) and (quote_follows or self._strict)
        if self._verb and self._opened:
            return quote_follows or self._day
        return self._verb and quote_follows and (self._day or self._time or self._few)
