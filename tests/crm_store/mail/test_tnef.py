"""winmail.dat: the files in it are attachments of the mail, in any order of attributes, cut short or not."""

import base64
import hashlib
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_store.mail import tnef
from crm_store.mail.attachments import attachment_bytes
from crm_store.mail.limits import LIMITS, Limits
from crm_store.mail.read import read

SIGNATURE = b"\x78\x9f\x3e\x22\x01\x00"
MAIL = b"\x07\x03\x02\0\0\0\0\0\xc0\0\0\0\0\0\0\x46"
STRING8, UNICODE, BINARY, OBJECT, LONG = 0x1E, 0x1F, 0x102, 0x0D, 3


def attribute(key, data, level=2):
    return struct.pack("<BII", level, key, len(data)) + data + struct.pack("<H", sum(data) & 0xFFFF)


def sized(kind, name, *values, named=b""):
    written = b"".join(struct.pack("<I", len(value)) + value + b"\0" * (-len(value) % 4) for value in values)
    return struct.pack("<HH", kind, name) + named + struct.pack("<I", len(values)) + written


def properties(*each):
    return attribute(0x00069005, struct.pack("<I", len(each)) + b"".join(each))


NEXT = attribute(0x00069002, b"\0" * 14)
CODEPAGE = attribute(0x00069007, struct.pack("<II", 1251, 0), level=1)
NAMED = struct.pack("<16sII", b"\x01" * 16, 1, 6) + "id\0".encode("utf-16-le") + b"\0\0"
NUMBERED = struct.pack("<16sII", b"\x01" * 16, 0, 7)


def title(name):
    return attribute(0x00018010, name + b"\0")


def data(content):
    return attribute(0x0006800F, content)


def wide(text):
    return f"{text}\0".encode("utf-16-le")


ROWS = [
    ("nothing", b"", []),
    ("another format", b"PK\x03\x04" * 9, []),
    ("no files", SIGNATURE + CODEPAGE, []),
    ("a file", SIGNATURE + NEXT + title(b"HARGA.PDF") + data(b"%PDF"), [("HARGA.PDF", "", b"%PDF")]),
    ("NULs at its end are its own", SIGNATURE + NEXT + data(b"a\0\0") + title(b"A"), [("A", "", b"a\0\0")]),
    ("two files", SIGNATURE + NEXT + title(b"A") + data(b"1") + NEXT + title(b"B") + data(b"2"), [("A", "", b"1"), ("B", "", b"2")]),
    ("an empty one", SIGNATURE + NEXT + title(b"A") + data(b"") + NEXT + title(b"B") + data(b"2"), [("B", "", b"2")]),
    ("a name in the code page", SIGNATURE + CODEPAGE + NEXT + title("Цена".encode("cp1251")) + data(b"1"), [("Цена", "", b"1")]),
    ("a long name and a type", SIGNATURE + NEXT + title(b"PENAWA~1.PDF") + data(b"1") + properties(
        struct.pack("<HHI", LONG, 0x3705, 1), sized(UNICODE, 0x3707, wide("Penawaran – akhir.pdf")),
        sized(STRING8, 0x370E, b"application/pdf\0")), [("Penawaran – akhir.pdf", "application/pdf", b"1")]),
    ("behind properties with names, numbers and several values", SIGNATURE + NEXT + data(b"1") + properties(
        sized(UNICODE, 0x8001, wide("x"), named=NAMED), struct.pack("<HH", 0x1003, 0x8002) + NUMBERED + struct.pack("<III", 2, 1, 2),
        sized(0x101F, 0x8003, wide("a"), wide("bc"), named=NAMED), sized(UNICODE, 0x3704, wide("A.TXT"))), [("A.TXT", "", b"1")]),
    ("its content among the properties", SIGNATURE + NEXT + properties(sized(BINARY, 0x3701, b"1234\0"), sized(UNICODE, 0x3001, wide("a.txt"))), [("a.txt", "", b"1234\0")]),
    ("an object", SIGNATURE + NEXT + properties(sized(OBJECT, 0x3701, b"\x0b" * 16 + b"12")), [("", "", b"12")]),
    ("a mail inside is left there", SIGNATURE + NEXT + properties(sized(OBJECT, 0x3701, MAIL + SIGNATURE)), []),
    ("a type that nobody knows ends the properties", SIGNATURE + NEXT + title(b"A") + data(b"1") + properties(
        struct.pack("<HH", 0x77, 1), sized(UNICODE, 0x3707, wide("b"))), [("A", "", b"1")]),
    ("cut short", SIGNATURE + NEXT + title(b"A") + data(b"12345")[:-5], [("A", "", b"12")]),
]  # fmt: skip


@pytest.mark.parametrize(("content", "expected"), [pytest.param(*row[1:], id=row[0]) for row in ROWS])
def test_the_files_in_it(content, expected):
    assert [(file.name, file.content_type, bytes(file.data)) for file in tnef.files(content, 100)] == expected


@pytest.mark.parametrize("content", [pytest.param(row[1], id=row[0]) for row in ROWS])
def test_wherever_it_is_cut_short_it_is_read(content):
    for end in range(len(content)):
        assert len(tnef.files(content[:end], 100)) <= 2


@given(st.binary(max_size=200), st.integers(0, len(ROWS) - 1), st.integers(0, 400))
def test_whatever_stands_in_it_is_read(noise, row, at):
    content = ROWS[row][1]
    tnef.files(SIGNATURE + noise, 100)
    tnef.files(SIGNATURE + NEXT + attribute(0x00069005, noise), 100)
    tnef.files(content[:at] + noise + content[at:], 100)


def mail(content, how=b"Content-Type: application/ms-tnef; name=winmail.dat"):
    encoded = base64.encodebytes(content)
    return (
        b'Content-Type: multipart/mixed; boundary="b"\n\n--b\n\nHalo\n--b\n'
        + how
        + b"\nContent-Transfer-Encoding: base64\n\n"
        + encoded
        + b"--b\nContent-Type: image/png; name=a.png\n\nx\n--b--\n"
    )


TWO = SIGNATURE + NEXT + title(b"C:\\kantor\\A.PDF") + data(b"%PDF") + NEXT + title(b"B") + data(b"2")


@pytest.mark.parametrize(
    "how",
    [
        b"Content-Type: application/ms-tnef; name=winmail.dat",
        b"Content-Type: application/vnd.ms-tnef",
        b"Content-Type: application/octet-stream; name=WINMAIL.DAT",
    ],
)
def test_the_files_are_attachments_of_the_mail(how):
    raw = mail(TWO, how)
    found = read(raw).attachments
    assert [(each.name, each.content_type, each.size_bytes) for each in found][1:] == [
        ("A.PDF", "application/pdf", 4),
        ("B", "application/octet-stream", 1),
        ("a.png", "image/png", 1),
    ]
    assert [attachment_bytes(raw, each.position) for each in found] == [TWO, b"%PDF", b"2", b"x"]
    assert [each.sha256 for each in found] == [
        hashlib.sha256(content).hexdigest() for content in (TWO, b"%PDF", b"2", b"x")
    ]
    assert len({each.position for each in found}) == 4
    assert attachment_bytes(raw, found[2].position + (1 << 16)) is None


def test_no_more_than_the_bound_is_listed():
    raw = mail(SIGNATURE + (NEXT + data(b"1")) * 300)
    assert len(read(raw).attachments) == LIMITS.tnef_files + 2
    assert len(read(raw, Limits(tnef_files=0)).attachments) == 2
