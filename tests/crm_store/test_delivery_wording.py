"""Why a mail did not arrive, in words."""

import pytest

from crm_store.delivery_wording import cause_words, delivery_sentence
from crm_store.mail.automatic.cause import Cause

BUDI = ("budi@pelanggan.example", "failed", "5.2.2", "mailbox-full")


def test_every_cause_has_words_of_its_own_in_both_languages():
    for locale in ("en", "id"):
        words = [cause_words(cause, locale) for cause in Cause]
        assert len(set(words)) == len(Cause)
    assert all(cause_words(cause, "en") != cause_words(cause, "id") for cause in Cause)


@pytest.mark.parametrize(
    ("told", "locale", "expected"),
    [
        ([BUDI], "en", "Not delivered to budi@pelanggan.example: the mailbox is full (5.2.2)."),
        ([BUDI], "id", "Tidak terkirim ke budi@pelanggan.example: kotak suratnya penuh (5.2.2)."),
        ([BUDI], None, "Not delivered to budi@pelanggan.example: the mailbox is full (5.2.2)."),
        ([BUDI], "fr", "Not delivered to budi@pelanggan.example: the mailbox is full (5.2.2)."),
        ([("b@x", "delayed", "", "of-a-newer-version")], "en",
         "Not yet delivered to b@x, and still tried: the other side does not say why."),
        ([("b@x", "delayed", "", "loop")], "id", "Belum terkirim ke b@x, dan masih dicoba: email ini berputar-putar tanpa sampai."),
        ([(f"{n}@x", "failed", "", "loop") for n in range(5)], "en",
         "Not delivered to 0@x: the mail went round in circles. Not delivered to 1@x: the mail went round in circles. "
         "Not delivered to 2@x: the mail went round in circles. And 2 more."),
    ],
)  # fmt: skip
def test_sentences(told, locale, expected):
    assert delivery_sentence(told, locale) == expected
