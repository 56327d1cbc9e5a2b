"""The tables of all languages, turned over: from a word to what it means."""

import re
from collections.abc import Callable, Iterable
from enum import StrEnum
from functools import cache
from typing import NamedTuple

from crm_store.mail.languages.asia import ASIA
from crm_store.mail.languages.austronesian import AUSTRONESIAN
from crm_store.mail.languages.baltic_and_uralic import BALTIC_AND_URALIC
from crm_store.mail.languages.further import FURTHER
from crm_store.mail.languages.germanic import GERMANIC
from crm_store.mail.languages.language import Language
from crm_store.mail.languages.near_east import NEAR_EAST
from crm_store.mail.languages.romance import ROMANCE
from crm_store.mail.languages.slavic import SLAVIC

LANGUAGES: tuple[Language, ...] = (
    *AUSTRONESIAN,
    *GERMANIC,
    *ROMANCE,
    *SLAVIC,
    *BALTIC_AND_URALIC,
    *NEAR_EAST,
    *ASIA,
    *FURTHER,
)
_BY_CODE = {language.code: language for language in LANGUAGES}


class Field(StrEnum):
    """The fields of a quoted header."""

    AUTHOR = "author"
    TO = "to"
    CC = "cc"
    BCC = "bcc"
    DATE = "date"
    SUBJECT = "subject"
    REPLY_TO = "reply_to"
    OTHER = "other"


class Label(NamedTuple):
    """What a label names, and in which languages."""

    field: Field
    codes: frozenset[str]


def folded(text: str) -> str:
    """For comparing words of the tables: white space collapsed, no case."""
    return " ".join(text.split()).casefold()


def words(alternatives: str) -> list[str]:
    """The alternatives of one entry."""
    return [word for word in alternatives.split("|") if word]


def _labels() -> dict[str, Label]:
    found: dict[str, Label] = {}
    for language in LANGUAGES:
        for field in Field:
            for word in words(getattr(language, field.value)):
                known = found.get(folded(word), Label(field, frozenset()))
                found[folded(word)] = Label(known.field, known.codes | {language.code})
    return found


def _all(part: Callable[[Language], str]) -> list[str]:
    return [word for language in LANGUAGES for word in words(part(language))]


def alternation(alternatives: Iterable[str]) -> str:
    """A pattern for any of these, the longest first: literals only, so that it cannot backtrack."""
    return "|".join(map(re.escape, sorted({*alternatives}, key=lambda word: (-len(word), word))))


LABELS = _labels()
LONGEST_LABEL_CHARS = max(map(len, LABELS)) + 8  # and asterisks, spaces, tabs around it
PASSED_ON = frozenset(map(folded, _all(lambda language: language.passed_on)))
ORIGINAL = frozenset(map(folded, _all(lambda language: language.original)))


def _spaced(part: Callable[[Language], str], *, spaced: bool) -> list[str]:
    return [folded(word) for language in LANGUAGES if language.spaced is spaced for word in words(part(language))]


def _anywhere(part: Callable[[Language], str]) -> re.Pattern[str]:
    whole, within = (alternation(_spaced(part, spaced=spaced)) for spaced in (True, False))
    return re.compile(rf"(?<!\w)(?:{whole})(?!\w)|(?:{within})")


def _at_start(part: Callable[[Language], str]) -> re.Pattern[str]:
    whole, within = (alternation(_spaced(part, spaced=spaced)) for spaced in (True, False))
    return re.compile(rf"(?:(?:{whole})(?!\w)|(?:{within}))")


WROTE = _anywhere(lambda language: language.wrote)
ON = _at_start(lambda language: language.on)
SENT_FROM = _anywhere(lambda language: language.sent_from)
REPRESENTS = re.compile(
    rf"\s(?:{alternation(folded(word) for word in _all(lambda language: language.represents))})\s", re.IGNORECASE
)
_SPACED_WROTE = _spaced(lambda language: language.wrote, spaced=True)
WROTE_WORDS = frozenset(verb for verb in _SPACED_WROTE if verb.isalpha())
_WROTE_PHRASES = (
    *(verb for verb in _SPACED_WROTE if WROTE_WORDS.isdisjoint(verb.split()) and not verb.isalpha()),
    *_spaced(lambda language: language.wrote, spaced=False),
)
_WORD = re.compile(r"\w+")


def _prefixes(part: Callable[[Language], str]) -> dict[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for language in LANGUAGES:
        for word in map(folded, words(part(language))):
            found[word] = found.get(word, frozenset()) | {language.code}
    return found


# Prefix of a subject → the languages that use it so: VS forwards in Danish, answers in Finnish.
FORWARD_PREFIXES = _prefixes(lambda language: language.forward)
ANSWER_PREFIXES = _prefixes(lambda language: language.answer)


def says_wrote(text: str) -> bool:
    """WROTE is somewhere in it, or nearly so: a tenth of the pattern's time. text: folded."""
    return not WROTE_WORDS.isdisjoint(_WORD.findall(text)) or any(phrase in text for phrase in _WROTE_PHRASES)


@cache
def months(code: str) -> dict[str, int]:
    """Word → month 1 to 12 in one language, whole words and what of them is enough, at least three letters."""
    found: dict[str, int] = {}
    variants = [
        (variant, number)
        for number, month in enumerate(_BY_CODE[code].months.split(), 1)
        for variant in month.casefold().split("/")
    ]
    for variant, number in variants:
        for end in range(3, len(variant)):
            short = variant[:end]
            if all(other == number for word, other in variants if word.startswith(short)):
                found[short] = number
    return found | dict(variants)


_SPOKEN = [
    (language.code, words(language.wrote.casefold()), tuple(words(language.on.casefold()))) for language in LANGUAGES
]


def languages_of(attribution: str) -> tuple[str, ...]:
    """Codes of the languages whose verb stands in an attribution line, those with its first word as well first."""
    text = attribution.casefold()
    spoken = [(code, first) for code, verbs, first in _SPOKEN if any(verb in text for verb in verbs)]
    return tuple(code for code, _ in sorted(spoken, key=lambda each: not text.startswith(each[1])))
