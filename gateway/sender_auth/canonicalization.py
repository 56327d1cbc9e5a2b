"""The forms in which header and body are signed (RFC 6376 §3.4). Time and memory are linear in every input.

A bare CR or LF is a character like any other: RFC 6376 knows only CRLF as the end of a line. (dkimpy takes a bare LF
for CRLF, so it accepts what a relay turned from CRLF into LF.)"""

import hashlib
import re
from collections.abc import Iterator
from enum import StrEnum

_PIECE_BYTES = 256 * 1024  # large bodies are canonicalised in pieces of this size, and never copied whole
_BLANK_LINES = b"\r\n" * 4096
_BLANKS = re.compile(rb"[ \t\r\n]*+")


class Canonicalization(StrEnum):
    """RFC 6376 §3.4: simple tolerates next to nothing, relaxed other white space."""

    SIMPLE = "simple"
    RELAXED = "relaxed"


def canonical_field(raw: bytes, value_at: int, how: Canonicalization) -> bytes:
    """A header field with its CRLF; value_at: behind the colon (RFC 6376 §3.4.1, §3.4.2)."""
    if how is Canonicalization.SIMPLE:
        return raw
    name = raw[: value_at - 1].rstrip(b" \t").lower()
    return name + b":" + _one_blank(raw[value_at:].replace(b"\r\n", b"")).strip(b" ") + b"\r\n"


def body_hash(raw: bytes, at: int, how: Canonicalization) -> bytes:
    """SHA-256 of the canonical form of the body that begins at an offset (RFC 6376 §3.4.3, §3.4.4)."""
    digest = hashlib.sha256()
    if how is Canonicalization.SIMPLE:
        digest.update(memoryview(raw)[at : _end_without_blank_lines(raw, at)])
        digest.update(b"\r\n")
    else:
        for piece in _relaxed_body(raw, at):
            digest.update(piece)
    return digest.digest()


def _relaxed_body(raw: bytes, at: int) -> Iterator[bytes]:
    """The canonical body in pieces. Blank lines are held back until something follows them."""
    held_back, empty = 0, True
    for piece in _pieces(raw, at):
        relaxed = _one_blank(piece).replace(b" \r\n", b"\r\n")
        end = _end_without_blank_lines(relaxed, 0)
        if end:
            yield b"\r\n" * held_back
            yield relaxed[:end]
            held_back, empty = 0, False
        held_back += (len(relaxed) - end) // 2
    if not empty:
        yield b"\r\n"


def _pieces(raw: bytes, at: int) -> Iterator[bytes]:
    """Cut where white space and line ends of one piece cannot touch those of the next."""
    while at < len(raw):
        end = at + _PIECE_BYTES
        if end < len(raw):
            line_end = raw.rfind(b"\r\n", at, end)
            if line_end >= 0:
                end = line_end + 2
            elif blanks := _BLANKS.match(raw, end):
                end = blanks.end()
        yield raw[at:end]
        at = end


def _one_blank(data: bytes) -> bytes:
    """Each run of blanks as one space. Each turn halves the runs, so all turns together cost what the first did, or a
    small multiple of it where a long run stands beside much text. (A pattern with a line end behind the run costs the
    run's square: dkimpy needs minutes for 1 MB of spaces.)"""
    data = data.replace(b"\t", b" ")
    while b"  " in data:
        data = data.replace(b"  ", b" ")
    return data


def _end_without_blank_lines(data: bytes, at: int) -> int:
    """Where the text behind `at` ends, all its last CRLFs left away."""
    end = len(data)
    while data.endswith(_BLANK_LINES, at, end):
        end -= len(_BLANK_LINES)
    while data.endswith(b"\r\n", at, end):
        end -= 2
    return end
