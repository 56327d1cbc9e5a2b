"""The part of a text in which a reader sees why it was found, and where in it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from crm_store.search.query import Field, Query
from crm_store.search.words import asked_words, is_unspaced, spans

_LOOKED_AT = 8_192  # characters of a text; beyond, a part of its beginning says enough
_SHOWN = 200
_BEFORE = 60


@dataclass(frozen=True, slots=True)
class Marked:
    """A line of text. marks: beginning and end of what was asked for, in characters (code points) of the text."""

    text: str
    marks: list[tuple[int, int]]


def marked(text: str, query: Query, *fields: Field) -> Marked:
    """The whole text. fields: those that it is of, beside ANYWHERE."""
    line = " ".join(text[:_LOOKED_AT].split())
    return Marked(line, list(_marks(line, _sought(query, fields))))


def excerpt(text: str, query: Query) -> Marked:
    """Some of it, around what was asked for; its beginning where that is not seen."""
    line = marked(text, query)
    first = line.marks[0][0] if line.marks else 0
    begin = _word_border(line.text, max(0, first - _BEFORE)) if first > _BEFORE else 0
    end = min(len(line.text), begin + _SHOWN)
    inside = [(start - begin, stop - begin) for start, stop in line.marks if start >= begin and stop <= end]
    return Marked(line.text[begin:end], inside)


def _word_border(text: str, at: int) -> int:
    """Behind the next space, where one is near."""
    space = text.find(" ", at, at + _BEFORE // 2)
    return at if space < 0 else space + 1


@dataclass(frozen=True, slots=True)
class _Sought:
    whole: frozenset[str]
    beginnings: tuple[str, ...]

    def has(self, word: str) -> bool:
        return word in self.whole or (bool(self.beginnings) and word.startswith(self.beginnings))


def _sought(query: Query, fields: Sequence[Field]) -> _Sought:
    terms = [term for term in query.all_of if term.field in (Field.ANYWHERE, *fields)]
    whole = frozenset(word for term in terms for word in term.words)
    return _Sought(whole, tuple(term.words[-1] for term in terms if term.is_open))


def _marks(text: str, sought: _Sought) -> Iterator[tuple[int, int]]:
    if not sought.whole:
        return
    pending: tuple[int, int] | None = None
    for begin, end in spans(text):
        stop = end
        if is_unspaced(text[begin]):
            stop = min(begin + 2, len(text))
        if not any(map(sought.has, asked_words(text[begin:stop]))):
            continue
        if pending is not None and begin <= pending[1]:
            pending = pending[0], max(pending[1], stop)
            continue
        if pending is not None:
            yield pending
        pending = begin, stop
    if pending is not None:
        yield pending
