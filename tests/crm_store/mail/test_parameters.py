"""Content-Type and Content-Disposition."""

import pytest

from crm_store.mail.parameters import split
from crm_store.mail.problems import Problems


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param("text/plain", ("text/plain", {}), id="no parameter"),
        pytest.param("Text/Plain; Charset=UTF-8", ("text/plain", {"charset": "UTF-8"}), id="case"),
        pytest.param('text/plain; charset="utf-8"; format=flowed', ("text/plain", {"charset": "utf-8", "format": "flowed"}), id="two"),
        pytest.param("text/plain (teks); charset=utf-8", ("text/plain", {"charset": "utf-8"}), id="comment"),
        pytest.param('a; filename="a;b=c.pdf"', ("a", {"filename": "a;b=c.pdf"}), id="semicolon in quotes"),
        pytest.param(r'a; filename="C:\new\a.doc"', ("a", {"filename": r"C:\new\a.doc"}), id="a path of Windows"),
        pytest.param(r'a; filename="a\"b.doc"', ("a", {"filename": 'a"b.doc'}), id="escaped quote"),
        pytest.param("a; filename=Surat Jalan.pdf; x=1", ("a", {"filename": "Surat Jalan.pdf", "x": "1"}), id="blank without quotes"),
        pytest.param('a; filename="never closed.pdf', ("a", {"filename": "never closed.pdf"}), id="quote never closed"),
        pytest.param("a; x=1; x=2", ("a", {"x": "1"}), id="the first counts"),
        pytest.param("a;; ;x=1;", ("a", {"x": "1"}), id="empty ones"),
        pytest.param('a; filename="=?utf-8?Q?Kwitansi_=C3=A9.pdf?="', ("a", {"filename": "Kwitansi é.pdf"}), id="RFC 2047 inside"),
        pytest.param("a; filename*=UTF-8''Kwitansi%20%C3%A9.pdf", ("a", {"filename": "Kwitansi é.pdf"}), id="RFC 2231"),
        pytest.param("a; filename*=iso-8859-1'id'caf%E9", ("a", {"filename": "café"}), id="RFC 2231, charset and language"),
        pytest.param("a; filename*1=b; filename*0=a; filename*2=c", ("a", {"filename": "abc"}), id="pieces in any order"),
        pytest.param("a; f*0*=utf-8''%C3; f*1*=%A9; f*2=x", ("a", {"f": "éx"}), id="pieces split inside a character"),
        pytest.param("a; filename=plain; filename*=utf-8''better", ("a", {"filename": "better"}), id="RFC 2231 wins"),
        pytest.param("a; f*0=x; f*=utf-8''y", ("a", {"f": "y"}), id="whole and pieces: stdlib raises on it"),
        pytest.param("a; f*=x'y%ZZ", ("a", {"f": "x'y%ZZ"}), id="broken RFC 2231"),
        pytest.param("a; f*99999999999999999999=x", ("a", {"f*99999999999999999999": "x"}), id="a number beyond any is a name"),
        pytest.param("", ("", {}), id="nothing"),
    ],
)  # fmt: skip
def test_a_value_and_its_parameters(value, expected):
    assert split(value, Problems()) == expected
