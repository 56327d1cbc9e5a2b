"""The words of a text, as they are compared: the one place that says so, for what is searched and for what is asked.

Both databases get the words that are made here and split, fold or stem nothing themselves, so both find the same."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from itertools import pairwise

MAX_WORD = 40  # characters; a longer one is several

# Accents of Latin, Greek and Cyrillic; points of Hebrew and Arabic. Marks of other scripts are part of their letters.
_ACCENTS = re.compile(
    "[\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u064b-\u065f\u0670]+"
)
# Scripts of India and South-East Asia: Python's \w leaves out vowel signs, which stand inside of words.
_SIGNED = "\u0900-\u0963\u0966-\u0dff\u0e00-\u0eff\u1000-\u109f\u1780-\u17d3\u17e0-\u17ff"
# Scripts that put nothing between words: Thai, Lao, Burmese, Khmer, kana, Chinese characters.
_UNSPACED = (
    "\u0e00-\u0e4f\u0e80-\u0ecf\u1000-\u103f\u1050-\u109f\u1780-\u17d3\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf"
    "\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
)
_ASCII_WORD = re.compile(rf"[a-z0-9]{{1,{MAX_WORD}}}")
_WORD = re.compile(rf"[\w{_SIGNED}]{{1,{MAX_WORD}}}")  # in texts without "_", which \w has too
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]+")
_RUN = re.compile(rf"[{_UNSPACED}]+|[^{_UNSPACED}]+")
_OF_UNSPACED = re.compile(rf"[{_UNSPACED}]")


def words(text: str) -> list[str]:
    """In the order in which they stand. Of a run of characters without spaces each pair that stands together, and its
    last character: so a part of the run is found by its own pairs."""
    folded = _folded(text)
    if folded.isascii():
        return _ASCII_WORD.findall(folded)
    found: list[str] = []
    for word in _WORD.findall(folded):
        found.extend(_pairs(word) if _OF_UNSPACED.search(word) else [word])
    return found


def asked_words(text: str) -> list[str]:
    """The words by which a text is looked for: as words(), without last characters of a run, which may go on where it
    is found; but a run of one character alone is that."""
    folded = _folded(text)
    if folded.isascii():
        return _ASCII_WORD.findall(folded)
    found: list[str] = []
    for word in _WORD.findall(folded):
        for run in _RUN.findall(word):
            if is_unspaced(run):
                found.extend([first + second for first, second in pairwise(run)] or [run])
            else:
                found.append(run)
    return found


def is_unspaced(word: str) -> bool:
    return _OF_UNSPACED.match(word) is not None


def spans(text: str) -> Iterator[tuple[int, int]]:
    """Where a reader sees words: beginning and end in the text as it is; of what has no spaces, each character."""
    for match in _WORD.finditer(text.replace("_", " ")):
        for run in _RUN.finditer(match.group()):
            begin, end = match.start() + run.start(), match.start() + run.end()
            if is_unspaced(run.group()):
                yield from ((at, at + 1) for at in range(begin, end))
            else:
                yield begin, end


def _folded(text: str) -> str:
    """Without differences of case, width, accents and composition."""
    plain = text if text.isascii() else _BEYOND_ASCII.sub(lambda match: _plain(match.group()), text)
    return plain.lower().replace("_", " ")


def _plain(text: str) -> str:
    plain = _ACCENTS.sub("", unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold()))
    return unicodedata.normalize("NFC", plain)  # or a syllable of Korean would be three letters


def _pairs(word: str) -> Iterator[str]:
    for run in _RUN.findall(word):
        if is_unspaced(run):
            yield from (first + second for first, second in pairwise(run))
            yield run[-1]
        else:
            yield run
