"""What somebody asks for, understood: words, "phrases", -not, from:, to:, subject:, has:attachment.

Nothing of it reaches a database as it was typed: the index is asked for words (words.py), letters and digits."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from crm_store.errors import Invalid
from crm_store.search.words import asked_words, is_unspaced, words

MAX_LENGTH = 200  # characters
MAX_WORDS = 24
_SHORTEST_BEGINNING = 2  # characters of a word that may go on; by one of them half of all words begin

_TERM = re.compile(
    r'(?P<no>-?)(?:(?P<field>from|to|subject|has):)?(?:"(?P<phrase>[^"]*)(?:"|$)|(?P<bare>[^\s"]+))', re.IGNORECASE
)


class Field(StrEnum):
    """Where words are looked for; the value is what marks them in the index."""

    ANYWHERE = ""
    AUTHOR = "f"
    RECIPIENTS = "t"
    SUBJECT = "s"


_FIELDS = {"from": Field.AUTHOR, "to": Field.RECIPIENTS, "subject": Field.SUBJECT}


@dataclass(frozen=True, slots=True)
class Term:
    """Words that stand together in this order, somewhere in one field. is_open: the last of them may go on."""

    words: tuple[str, ...]
    field: Field = Field.ANYWHERE
    is_open: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    """Every one of `all_of` and none of `none_of`. attached: whether there is to be a file, None where that is no
    matter."""

    all_of: tuple[Term, ...] = ()
    none_of: tuple[Term, ...] = ()
    attached: bool | None = None

    @property
    def is_empty(self) -> bool:
        return not self.all_of and not self.none_of and self.attached is None

    @property
    def takes_a_look(self) -> bool:
        """Whether the index, which knows no order of words, tells only who may be meant."""
        together = any(len(term.words) > 1 for term in (*self.all_of, *self.none_of))
        return together or any(term.is_open for term in self.none_of)


@dataclass(frozen=True, slots=True)
class Searched:
    """The texts of what is searched, each with its field; those of ANYWHERE are in no field that has a name."""

    texts: Sequence[tuple[Field, str]]
    attached: bool = False


def parse(typed: str) -> Query:
    """Raises: Invalid for what is longer than anybody asks."""
    if len(typed) > MAX_LENGTH:
        raise Invalid("q", f"has at most {MAX_LENGTH} characters")
    all_of: list[Term] = []
    none_of: list[Term] = []
    attached: bool | None = None
    matches = list(_TERM.finditer(typed))
    for number, match in enumerate(matches):
        if (match["field"] or "").lower() == "has":
            attached = _attached(match, attached)
            continue
        is_last = number == len(matches) - 1 and match["phrase"] is None and not typed[-1:].isspace()
        term = _term(match, is_last=is_last)
        if term is not None:
            (none_of if match["no"] else all_of).append(term)
    if sum(len(term.words) for term in (*all_of, *none_of)) > MAX_WORDS:
        raise Invalid("q", f"has at most {MAX_WORDS} words")
    return Query(tuple(all_of), tuple(none_of), attached)


def fits(query: Query, searched: Searched) -> bool:
    """Whether it is what is asked for."""
    return (
        query.attached in (None, searched.attached)
        and all(_stands(term, searched) for term in query.all_of)
        and not any(_stands(term, searched) for term in query.none_of)
    )


def _attached(match: re.Match[str], before: bool | None) -> bool | None:
    asked = (match["phrase"] or match["bare"] or "").lower()
    return not match["no"] if asked in ("attachment", "attachments", "file") else before


def _term(match: re.Match[str], *, is_last: bool) -> Term | None:
    """What is written together, such as an address or a number with strokes in it, is to stand together."""
    found = tuple(asked_words(match["phrase"] if match["phrase"] is not None else match["bare"]))
    if not found:
        return None
    last = found[-1]
    # The index has pairs of what is written without spaces: one character alone is where a pair begins, or a run ends.
    is_open = len(last) == 1 if is_unspaced(last) else is_last and len(last) >= _SHORTEST_BEGINNING and not match["no"]
    return Term(found, _FIELDS.get((match["field"] or "").lower(), Field.ANYWHERE), is_open)


def _stands(term: Term, searched: Searched) -> bool:
    split = asked_words if len(term.words) > 1 else words  # together stand pairs, with no last character between them
    return any(_stands_in(term, split(text)) for field, text in searched.texts if term.field in (Field.ANYWHERE, field))


def _stands_in(term: Term, found: Sequence[str]) -> bool:
    *whole, last = term.words
    for at in range(len(found) - len(whole)):
        here = found[at + len(whole)]
        if (here.startswith(last) if term.is_open else here == last) and list(found[at : at + len(whole)]) == whole:
            return True
    return False
