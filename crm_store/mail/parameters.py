"""Content-Type and Content-Disposition: a value and its parameters (RFC 2045 §5.1, RFC 2183, RFC 2231)."""

import re
from urllib.parse import unquote_to_bytes

from crm_store.mail.charset import decode
from crm_store.mail.clean_text import clean_line
from crm_store.mail.header_text import decode_words
from crm_store.mail.problems import Problems

MAX_CHARS = 16 * 1024  # a file name in RFC 2231 pieces takes 1 KB
_PARAMETER = re.compile(r';\s*+([^=;\s"]++)\s*+=\s*+(?:"((?:[^"\\]|\\.)*+)(?:"|\\?\Z)|([^;]*+))', re.DOTALL)
_PIECE = re.compile(r"([^*]+)\*(?:([0-9]{1,4})(\*?))?", re.ASCII)
_ESCAPED = re.compile(r'\\(["\\])')  # and no other: C:\new\report.doc is what Outlook once wrote
_MISSING_SEMICOLON = re.compile(r"\A([^\s;=]++)\s++([^\s;=]++\s*+=)")
_COMMENT = re.compile(r"\([^()]*\)")


def split(value: str, problems: Problems) -> tuple[str, dict[str, str]]:
    """The value in lower case and its parameters, names in lower case, of an unfolded header.

    Of equal names the first counts. RFC 2231's form wins over the plain one; RFC 2047 words are decoded, though
    RFC 2047 §5 forbids them here: most programs write them."""
    value = _MISSING_SEMICOLON.sub(r"\1;\2", clean_line(value[:MAX_CHARS]))
    head, semicolon, _ = value.partition(";")
    plain: dict[str, str] = {}
    pieces: dict[str, dict[int, tuple[str, bool]]] = {}
    for match in _PARAMETER.finditer(value, len(head)) if semicolon else ():
        name = match[1].casefold()
        text = _ESCAPED.sub(r"\1", match[2]) if match[2] is not None else match[3].strip()
        if not (piece := _PIECE.fullmatch(name)):
            plain.setdefault(name, clean_line(decode_words(text, problems)))
        elif piece[2] is None:
            pieces.setdefault(piece[1], {})[-1] = (text, True)  # name*= is whole: it wins over name*0*=
        else:
            pieces.setdefault(piece[1], {}).setdefault(int(piece[2]), (text, piece[3] == "*"))
    joined = {name: clean_line(_join(numbered, problems)) for name, numbered in pieces.items()}
    return _COMMENT.sub("", head).strip().casefold(), plain | joined


def _join(pieces: dict[int, tuple[str, bool]], problems: Problems) -> str:
    """RFC 2231 §3, §4: pieces by number, the first one that is encoded names the charset."""
    if -1 in pieces:
        pieces = {-1: pieces[-1]}
    charset, data = "", bytearray()
    for place, (_, (text, encoded)) in enumerate(sorted(pieces.items())):
        if encoded and place == 0 and text.count("'") >= 2:
            charset, _, text = text.split("'", 2)
        data += unquote_to_bytes(text) if encoded else text.encode("utf-8", "replace")
    return decode_words(decode(bytes(data), charset or "utf-8", problems), problems)
