"""The parts of a message (RFC 2045, RFC 2046), written one behind the other so that nothing is held twice."""

import binascii
import re
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO

_LONG_LINE = re.compile(rb"[^\r\n]{79}")  # RFC 5322 §2.1.1: above 78 letters a line goes encoded
_ENCODED_LINE_CHARS = 76  # RFC 2045 §6.7, §6.8
# binascii encodes a blank at a line's end without counting: up to 78 letters.
_LONG_QUOTED_LINE = re.compile(rb"([^\r\n]{%d,})(=20|=09)(?=\r\n)" % (_ENCODED_LINE_CHARS - 2))
_PIECE_BYTES = 57 * 4096  # whole lines


@dataclass(frozen=True, slots=True)
class Leaf:
    """header: its fields. write: puts the body; the line end that belongs to a delimiter is not its."""

    header: bytes
    write: Callable[[BytesIO], object]


@dataclass(frozen=True, slots=True)
class Multipart:
    """kind: mixed, alternative, or related to an HTML text, its first; none stands in another of its kind."""

    kind: str
    children: tuple["Leaf | Multipart", ...]


def put(out: BytesIO, part: Leaf | Multipart, boundary: str) -> None:
    """The part's own fields, the empty line, the body. boundary: a stem, which stands in no leaf."""
    if isinstance(part, Leaf):
        out.write(part.header + b"\r\n")
        part.write(out)
        return
    own = f"{boundary}{part.kind[0]}"
    root = ' type="text/html";' if part.kind == "related" else ""  # RFC 2387 §3.1 asks for it
    out.write(f'Content-Type: multipart/{part.kind};{root}\r\n boundary="{own}"\r\n\r\n'.encode("ascii"))
    for child in part.children:
        out.write(f"--{own}\r\n".encode("ascii"))
        put(out, child, boundary)
        out.write(b"\r\n")
    out.write(f"--{own}--\r\n".encode("ascii"))


def text_leaf(subtype: str, text: str, boundary: str) -> Leaf:
    """text: clean, "\\n" line ends, the last line has one. Readable in transit where that is not longer."""
    data = text.replace("\n", "\r\n").encode()
    encoding, body = "7bit", data
    if not data.isascii() or _LONG_LINE.search(data) or boundary.encode("ascii") in data:
        quoted, lines = _LONG_QUOTED_LINE.sub(rb"\1=\r\n\2", binascii.b2a_qp(data)), BytesIO()
        put_base64(lines, data)
        lines.write(b"\r\n")
        encoding, body = min(("quoted-printable", quoted), ("base64", lines.getvalue()), key=lambda way: len(way[1]))
    header = f"Content-Type: text/{subtype}; charset=utf-8\r\nContent-Transfer-Encoding: {encoding}\r\n"
    return Leaf(header.encode("ascii"), lambda out: out.write(body))


def put_base64(out: BytesIO, data: bytes) -> None:
    """RFC 2045 §6.8, some thousand lines at a time; the last line has no end."""
    whole = memoryview(data)
    for at in range(0, len(data), _PIECE_BYTES):
        letters = binascii.b2a_base64(whole[at : at + _PIECE_BYTES], newline=False)
        lines = (letters[start : start + _ENCODED_LINE_CHARS] for start in range(0, len(letters), _ENCODED_LINE_CHARS))
        if at:
            out.write(b"\r\n")
        out.write(b"\r\n".join(lines))
