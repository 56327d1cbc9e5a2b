"""Content-Transfer-Encoding undone (RFC 2045 §6); what is broken is taken as far as it goes."""

import binascii
import hashlib
import re
from collections.abc import Iterator
from itertools import islice

from crm_store.mail.problems import Problem, Problems

_TOKEN = re.compile(rb"[A-Za-z0-9-]+")
_AS_IS = frozenset({b"", b"7bit", b"8bit", b"binary", b"7-bit", b"8-bit", b"none"})
_UUENCODE = frozenset({b"x-uuencode", b"uuencode", b"x-uue", b"uue"})
_SPACE = b" \t\r\n"
_ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="
_NOT_BASE64 = bytes(sorted({*range(256)} - {*_ALPHABET}))
_PIECE_BYTES = 1 << 20
_MOST_JUNK = 8  # a body with more than one strange byte in so many is no base64 at all
_MOST_PADDED_RUNS = 10_000
_UU_BEGIN = re.compile(rb"^begin(?:-base64)?[ \t]+[0-7]{3,4}[ \t][^\r\n]*(?:\r\n|\n|\r)", re.MULTILINE)
_LINE = re.compile(rb"[^\r\n]+")
_MOST_UU_LINES = 600_000  # of 45 bytes each: 27 MB


def undo(data: bytes | memoryview, encoding: bytes, problems: Problems) -> bytes:
    """The content of a part, never longer than data. encoding: the field's raw value; an unknown one does nothing."""
    name = _name(encoding)
    if name == b"base64":
        return _base64(memoryview(data), problems)
    if name == b"quoted-printable":
        return binascii.a2b_qp(data)
    if name in _UUENCODE:
        return _uuencode(data, problems)
    if name not in _AS_IS:
        problems.note(Problem.UNKNOWN_ENCODING)
    return bytes(data)


def fingerprint(data: memoryview, encoding: bytes, problems: Problems) -> tuple[int, str]:
    """Length and SHA-256 of what undo() gives, mostly without having it all in memory."""
    if _name(encoding) == b"base64":
        size, digest = 0, hashlib.sha256()
        try:
            for piece in _strict_base64(data):
                size += len(piece)
                digest.update(piece)
        except binascii.Error:
            pass  # the broken one is read another way
        else:
            return size, digest.hexdigest()
    content = undo(data, encoding, problems)
    return len(content), hashlib.sha256(content).hexdigest()


def _name(encoding: bytes) -> bytes:
    match = _TOKEN.search(encoding)
    return match[0].lower() if match else b""


def _base64(data: memoryview, problems: Problems) -> bytes:
    try:
        return b"".join(_strict_base64(data))
    except binascii.Error:
        problems.note(Problem.BROKEN_BASE64)
    strange = sum(len(piece.translate(None, _ALPHABET + b"\r\n")) for piece in _pieces(data))
    if strange * _MOST_JUNK > len(data):  # prose, its blanks tell
        return bytes(data)
    return b"".join(_forgiving_base64(data))


def _pieces(data: memoryview) -> Iterator[bytes]:
    """A megabyte at a time: a mail of 35 MB is not held five times over."""
    return (bytes(data[at : at + _PIECE_BYTES]) for at in range(0, len(data), _PIECE_BYTES))


def _strict_base64(data: memoryview) -> Iterator[bytes]:
    """Raises: binascii.Error for what is no base64 from end to end."""
    rest = b""
    for piece in _pieces(data):
        letters = rest + piece.translate(None, _SPACE)
        # The last four are kept: the padding must be the end of all.
        whole = max(0, len(letters) - 1) // 4 * 4
        if b"=" in letters[:whole]:
            raise binascii.Error("letters behind the padding")
        yield binascii.a2b_base64(letters[:whole], strict_mode=True) if whole else b""
        rest = letters[whole:]
    yield binascii.a2b_base64(rest, strict_mode=True) if rest else b""


def _forgiving_base64(data: memoryview) -> Iterator[bytes]:
    """Without what is no letter. Some programs pad each line or each block and join them."""
    rest, runs = b"", 0
    for piece in _pieces(data):
        letters = rest + piece.translate(None, _NOT_BASE64)
        *ended, last = letters.split(b"=", max(0, _MOST_PADDED_RUNS - runs))
        runs += len(ended)
        for run in filter(None, ended):
            yield _base64_run(run)
        last = last.replace(b"=", b"")
        whole = len(last) // 4 * 4
        yield binascii.a2b_base64(last[:whole])
        rest = last[whole:]
    yield _base64_run(rest)


def _base64_run(letters: bytes) -> bytes:
    if len(letters) % 4 == 1:
        letters = letters[:-1]
    return binascii.a2b_base64(letters + b"=" * (-len(letters) % 4))


def _uuencode(data: bytes | memoryview, problems: Problems) -> bytes:
    begin = _UU_BEGIN.search(data)
    if not begin:
        problems.note(Problem.BROKEN_UUENCODE)
        return bytes(data)
    content = bytearray()
    for match in islice(_LINE.finditer(data, begin.end()), _MOST_UU_LINES):
        line = match[0]
        if line.strip() in (b"end", b"`", b""):
            break
        try:
            content += binascii.a2b_uu(line)
        except binascii.Error:
            # The encoder padded the line with what is no data: its first character tells the length.
            used = (((line[0] - 32) & 63) * 4 + 5) // 3
            try:
                content += binascii.a2b_uu(line[:used])
            except binascii.Error:
                problems.note(Problem.BROKEN_UUENCODE)
                break
    return bytes(content)
