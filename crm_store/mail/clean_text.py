"""Text that every store takes: PostgreSQL refuses NUL, UTF-8 lone surrogates; control characters upset pages."""

import re
import unicodedata

REPLACEMENT = "\ufffd"
_SURROGATE = re.compile("[\ud800-\udfff]+")
_CONTROL = re.compile("[\x01-\x08\x0b-\x1f\x7f]+")  # all of C0 but tab and line feed, and DEL
_FOLD = re.compile("[\r\n\x0b\x0c\x85\u2028\u2029]+[ \t]*")  # whatever some reader takes for a line end


def clean_lines(text: str) -> str:
    """Text of several lines, which end in "\\n"; NUL and lone surrogates become U+FFFD, other controls go."""
    return _CONTROL.sub("", _encodable(text.replace("\r\n", "\n").replace("\r", "\n")))


def clean_line(text: str) -> str:
    """A header's value: unfolded (RFC 5322 §2.2.3), one line, stripped, clean as clean_lines."""
    text = _FOLD.sub(" ", text).replace("\t", " ")
    return _CONTROL.sub("", _encodable(text)).strip()


def clean_name(text: str, limit_chars: int) -> str:
    """A person's or file's name: as clean_line, white space collapsed, cut, NFC."""
    text = clean_line(text[: 4 * limit_chars])
    return unicodedata.normalize("NFC", " ".join(text.split())[:limit_chars])[:limit_chars]


def _encodable(text: str) -> str:
    return _SURROGATE.sub(lambda found: REPLACEMENT * len(found[0]), text.replace("\0", REPLACEMENT))
