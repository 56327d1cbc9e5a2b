"""The canonical forms of header and body, against RFC 6376's words and a plain reading of them line by line."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from signed_mails import canonical_body

from gateway.sender_auth import canonicalization
from gateway.sender_auth.canonicalization import Canonicalization, body_hash, canonical_field

SIMPLE, RELAXED = Canonicalization


@pytest.mark.parametrize(
    ("field", "relaxed"),
    [  # RFC 6376 §3.4.5 and §3.4.2
        pytest.param(b"A: X\r\n", b"a:X\r\n", id="§3.4.5"),
        pytest.param(b"B : Y\t\r\n\tZ  \r\n", b"b:Y Z\r\n", id="§3.4.5 folded"),
        pytest.param(b"SUBJect: AbC\r\n", b"subject:AbC\r\n", id="the case of the name alone"),
        pytest.param(b"A:\r\n", b"a:\r\n", id="empty"),
        pytest.param(b"A: \t \r\n \r\n", b"a:\r\n", id="nothing but blanks"),
        pytest.param(b"A:x\x0b \x0cy\x0c\r\n", b"a:x\x0b \x0cy\x0c\r\n", id="other white space is none"),
    ],
)
def test_a_field(field: bytes, relaxed: bytes) -> None:
    at = field.index(b":") + 1
    assert canonical_field(field, at, RELAXED) == relaxed
    assert canonical_field(field, at, SIMPLE) == field


@pytest.mark.parametrize(
    ("body", "simple", "relaxed"),
    [
        pytest.param(b" C \r\nD \t E\r\n\r\n\r\n", b" C \r\nD \t E\r\n", b" C\r\nD E\r\n", id="§3.4.5"),
        pytest.param(b"", b"\r\n", b"", id="§3.4.3, §3.4.4: no body"),
        pytest.param(b"\r\n\r\n", b"\r\n", b"", id="empty lines"),
        pytest.param(b" \r\n\t\r\n", b" \r\n\t\r\n", b"", id="lines of blanks"),
        pytest.param(b"x", b"x\r\n", b"x\r\n", id="no CRLF at the end"),
        pytest.param(b"x \n\ty\r\n", b"x \n\ty\r\n", b"x \n y\r\n", id="a bare LF ends no line"),
        pytest.param(b"x\r\r\n\r\n", b"x\r\r\n", b"x\r\r\n", id="a bare CR before CRLF"),
        pytest.param(b"x\r\n\n\r\n", b"x\r\n\n\r\n", b"x\r\n\n\r\n", id="a bare LF is no empty line"),
    ],
)
def test_a_body(body: bytes, simple: bytes, relaxed: bytes) -> None:
    assert body_hash(b"\r\n" + body, 2, SIMPLE) == hashlib.sha256(simple).digest()
    assert body_hash(b"\r\n" + body, 2, RELAXED) == hashlib.sha256(relaxed).digest()


BODIES = st.lists(
    st.sampled_from([b"\r\n", b"\r\n\r\n\r\n", b" ", b"\t", b"   ", b"\r", b"\n", b"a", b"bc"]), max_size=60
)


@pytest.fixture(params=[1, 7, 256 * 1024])
def piece_bytes(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Bodies are hashed in pieces: here of a length that cuts everywhere."""
    monkeypatch.setattr(canonicalization, "_PIECE_BYTES", request.param)


@pytest.mark.usefixtures("piece_bytes")
@given(BODIES.map(b"".join), st.integers(0, 5))
def test_a_body_in_pieces_has_the_hash_of_its_lines(body: bytes, at: int) -> None:
    raw = b"\r\n" * at + body
    for how in Canonicalization:
        assert body_hash(raw, 2 * at, how) == hashlib.sha256(canonical_body(body, how)).digest()
