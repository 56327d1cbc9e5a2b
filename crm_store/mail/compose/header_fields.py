"""Header fields out of values (RFC 5322 §2.2, RFC 2047, RFC 2231): ASCII, folded, ending in CRLF.

stdlib's email.policy is not used: Python 3.11.7 folds the comma between two recipients into an encoded word, and the
second one is lost (CVE-2025-1795). Values come cleaned as the reader cleans what it reads: no line end is left to
inject a field by."""

import re
from binascii import b2a_base64
from collections.abc import Iterable, Iterator, Sequence
from urllib.parse import quote

from crm_store.mail.parsed_mail import Mailbox

_LINE_CHARS = 76  # RFC 2047 §2, of lines with encoded words; others may have 78
_WORD_BYTES = 39  # of one encoded word: 64 letters, so that it stands beside "Subject: " too
_PIECE_CHARS = 50  # of one piece of a parameter
_MOST_PLAIN_CHARS = 55  # of a word that is left as it is: no fold helps a longer one
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/?^_`{|}~-]+(?: [A-Za-z0-9!#$%&'*+/?^_`{|}~-]+)*")  # "=" begins encoded words
_QUOTABLE = re.compile(r"[!-;=?-~](?:[ -~]*[!-;=?-~])?")  # readers take brackets at the ends for the address's
_PLAIN_TEXT = re.compile(r"[!-~]+(?: [!-~]+)*")
_PLAIN_FILE_NAME = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9 _.,()+@&-]*[A-Za-z0-9_)])?")
_ATTRIBUTE_CHARS = "!#$&+-.^_`{|}~"  # RFC 2231 §7


def text_field(name: str, text: str) -> bytes:
    """An unstructured field. text: clean, one line."""
    words = text.split(" ")
    plain = _PLAIN_TEXT.fullmatch(text) and "=?" not in text and max(map(len, words)) <= _MOST_PLAIN_CHARS
    return _folded(name, words if plain else _encoded_words(text))


def mailbox_field(name: str, mailboxes: Sequence[Mailbox]) -> bytes:
    """An address list; b"" for none. names: clean, one line; addresses: ASCII, checked."""
    words: list[str] = []
    for mailbox in mailboxes:
        words += [*_phrase(mailbox.name), f"<{mailbox.address}>," if mailbox.name else f"{mailbox.address},"]
    if not words:
        return b""
    return _folded(name, [*words[:-1], words[-1].removesuffix(",")])


def ids_field(name: str, ids: Sequence[str]) -> bytes:
    """Ids of messages, printable ASCII without brackets; b"" for none."""
    return _folded(name, [f"<{one}>" for one in ids]) if ids else b""


def word_field(name: str, value: str, parameters: Iterable[tuple[str, str]] = ()) -> bytes:
    """A value and its parameters, whose text is clean. value: ASCII."""
    words = [*value.split(" ")]
    for key, text in parameters:
        for piece in _parameter(key, text):
            words[-1] += ";"
            words.append(piece)
    return _folded(name, words)


def _folded(name: str, words: Iterable[str]) -> bytes:
    """A word that is too long for a line has one for itself."""
    lines, line = [], f"{name}:"
    for number, word in enumerate(words):
        if number and len(line) + 1 + len(word) > _LINE_CHARS:
            lines.append(line)
            line = ""
        line = f"{line} {word}"
    return "".join(f"{line}\r\n" for line in (*lines, line)).encode("ascii")


def _encoded_words(text: str) -> Iterator[str]:
    """RFC 2047 §5: none is split inside a character; blanks between words go, those inside stay."""
    chunk = b""
    for character in text:
        data = character.encode()
        if len(chunk) + len(data) > _WORD_BYTES:
            yield _encoded_word(chunk)
            chunk = b""
        chunk += data
    if chunk:
        yield _encoded_word(chunk)


def _encoded_word(data: bytes) -> str:
    return f"=?utf-8?b?{b2a_base64(data, newline=False).decode('ascii')}?="


def _phrase(name: str) -> list[str]:
    """A display name (RFC 5322 §3.2.5): atoms, a quoted string, or encoded words."""
    short = max(map(len, name.split(" "))) <= _MOST_PLAIN_CHARS
    if _ATOMS.fullmatch(name) and short:
        return name.split(" ")
    if len(name) <= _MOST_PLAIN_CHARS and "=?" not in name and "  " not in name and _QUOTABLE.fullmatch(name):
        escaped = name.replace("\\", "\\\\").replace('"', '\\"')
        return [f'"{escaped}"']
    return list(_encoded_words(name))


def _parameter(key: str, text: str) -> Iterator[str]:
    """RFC 2231 §3, §4 for what no quoted string holds, or no line."""
    if len(text) <= _PIECE_CHARS and _PLAIN_FILE_NAME.fullmatch(text):
        yield f'{key}="{text}"'
        return
    pieces = [""]
    for character in text:
        encoded = quote(character, safe=_ATTRIBUTE_CHARS)
        if len(pieces[-1]) + len(encoded) > _PIECE_CHARS:
            pieces.append("")
        pieces[-1] += encoded
    if len(pieces) == 1:
        yield f"{key}*=utf-8''{pieces[0]}"
        return
    for number, piece in enumerate(pieces):
        charset = "" if number else "utf-8''"
        yield f"{key}*{number}*={charset}{piece}"
