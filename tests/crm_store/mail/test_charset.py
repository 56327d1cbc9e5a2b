"""Bytes to text."""

import pytest

from crm_store.mail.charset import codec, decode, decode_header_bytes
from crm_store.mail.problems import Problem, Problems

BROKEN, UNKNOWN = [Problem.UNDECODABLE_BYTES], [Problem.UNKNOWN_CHARSET]


@pytest.mark.parametrize(
    ("data", "declared", "text", "problems"),
    [
        pytest.param("Rp é".encode(), "utf-8", "Rp é", [], id="utf-8"),
        pytest.param("é".encode(), "", "é", [], id="nothing declared, utf-8"),
        pytest.param(b"\xe9", "", "é", BROKEN, id="nothing declared, Windows"),
        pytest.param("é".encode(), "us-ascii", "é", [], id="ascii that is utf-8"),
        pytest.param(b"\x93a\x94", "iso-8859-1", "“a”", [], id="Latin-1 means Windows-1252"),
        pytest.param("中文".encode("gb18030"), "GB2312", "中文", [], id="gb2312"),
        pytest.param("Київ".encode("koi8-u"), "koi8-u", "Київ", [], id="koi8-u"),
        pytest.param("é".encode("cp850"), "CP-850", "é", [], id="cp-850"),
        pytest.param("é".encode(), "x-klingon", "é", UNKNOWN, id="unknown"),
        pytest.param(b"abc", "idna", "abc", UNKNOWN, id="a codec that is no charset"),
        pytest.param(b"abc", "zlib", "abc", UNKNOWN, id="a codec of bytes"),
        pytest.param(b"\xe9t\xe9", "utf-8", "été", BROKEN, id="declared utf-8, is Windows"),
        pytest.param("ééé".encode() + b"\xe9", "utf-8", "ééé\ufffd", BROKEN, id="utf-8 that lost a byte"),
        pytest.param("é".encode(), "shift_jis", "ﾃｩ", [], id="a wrong charset that fits is believed"),
        pytest.param("é中".encode(), "iso-2022-jp", "é中", [], id="a wrong charset that does not fit is not"),
    ],
)
def test_bytes_become_text_whatever_was_declared(data, declared, text, problems):
    met = Problems()
    assert (decode(data, declared, met), met) == (text, problems)


@pytest.mark.parametrize(
    ("data", "declared", "text"),
    [
        pytest.param("é".encode(), "iso-8859-1", "é", id="utf-8 first"),
        pytest.param("中".encode("gb18030"), "gb2312", "中", id="the mail's charset"),
        pytest.param(b"Fr\xf6sche", "", "Frösche", id="Windows-1252 last"),
        pytest.param(b"Fr\xf6sche", "utf-16", "Frösche", id="a charset without ASCII can't be a header's"),
    ],
)
def test_raw_8_bit_in_a_header(data, declared, text):
    assert decode_header_bytes(data, declared) == text


@pytest.mark.parametrize(
    "name",
    ["idna", "punycode", "unicode_escape", "undefined", "rot13", "hex", "base64", "uu", "bz2", "../x", "\0", "é"],
)
def test_no_such_charset(name):
    assert codec(name) is None
