"""A header's text as a person reads it: RFC 2047 words, unfolded, clean."""

import binascii
import re
from urllib.parse import unquote_to_bytes

from crm_store.mail.charset import codec, decode
from crm_store.mail.clean_text import clean_line
from crm_store.mail.problems import Problem, Problems

_WORD_START = re.compile(r"=\?([^?\s]{1,100})\?([bBqQ])\?")
_NOT_BASE64 = re.compile(r"[^A-Za-z0-9+/]+")
_STRAY_PERCENT = re.compile(r"=(?=[0-9A-Fa-f]{2})")


def read_text(value: str, problems: Problems) -> str:
    """One line of clean text from an unstructured header's value."""
    return clean_line(decode_words(clean_line(value), problems))


def decode_words(value: str, problems: Problems) -> str:
    """The value with its encoded words decoded. A word that is none, or has no end, stays as it is.

    Adjacent words of one charset are joined as bytes: mail programs split inside a character (RFC 2047 §5 forbids it).
    Spaces inside a word are taken, as many programs write them."""
    if "=?" not in value:
        return value
    pieces: list[str] = []
    data, charset, done = bytearray(), "", 0
    at = value.find("=?")
    while at >= 0 and (start := _WORD_START.search(value, at)):
        end = value.find("?=", start.end())
        if end < 0:  # none behind it either: one search for the whole value
            break
        between = value[done : start.start()]
        same = start[1].casefold() == charset
        if between.strip() or not same or not charset:
            pieces.append(decode(bytes(data), charset, problems))
            pieces.append(between if between.strip() or not charset else "")
            data.clear()
        data += _word_bytes(value[start.end() : end], start[1], start[2], problems)
        charset, done = start[1].casefold(), end + 2
        at = value.find("=?", done)
    return "".join((*pieces, decode(bytes(data), charset, problems), value[done:]))


def _word_bytes(text: str, charset: str, encoding: str, problems: Problems) -> bytes:
    if encoding in "qQ":  # RFC 2047 §4.2; what is no hex pair stays
        text = _STRAY_PERCENT.sub("%", text.replace("%", "%25").replace("_", " "))
        return unquote_to_bytes(text if text.isascii() else _bytes_in(text, charset))
    letters = _NOT_BASE64.sub("", text)
    if len(letters) % 4 == 1:
        problems.note(Problem.BROKEN_BASE64)
        letters = letters[:-1]
    return binascii.a2b_base64(letters + "=" * (-len(letters) % 4))


def _bytes_in(text: str, charset: str) -> bytes:
    """Raw 8-bit inside a word, read as text by now: back to what the word says it is written in."""
    try:
        return text.encode(codec(charset) or "utf-8")
    except UnicodeError:
        return text.encode("utf-8", "replace")
