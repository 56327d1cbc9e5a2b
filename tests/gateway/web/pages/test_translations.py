"""Every text of the pages is translated, into every language, and none is doubtful or left over."""

import re
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

import gateway.web
from gateway.web.pages import languages

SOURCE = Path(gateway.web.__file__).parent
# How texts are marked: _() in templates; say() for constants and gettext() in Python.
KEYWORDS = {"_": None, "gettext": None, "say": None, "ngettext": (1, 2)}
METHODS = [("**/templates/**.html", "jinja2.ext:babel_extract"), ("**.py", "python")]
OPTIONS = {"**/templates/**.html": {"trimmed": "true", "silent": "false", "extensions": "jinja2.ext.i18n"}}
TRANSLATED = [language for language in languages.LANGUAGES if language != languages.SOURCE]
_PLACE = re.compile(r"%\(\w+\)s")


def texts() -> dict[str | tuple[str, str], str]:
    """What is to be translated, and where it stands."""
    found = extract_from_dir(SOURCE, METHODS, OPTIONS, KEYWORDS)
    return {message: f"{path}:{line}" for path, line, message, _, _ in found if message}


def messages(language: str) -> dict[str | tuple[str, ...], object]:
    parts = [read_po(path.open("rb"), locale=language) for path in sorted((languages.FOLDER / language).glob("*.po"))]
    together = [message for part in parts for message in part if message.id]
    assert len({message.id for message in together}) == len(together), "a text is translated in two files"
    return {message.id: message for message in together}


def places(text: str | tuple[str, ...]) -> set[str]:
    return set(_PLACE.findall(" ".join([text] if isinstance(text, str) else text)))


def test_texts_are_found_in_templates_and_in_python():
    assert {"Sign in", "The e-mail or the password is wrong.", "This page does not exist"} <= texts().keys()


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_text_is_translated_and_no_translation_is_of_nothing(language):
    known = messages(language)
    assert {text: where for text, where in texts().items() if text not in known} == {}
    assert known.keys() - texts().keys() == set()


@pytest.mark.parametrize("language", TRANSLATED)
def test_no_translation_is_empty_or_doubtful_or_loses_a_value(language):
    wrong = [
        message.id
        for message in messages(language).values()
        if message.fuzzy
        or not message.string
        or not all([message.string] if isinstance(message.string, str) else message.string)
        or places(message.string) != places(message.id)
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        pytest.param("", "en", id="nothing said"),
        pytest.param("id-ID,id;q=0.9,en;q=0.8", "id", id="Indonesian as spoken in Indonesia"),
        pytest.param("en-US,en;q=0.9,id;q=0.8", "en", id="English first"),
        pytest.param("de-DE,de;q=0.9,id;q=0.5", "id", id="the first that we speak"),
        pytest.param("en;q=0.3, id;q=0.7", "id", id="by weight, not by place"),
        pytest.param("id;q=0, de", "en", id="not Indonesian, whatever else"),
        pytest.param("*", "en", id="anything"),
        pytest.param("id;q=high," + "x," * 10_000, "en", id="nonsense, and much of it"),
    ],
)
def test_the_language_of_a_browser(accepted, language):
    assert languages.of_browser(accepted) == language
