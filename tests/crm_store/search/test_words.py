"""Words of a text, and what a query means."""

import pytest

from crm_store.errors import Invalid
from crm_store.search.marking import excerpt, marked
from crm_store.search.query import Field, Query, Term, parse
from crm_store.search.words import MAX_WORD, asked_words, words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Terima kasih, Pak!", ["terima", "kasih", "pak"]),
        ("Straße CAFÉ ﬁle Ｗｉｄｅ", ["strasse", "cafe", "file", "wide"]),
        ("cafe\u0301", ["cafe"]),
        ("budi_s@pelanggan.co.id", ["budi", "s", "pelanggan", "co", "id"]),
        ("Ёлка İstanbul Ὀδυσσεύς", ["елка", "istanbul", "οδυσσευσ"]),
        ("안녕하세요 세계", ["안녕하세요", "세계"]),
        ("हिन्दी भाषा", ["हिन्दी", "भाषा"]),
        ("契約書", ["契約", "約書", "書"]),
        ("abc契約", ["abc", "契約", "約"]),
        ("ครับ", ["คร", "รั", "ับ", "บ"]),
        ("שָׁלוֹם مُحَمَّد", ["שלום", "محمد"]),
        ("x" * (MAX_WORD + 1), ["x" * MAX_WORD, "x"]),
        ("\x00 _ -- !?", []),
        ("", []),
    ],
)
def test_the_words_of_a_text(text: str, expected: list[str]):
    assert words(text) == expected


def test_a_part_of_a_run_is_asked_by_its_pairs():
    assert asked_words("契約書") == ["契約", "約書"]
    assert asked_words("契") == ["契"]


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("satu dua", Query((Term(("satu",)), Term(("dua",), is_open=True)))),
        ("satu ", Query((Term(("satu",)),))),
        ("s", Query((Term(("s",)),))),
        ('"satu dua" tiga ', Query((Term(("satu", "dua")), Term(("tiga",))))),
        ('"satu dua', Query((Term(("satu", "dua")),))),
        ("-satu dua ", Query((Term(("dua",)),), (Term(("satu",)),))),
        ("dua -satu", Query((Term(("dua",)),), (Term(("satu",)),))),
        ("FROM:budi ", Query((Term(("budi",), Field.AUTHOR),))),
        ('subject:"satu dua"', Query((Term(("satu", "dua"), Field.SUBJECT),))),
        ("-to:a@b.c ", Query((), (Term(("a", "b", "c"), Field.RECIPIENTS),))),
        ("has:attachment", Query(attached=True)),
        ("-has:attachment", Query(attached=False)),
        ("has:nothing", Query()),
        ("lain:satu ", Query((Term(("lain", "satu")),))),
        ("契", Query((Term(("契",), is_open=True),))),
        ('* ( ) ^ : - "', Query()),
    ],
)
def test_what_a_query_means(typed: str, expected: Query):
    assert parse(typed) == expected


@pytest.mark.parametrize("typed", ["x" * 201, "a." * 99], ids=["too long", "too many words"])
def test_nobody_asks_for_that_much(typed: str):
    with pytest.raises(Invalid):
        parse(typed)


def test_marks_say_where_it_is_in_the_text_as_it_is():
    found = marked("Café  di\nÜbersee, cafetaria", parse("cafe ubers"))
    assert [found.text[begin:end] for begin, end in found.marks] == ["Café", "Übersee"]
    found = marked("新しい契約書です", parse("契約書"))
    assert [found.text[begin:end] for begin, end in found.marks] == ["契約書"]


def test_an_excerpt_is_around_what_is_found():
    text = "pembuka " * 50 + "di tengah ada semen untuk gudang " + "penutup " * 50
    found = excerpt(text, parse("semen"))
    assert len(found.text) <= 200
    assert [found.text[begin:end] for begin, end in found.marks] == ["semen"]
    assert found.text.startswith("pembuka ")
    assert excerpt(text, parse("subject:semen")).text.startswith("pembuka"), "words of a field are not in the text"
    assert excerpt("", parse("semen")).text == ""
