"""Content-Transfer-Encoding."""

import base64

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_store.mail import transfer
from crm_store.mail.problems import Problem, Problems
from crm_store.mail.transfer import undo

B64 = [Problem.BROKEN_BASE64]
UU = b"begin 644 a.txt\n%2&%L;&\\\n`\nend\n"


@pytest.mark.parametrize(
    ("data", "encoding", "expected", "problems"),
    [
        pytest.param(b"abc", b"7bit", b"abc", [], id="7bit"),
        pytest.param(b"abc", b"", b"abc", [], id="none"),
        pytest.param(b"YWJj\r\n", b"base64", b"abc", [], id="base64"),
        pytest.param(b"YWJj", b" BASE64; x (comment)", b"abc", [], id="junk behind the name"),
        pytest.param(b"YW\r\nJj ZA==\r\n", b"base64", b"abcd", [], id="broken into odd lines"),
        pytest.param(b"YWJjZA", b"base64", b"abcd", B64, id="no padding"),
        pytest.param(b"YWJjZ", b"base64", b"abc", B64, id="cut"),
        pytest.param(b"YQ==\r\nYg==\r\n", b"base64", b"ab", B64, id="two runs with padding each"),
        pytest.param(b"YWJj\r\n" * 9 + b"-- ", b"base64", b"abc" * 9, B64, id="a footer's rest"),
        pytest.param(
            b"Ini bukan base64, tapi surat.", b"base64", b"Ini bukan base64, tapi surat.", B64, id="no base64 at all"
        ),
        pytest.param(b"Caf=C3=A9=\r\n!", b"Quoted-Printable", "Café!".encode(), [], id="quoted-printable"),
        pytest.param(b"100=% =4", b"quoted-printable", b"100=% =4", [], id="broken quoted-printable stays"),
        pytest.param(UU, b"x-uuencode", b"Hallo", [], id="uuencode"),
        pytest.param(b"Hallo", b"uuencode", b"Hallo", [Problem.BROKEN_UUENCODE], id="uuencode without a beginning"),
        pytest.param(b"abc", b"x-geheim", b"abc", [Problem.UNKNOWN_ENCODING], id="unknown"),
        pytest.param(b"", b"base64", b"", [], id="empty"),
    ],
)
def test_the_content_behind_an_encoding(data, encoding, expected, problems):
    met = Problems()
    assert (undo(data, encoding, met), met) == (expected, problems)


@settings(max_examples=200, deadline=None)
@given(
    st.binary(max_size=60), st.integers(1, 9), st.integers(1, 20), st.sampled_from([b"", b"=", b"\r\n", b"!", b"QQ=="])
)
def test_base64_is_the_same_however_it_lies_in_the_pieces(content, piece_bytes, line_bytes, between):
    letters = base64.b64encode(content)
    data = between.join(letters[at : at + line_bytes] for at in range(0, len(letters), line_bytes))
    whole, met_whole = Problems(), Problems()
    expected = undo(data, b"base64", whole)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(transfer, "_PIECE_BYTES", piece_bytes)
        assert (undo(data, b"base64", met_whole), met_whole) == (expected, whole)
    if between in (b"", b"\r\n"):
        assert (expected, whole) == (content, [])
