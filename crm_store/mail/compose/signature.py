"""A user's signature under what they wrote; in an answer above what they quote (E7)."""

import html
import re

from crm_store.mail.html_text import text_of_html
from crm_store.mail.html_tokens import first_tags
from crm_store.mail.limits import LIMITS
from crm_store.mail.quoting.lines import Line, lines_of
from crm_store.mail.quoting.openings import next_written, openings

_QUOTE = re.compile(r"""<blockquote\b|<div\s[^<>]{0,200}\bgmail_quote""", re.IGNORECASE)
_QUOTE_END = re.compile(r"</blockquote\s*>", re.IGNORECASE)
_END = re.compile(r"</body\s*>", re.IGNORECASE)


def words_of(source: str) -> str:
    """The words of an HTML text, of as many tags as the reader looks at: each costs some µs."""
    return text_of_html(first_tags(source, LIMITS.html_tags))


def sign_text(text: str, signature: str, *, answers: bool) -> str:
    """signature: clean, "" for none. RFC 3676 §4.3's mark stands above it."""
    if not signature:
        return text
    at = _quote_start(text) if answers else len(text)
    return "\n\n".join(filter(None, (text[:at].rstrip("\n"), f"-- \n{signature}", text[at:].rstrip("\n")))) + "\n"


def sign_html(source: str, signature: str, *, answers: bool) -> str:
    """In an element that the mail programs of the receivers know for a signature, and fold away."""
    if not signature:
        return source
    lines = "<br>".join(html.escape(line) for line in signature.split("\n"))
    at = _html_quote_start(source) if answers else None
    if at is None:
        ends = list(_END.finditer(source))
        at = ends[-1].start() if ends else len(source)
    return f'{source[:at]}<div class="gmail_signature">-- <br>{lines}</div>{source[at:]}'


def _quote_start(text: str) -> int:
    """Offset of the quotation at the end, its attribution too; the text's end where there is none, or words follow."""
    lines, beyond = lines_of(text)
    if beyond:
        return len(text)
    marked = len(lines)
    while marked and (lines[marked - 1].depth or lines[marked - 1].blank):
        marked -= 1
    start = marked if any(line.depth for line in lines[marked:]) else len(lines)
    for opening in openings(lines):
        below = next_written(lines, opening.end)
        if below and (below.depth <= opening.depth or opening.end >= marked):
            start = min(start, opening.start)
            break
    return _offset(lines, start)


def _offset(lines: list[Line], number: int) -> int:
    return sum(len(line.raw) + 1 for line in lines[:number])


def _html_quote_start(source: str) -> int | None:
    """None where nothing is quoted, or words stand behind it: answers between quoted lines."""
    quote, ends = _QUOTE.search(source), list(_QUOTE_END.finditer(source))
    if quote is None or (ends and words_of(source[ends[-1].end() :]).strip()):
        return None
    return quote.start()
