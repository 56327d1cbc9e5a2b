"""Every reason is a sentence in every language."""

import pytest

from crm_store import wording
from crm_store.locations import LOCALES
from crm_store.rules.rule import Reason


@pytest.mark.parametrize("reason", Reason)
def test_each_reason_is_a_sentence_of_its_own_in_each_language(reason):
    said = {locale: wording.sentence(reason, "C4", locale) for locale in LOCALES}
    assert len(set(said.values())) == len(LOCALES)
    for sentence in said.values():
        assert sentence[0].isupper()
        assert sentence.endswith(" (C4).")


@pytest.mark.parametrize("locale", LOCALES)
def test_no_two_reasons_say_the_same(locale):
    said = [wording.sentence(reason, "C4", locale) for reason in Reason]
    assert len(set(said)) == len(said)
    assert wording.failed_sentence(locale) not in said


@pytest.mark.parametrize("locale", [None, "", "fr", "xx"])
def test_a_language_that_we_do_not_speak_is_english(locale):
    assert wording.sentence(Reason.REJECTED, "D2", locale) == "An operator rejected it (D2)."
    assert wording.failed_sentence(locale).startswith("Something went wrong")


def test_failing_is_told_in_the_readers_language():
    assert wording.failed_sentence("id") != wording.failed_sentence("en")


@pytest.mark.parametrize("reason", ["of-tomorrow", ""])
def test_a_word_that_only_a_newer_version_knows_is_told_by_its_rule(reason):
    said = {locale: wording.sentence(reason, "Z9", locale) for locale in LOCALES}
    assert len(set(said.values())) == len(LOCALES)
    assert all(sentence.endswith(" (Z9).") for sentence in said.values())
