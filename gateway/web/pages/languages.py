"""The languages of the pages: what Babel reads from translations/, at the start."""

from collections.abc import Mapping
from functools import cache
from io import BytesIO
from pathlib import Path

from babel import Locale, negotiate_locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations

FOLDER = Path(__file__).parent.parent / "translations"
# English is what stands in the code.
SOURCE = "en"
LANGUAGES: Mapping[str, str] = {"en": "English", "id": "Bahasa Indonesia"}


@cache
def translations(language: str) -> NullTranslations:
    """Of all files of a language: each part of the pages has its own."""
    made = NullTranslations()
    for path in sorted((FOLDER / language).glob("*.po")):
        compiled = BytesIO()
        with path.open("rb") as source:
            write_mo(compiled, read_po(source, locale=language))
        compiled.seek(0)
        part = Translations(compiled)
        part.add_fallback(made)
        made = part
    return made


@cache
def locale_of(language: str) -> Locale:
    # What people who read English in Indonesia, or elsewhere, expect of a date: the day before the month.
    return Locale("en", "GB") if language == SOURCE else Locale(language)


def of_browser(accept_language: str) -> str:
    """The best of ours for a browser that sends this (RFC 9110 §12.5.4)."""
    wanted = sorted(map(_weighed, accept_language.split(",")[:20]), key=lambda one: -one[1])
    return negotiate_locale([tag for tag, weight in wanted if weight > 0], list(LANGUAGES), sep="-") or SOURCE


def _weighed(part: str) -> tuple[str, float]:
    tag, _, weight = part.strip().partition(";q=")
    try:
        return tag.strip(), float(weight) if weight else 1.0
    except ValueError:
        return tag.strip(), 0.0
