"""tag=value lists of signatures and key records (RFC 6376 §3.2)."""

import binascii
import re
from dataclasses import dataclass

_BLANKS = b" \t\r\n"
_NAME = re.compile(rb"[A-Za-z][A-Za-z0-9_]*+")
_BASE64 = re.compile(rb"(?:[A-Za-z0-9+/]{4})*+(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?")
_CONTROLS = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")  # none is a VALCHAR; bytes above are RFC 8616's UTF-8


@dataclass(frozen=True, slots=True)
class Tag:
    """value: without the blanks around it. start, end: all that stands between "=" and ";", as offsets in the list."""

    value: bytes
    start: int
    end: int


def parse_tags(text: bytes) -> dict[str, Tag]:
    """Tags by name; names are case-sensitive. Raises ValueError for what is no tag list, or has a tag twice."""
    if _CONTROLS.search(text):
        raise ValueError("control character")
    tags: dict[str, Tag] = {}
    at = 0
    specs = text.split(b";")
    if not specs[-1].strip(_BLANKS):
        specs.pop()  # one ";" may end the list
    for spec in specs:
        name, equals, value = spec.partition(b"=")
        stripped = name.strip(_BLANKS)
        if not equals or not _NAME.fullmatch(stripped):
            raise ValueError("no tag")
        key = stripped.decode("ascii")
        if key in tags:
            raise ValueError("tag twice")
        tags[key] = Tag(value.strip(_BLANKS), at + len(name) + 1, at + len(spec))
        at += len(spec) + 1
    return tags


def without_blanks(value: bytes) -> bytes:
    """For values in which folding white space means nothing: b=, bh=, h=, p= …"""
    return value.translate(None, _BLANKS)


def base64_value(value: bytes) -> bytes:
    """Raises ValueError for what is not base64 (RFC 6376 §2.10)."""
    packed = without_blanks(value)
    if not _BASE64.fullmatch(packed):
        raise ValueError("no base64")  # binascii lets some of it pass, even where it is strict
    return binascii.a2b_base64(packed)
