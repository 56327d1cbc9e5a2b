"""Lines that part one mail from another: "---------- Forwarded message ---------", "-----Original Message-----"."""

import re
from enum import Enum
from typing import NamedTuple

from crm_store.mail.languages.tables import ORIGINAL, PASSED_ON, alternation, folded, says_wrote

_MAX_CHARS = 200
_LONGEST_TITLE_CHARS = max(map(len, PASSED_ON)) + 8  # and spaces, a colon
_MOST_TITLE_CHARS = 60  # "Begin forwarded message:"
_MOST_WORDS = 7  # a name and a verb
_DASHES = "-‐‑‒–—―─━=_*~#+. "
_RULE = re.compile(r"[-‐‑‒–—―─━=_*~]{2,}+")
_DIVIDER = re.compile(r"\s*[_\-‐‑–—─━=]{5,}+\s*$")
_FRAMED = re.compile(r"[_\-‐‑–—─━=]{5,}+[^_\-‐‑–—─━=\d@]{1,60}[_\-‐‑–—─━=]{5,}+$")
# Lotus Notes, above its header: "Ani Wijaya ---02/11/2020 10:11:05---Halo Budi, ini"
_NOTES = re.compile(r"[^-]{1,100}-{3}\s?\d[\d/.:\- APM]{8,40}-{3}")
# Lotus Notes: "----- Forwarded by Ani/TOKO on 28/10/2021 12:46 -----"
_BY = (" by", " von", " par", " por", " da", " door", " oleh", " af", " av", " przez")
_PASSED_ON_BY = re.compile(rf"(?:{alternation(phrase for phrase in PASSED_ON if phrase.endswith(_BY))})\s")


class Kind(Enum):
    """PASSED_ON: a forwarded mail follows. ORIGINAL: one that is quoted or forwarded; the line does not say."""

    PASSED_ON = "passed_on"
    ORIGINAL = "original"


class Separator(NamedTuple):
    """dashed: the line has dashes, so it is a separator whatever follows. rest: what stands behind it on its line."""

    kind: Kind
    dashed: bool
    rest: str


def separator_in(line: str) -> Separator | None:
    """line: without quote marks, stripped, not empty."""
    if line[0] in _DASHES:
        return _dashed(line) if _RULE.match(line) else None
    if len(line) <= _LONGEST_TITLE_CHARS and folded(line.rstrip(":： ")) in PASSED_ON:
        return Separator(Kind.PASSED_ON, False, "")
    return None


def is_divider(line: str) -> bool:
    """A line of nothing but dashes or underscores, as Outlook puts above a quoted header; Notes puts words."""
    return bool(_DIVIDER.match(line)) or ("---" in line[:_MAX_CHARS] and bool(_NOTES.match(line)))


def may_open(line: str) -> bool:
    """A divider, or words of no table between dashes: a mail begins here if a header follows."""
    return line[0] in _DASHES and bool(_DIVIDER.match(line) or _FRAMED.match(line))


def is_title(line: str) -> bool:
    """As "Begin forwarded message:" is, in words of no table: one if a marked header follows."""
    return len(line) <= _MOST_TITLE_CHARS and line[-1] in ":："


def _dashed(line: str) -> Separator | None:
    line = line.replace("&nbsp;", " ")  # QQ writes it into plain text
    inner = line[:_MAX_CHARS].lstrip(_DASHES)
    closing = _RULE.search(inner)
    phrase = folded((inner[: closing.start()] if closing else inner).strip(_DASHES).rstrip(":："))
    rest = line[len(line[:_MAX_CHARS]) - len(inner) :][closing.end() :].strip() if closing else ""
    if phrase in PASSED_ON or _PASSED_ON_BY.match(phrase):
        return Separator(Kind.PASSED_ON, True, rest)
    if phrase in ORIGINAL:
        return Separator(Kind.ORIGINAL, True, rest)
    # Android: "---- Ani wrote ----". Zoho has the day and the address in it.
    if closing and ("@" in phrase or len(phrase.split()) <= _MOST_WORDS) and says_wrote(phrase):
        return Separator(Kind.ORIGINAL, True, rest)
    return None
