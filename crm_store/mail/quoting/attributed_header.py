"""What an attribution line tells of a mail: who wrote it, and when."""

import re

from crm_store.mail.languages.tables import ON, WROTE, Field, folded, languages_of
from crm_store.mail.quoting.quoted_header import QuotedHeader
from crm_store.mail.quoting.written_mailboxes import address_in

_MAX_NAME_CHARS = 250
_QUOTED = re.compile(r'["“„«]\s*([^"“”„«»]{1,200}?)\s*["”“»]\Z')
_NAME_WORD = re.compile(r"[^\W\d_][\w.'’&/-]*,?\Z")
# Between the time and the name.
_NO_NAMES = frozenset(
    ("am", "pm", "uhr", "h", "klo", "kl", "kl.", "at", "om", "um", "pukul", "jam", "wib", "wita", "wit", "gmt", "utc",
     "cet", "cest", "est", "edt", "pst", "pdt", "r.", "г.", "à", "a", "the")
)  # fmt: skip


def attributed_header(text: str, start: int, end: int) -> QuotedHeader:
    """ "On Mon, 2 Nov 2020 at 10:11, Ani <ani@toko.id> wrote:" as the header that says the same.

    start, end: its lines. No author where it names none."""
    values = {Field.DATE: text}
    if found := address_in(text):
        values[Field.AUTHOR] = f"{_name_before(text[: found.start()])} <{found[0].removeprefix('mailto:')}>"
    elif name := _name_before(_before_verb(text)):
        values[Field.AUTHOR] = name
    return QuotedHeader(values, languages_of(text), start, end)


def _before_verb(text: str) -> str:
    found = WROTE.search(text.casefold())
    return text[: found.start()] if found and len(text) == len(text.casefold()) else ""


def _name_before(text: str) -> str:
    """The words that end here and name somebody: quoted, or as many as can be a name."""
    text = text.rstrip(" <([")[-_MAX_NAME_CHARS:]
    if quoted := _QUOTED.search(text):
        return quoted[1]
    words: list[str] = []
    for word in reversed(text.rstrip(" ,;").split()):
        plain = folded(word.strip("\"',()"))
        if not _NAME_WORD.match(word) or plain in _NO_NAMES or WROTE.fullmatch(plain):
            break
        if word.endswith(",") and words:  # what stands before the comma belongs to the day
            break
        if ON.fullmatch(plain) and not words:
            break
        words.append(word)
    return " ".join(reversed(words)).strip("\"' ,")
