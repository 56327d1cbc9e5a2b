"""Files in a winmail.dat, Outlook's own envelope ([MS-OXTNEF]): one walk over its attributes, nothing is copied.

The one library for it, tnefparse (1.4.0, of 2021), follows mails in mails by recursion, raises on what is cut short and
takes NULs off the ends of files. Text and mails that may be inside are not read: Outlook sends a text part beside."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from crm_store.mail.charset import decode
from crm_store.mail.problems import Problems

CONTENT_TYPES = frozenset({"application/ms-tnef", "application/vnd.ms-tnef"})
_SIGNATURE = b"\x78\x9f\x3e\x22"
_HEAD = struct.Struct("<BII")  # level, id, length; a checksum of two bytes follows the data
_CHECKSUM_BYTES = 2
_NEXT_FILE, _TITLE, _DATA, _PROPERTIES, _CODEPAGE = 0x00069002, 0x00018010, 0x0006800F, 0x00069005, 0x00069007
_MOST_ATTRIBUTES = 10_000

# MAPI properties ([MS-OXTNEF] 2.1.3.5): types of a fixed size in bytes, types of any size, the ones that are wanted.
_FIXED = {2: 4, 3: 4, 4: 4, 5: 8, 6: 8, 7: 8, 10: 4, 11: 4, 20: 8, 64: 8, 72: 16}
_STRING8, _UNICODE = 0x1E, 0x1F
_OBJECT, _BINARY = 0x0D, 0x0102
_SIZED = frozenset({_OBJECT, _STRING8, _UNICODE, _BINARY})
_MULTIVALUED = 0x1000
_FIRST_NAMED_ID = 0x8000
_NAMES = (0x3707, 0x3704, 0x3001)  # the long one, that of DOS, what was shown
_MIME_TYPE, _CONTENT = 0x370E, 0x3701
_WANTED = frozenset({*_NAMES, _MIME_TYPE, _CONTENT})
_INTERFACE_BYTES = 16  # before an object: which kind it is
_MAIL = b"\x07\x03\x02\0\0\0\0\0\xc0\0\0\0\0\0\0\x46"  # IID_IMessage
_MOST_PROPERTIES = 500
_MOST_NAME_BYTES = 2048


@dataclass(slots=True)
class File:
    """name, content_type: as written, "" where it says none. data: a part of what was given."""

    name: str
    content_type: str
    data: memoryview


def files(content: bytes, most: int) -> list[File]:
    """The files in order, at most that many; [] for what is no TNEF. What is cut short is read as far as it goes."""
    found: list[File] = []
    codepage = ""
    for key, value in _attributes(memoryview(content)):
        if key == _CODEPAGE and len(value) >= 4:
            codepage = f"cp{int.from_bytes(value[:4], 'little')}"
        elif key == _NEXT_FILE:
            if len(found) >= most:
                break
            found.append(File("", "", value[:0]))
        elif found:
            _tell(found[-1], key, value, codepage)
    return [file for file in found if file.data]


def _attributes(content: memoryview) -> Iterator[tuple[int, memoryview]]:
    if content[: len(_SIGNATURE)] != _SIGNATURE:
        return
    at = len(_SIGNATURE) + 2  # a key, of no use
    for _ in range(_MOST_ATTRIBUTES):
        if at + _HEAD.size > len(content):
            return
        _, key, length = _HEAD.unpack_from(content, at)
        at += _HEAD.size
        yield key, content[at : at + length]
        at += length + _CHECKSUM_BYTES


def _tell(file: File, key: int, value: memoryview, codepage: str) -> None:
    if key == _DATA:
        file.data = value
    elif key == _TITLE:
        file.name = file.name or _text(value, codepage)
    elif key == _PROPERTIES:
        told = {name: (kind, data) for name, kind, data in _properties(value)}
        texts = {
            name: _text(data, "utf-16-le" if kind == _UNICODE else codepage) for name, (kind, data) in told.items()
        }
        file.name = texts.get(_NAMES[0]) or file.name or next((texts[name] for name in _NAMES if name in texts), "")
        file.content_type = texts.get(_MIME_TYPE, "")
        if _CONTENT in told and not file.data:
            file.data = _content(*told[_CONTENT])


def _content(kind: int, value: memoryview) -> memoryview:
    """Some programs put the file among the properties."""
    if kind != _OBJECT:
        return value
    return value[:0] if value[:_INTERFACE_BYTES] == _MAIL else value[_INTERFACE_BYTES:]


def _text(value: memoryview, charset: str) -> str:
    return decode(bytes(value[:_MOST_NAME_BYTES]), charset, Problems()).partition("\0")[0]


def _properties(block: memoryview) -> Iterator[tuple[int, int, memoryview]]:
    """(id, type, value) of the wanted properties, up to what cannot be read: nothing tells how long it is."""
    try:
        (count,) = struct.unpack_from("<I", block)
        at = 4
        for _ in range(min(count, _MOST_PROPERTIES)):
            kind, name = struct.unpack_from("<HH", block, at)
            at = _behind_name(block, at + 4) if name >= _FIRST_NAMED_ID else at + 4
            values = 1
            if kind & _MULTIVALUED or kind in _SIZED:
                (values,) = struct.unpack_from("<I", block, at)
                at += 4
            kind &= ~_MULTIVALUED
            if kind in _FIXED:
                at += values * _FIXED[kind]
            elif kind not in _SIZED or values > _MOST_PROPERTIES:
                return
            for _ in range(values if kind in _SIZED else 0):
                (size,) = struct.unpack_from("<I", block, at)
                if name in _WANTED:
                    yield name, kind, block[at + 4 : at + 4 + size]
                at += 4 + _padded(size)
    except struct.error:
        return


def _behind_name(block: memoryview, at: int) -> int:
    """A property with a name has its set's GUID, and a number or the name itself."""
    kind, size = struct.unpack_from("<II", block, at + 16)
    return at + 24 + (_padded(size) if kind == 1 else 0)


def _padded(size: int) -> int:
    return (size + 3) // 4 * 4
