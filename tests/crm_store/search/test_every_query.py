"""Random mails, random questions: what is found is what somebody finds who reads every mail, on both databases."""

from collections.abc import Iterator, Sequence

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from store import Person, Store

from crm_store.database import engine
from crm_store.models.search import Searchable
from crm_store.paging import Page, PageRequest, sieved_stretches
from crm_store.search import shelving
from crm_store.search.documents import entry_document, marked_words
from crm_store.search.query import Searched, fits, parse
from crm_store.search.walking import next_ones

FEW = ("satu", "dua", "tiga", "satukan", "s", "Dúa", "契約", "契", "約書契", "ครับ", "0812", "a@b.co")
texts = st.lists(st.sampled_from(FEW), max_size=4).map(" ".join)
mails = st.tuples(texts, texts, texts, texts, st.lists(texts, max_size=1))
terms = st.tuples(
    st.sampled_from(("", "-")),
    st.sampled_from(("", "", "from:", "to:", "subject:")),
    st.sampled_from(FEW),
    st.booleans(),
)
questions = st.tuples(
    st.lists(terms, min_size=1, max_size=3), st.sampled_from(("", " ", " has:attachment", " -has:attachment"))
)


@pytest.fixture
def shelves_of_three(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shelving, "SHELF", 3)


@pytest.mark.usefixtures("shelves_of_three")
def test_what_is_found_is_what_is_there(store: Store, ani: Person):
    if engine.on_sqlite():
        engine.database.execute_sql("PRAGMA foreign_keys = OFF")  # words without mails
    else:
        engine.database.execute_sql("SET session_replication_role = replica")

    @examples(max_examples=15)
    @given(st.lists(mails, max_size=8), st.lists(questions, min_size=3, max_size=3))
    def check(written: Sequence[tuple], asked: Sequence[tuple]) -> None:
        documents = dict(enumerate(map(_document, written), start=1))
        with engine.database.atomic() as transaction:
            for number, document in documents.items():
                shelving.put_newest(Searchable.ENTRY, ani.location_id, number, marked_words(document))
            for question in asked:
                typed = _typed(question)
                assert list(_found(ani.location_id, typed, documents)) == _there(question, documents), typed
            transaction.rollback()

    check()


def _document(mail: tuple) -> Searched:
    subject, author, recipient, text, files = mail
    return entry_document(subject=subject, author=("", author), recipients=[("", recipient)], text=text, files=files)


def _typed(question: tuple) -> str:
    said, end = question
    return (
        " ".join(f"{no}{field}{chr(34) + word + chr(34) if quoted else word}" for no, field, word, quoted in said) + end
    )


def _found(location_id: int, typed: str, documents: dict[int, Searched]) -> Iterator[int]:
    """As finding.py does, page by page."""
    query = parse(typed)
    after = None
    while True:
        page: Page[int] = sieved_stretches(
            lambda below_id, most: next_ones(Searchable.ENTRY, location_id, query, below_id, most),
            lambda ids: [one for one in ids if not query.takes_a_look or fits(query, documents[one])],
            PageRequest(2, after),
            list,
        )
        yield from page.items
        after = page.next
        if after is None:
            return


def _there(question: tuple, documents: dict[int, Searched]) -> list[int]:
    """By another way of looking: the words, written out between spaces, are a part of the text."""
    said, end = question
    return sorted((number for number, one in documents.items() if _is_meant(said, end, one)), reverse=True)


def _is_meant(said: Sequence[tuple], end: str, one: Searched) -> bool:
    if "has:" in end and one.attached != (not end.strip().startswith("-")):
        return False
    for number, (no, field, word, quoted) in enumerate(said):
        may_go_on = number == len(said) - 1 and not end and not quoted and not no
        if _has(one, field.rstrip(":"), word, may_go_on=may_go_on) == bool(no):
            return False
    return True


_LETTERS = {"from": "f", "to": "t", "subject": "s"}


def _has(one: Searched, field: str, word: str, *, may_go_on: bool) -> bool:
    texts = [text for mark, text in one.texts if not field or mark == _LETTERS[field]]
    plain = word.lower().replace("ú", "u").replace("@", " ").replace(".", " ")
    unspaced = plain[0] >= "\u0e00"
    for text in texts:
        written = text.lower().replace("ú", "u").replace("@", " ").replace(".", " ")
        if unspaced:
            if plain in written:
                return True
        elif f" {plain} " in f" {written} " or (
            may_go_on and len(plain.split()[-1]) > 1 and f" {plain}" in f" {written}"
        ):
            return True
    return False
