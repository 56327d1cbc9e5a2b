"""What an entry, or a contact, is found by."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from itertools import chain

from crm_store.search.query import Field, Query, Searched, Term
from crm_store.search.words import words

# A mail's own text beyond this is not searched; nor are hundreds of recipients, or of files.
MAX_TEXT = 32_768  # characters
MAX_PEOPLE = 200
MAX_FILES = 200
_SHORTEST_PHONE = 5  # digits
_PHONE = re.compile(r"[+(]?\d[\d\s().\-/]*")


def entry_document(
    *,
    subject: str,
    author: tuple[str, str],
    recipients: Collection[tuple[str, str]],
    text: str,
    files: Sequence[str],
) -> Searched:
    """author, recipients: name and address of each. files: names of attachments that are no part of the text."""
    people = [(Field.RECIPIENTS, f"{name} {address}") for name, address in list(recipients)[:MAX_PEOPLE]]
    named = [(Field.ANYWHERE, name) for name in files[:MAX_FILES]]
    return Searched(
        [
            (Field.SUBJECT, subject),
            (Field.AUTHOR, " ".join(author)),
            *people,
            (Field.ANYWHERE, text[:MAX_TEXT]),
            *named,
        ],
        attached=bool(files),
    )


def contact_document(name: str, organization: str, phone: str, addresses: Sequence[str]) -> Searched:
    """A phone number is found from any of its digits on, for there are more ways to write its beginning than one."""
    digits = re.sub(r"\D", "", phone)
    ends = [digits[at:] for at in range(max(1, len(digits) - _SHORTEST_PHONE + 1)) if digits]
    return Searched([(Field.ANYWHERE, text) for text in (name, organization, *addresses, phone, " ".join(ends))])


def asked_of_contacts(query: Query, typed: str) -> Query:
    """The query as contacts are asked: what is a phone number, however it is written, is one by its digits."""
    digits = re.sub(r"\D", "", typed).lstrip("0")
    if _PHONE.fullmatch(typed.strip()) and len(digits) >= _SHORTEST_PHONE:
        return Query((Term((digits,), is_open=True),))
    return query


def marked_words(searched: Searched) -> set[str]:
    """The words that the index has of it: each anywhere, and again with the mark of its field. "" finds everything."""
    by_field: dict[Field, set[str]] = {}
    for field, text in searched.texts:
        by_field.setdefault(field, set()).update(words(text))
    found = set(chain([""], *by_field.values()))
    for field, here in by_field.items():
        if field is not Field.ANYWHERE:
            found.update(f"{field}_{word}" for word in here)
    if searched.attached:
        found.add(ATTACHED)
    return found


ATTACHED = "_"  # no word


def marked(term: Term) -> Iterator[str]:
    """The term's words as the index has them."""
    mark = f"{term.field}_" if term.field is not Field.ANYWHERE else ""
    return (mark + word for word in term.words)
