"""Content-Transfer-Encoding undone (RFC 2045 §6); what is broken is taken as far as it goes."""

import binascii
import re
from itertools import islice

from crm_store.mail.problems import Problem, Problems

_TOKEN = re.compile(rb"[A-Za-z0-9-]+")
_AS_IS = frozenset({b"", b"7bit", b"8bit", b"binary", b"7-bit", b"8-bit", b"none"})
_UUENCODE = frozenset({b"x-uuencode", b"uuencode", b"x-uue", b"uue"})
_SPACE = b" \t\r\n"
_ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="
_NOT_BASE64 = bytes(sorted({*range(256)} - {*_ALPHABET}))
_MOST_JUNK = 8  # a body with more than one strange byte in so many is no base64 at all
_MOST_PADDED_RUNS = 10_000
_UU_BEGIN = re.compile(rb"^begin(?:-base64)?[ \t]+[0-7]{3,4}[ \t][^\r\n]*(?:\r\n|\n|\r)", re.MULTILINE)
_LINE = re.compile(rb"[^\r\n]+")
_MOST_UU_LINES = 600_000  # of 45 bytes each: 27 MB


def undo(data: bytes, encoding: bytes, problems: Problems) -> bytes:
    """The content of a part, never longer than data. encoding: the field's raw value; an unknown one does nothing."""
    match = _TOKEN.search(encoding)
    name = match[0].lower() if match else b""
    if name == b"base64":
        return _base64(data, problems)
    if name == b"quoted-printable":
        return binascii.a2b_qp(data)
    if name in _UUENCODE:
        return _uuencode(data, problems)
    if name not in _AS_IS:
        problems.note(Problem.UNKNOWN_ENCODING)
    return data


def _base64(data: bytes, problems: Problems) -> bytes:
    packed = data.translate(None, _SPACE)
    try:
        return binascii.a2b_base64(packed, strict_mode=True) if packed else b""
    except binascii.Error:
        problems.note(Problem.BROKEN_BASE64)
    letters = packed.translate(None, _NOT_BASE64)
    strange = len(data) - len(letters) - data.count(b"\r") - data.count(b"\n")
    if strange * _MOST_JUNK > len(data):  # prose, its blanks tell
        return data
    # Some programs pad each line or each block and join them.
    runs = filter(None, letters.split(b"=", _MOST_PADDED_RUNS))
    return b"".join(_base64_run(run.replace(b"=", b"")) for run in runs)


def _base64_run(letters: bytes) -> bytes:
    if len(letters) % 4 == 1:
        letters = letters[:-1]
    return binascii.a2b_base64(letters + b"=" * (-len(letters) % 4))


def _uuencode(data: bytes, problems: Problems) -> bytes:
    begin = _UU_BEGIN.search(data)
    if not begin:
        problems.note(Problem.BROKEN_UUENCODE)
        return data
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
