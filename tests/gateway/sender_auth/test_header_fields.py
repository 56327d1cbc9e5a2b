"""A mail split as DKIM needs it: as its reader splits it, or not at all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_store.mail import header_block
from crm_store.mail.limits import LIMITS
from crm_store.mail.problems import Problems
from gateway.sender_auth.header_fields import MOST_FIELDS, split
from gateway.sender_auth.signature_results import Reason


@pytest.mark.parametrize(
    ("raw", "fields", "body"),
    [
        pytest.param(b"A: 1\r\nB:2\r\n\r\nbody\r\n", [("a", b" 1\r\n"), ("b", b"2\r\n")], b"body\r\n", id="plain"),
        pytest.param(b"A: 1\r\n\t2\r\n 3\r\n\r\n", [("a", b" 1\r\n\t2\r\n 3\r\n")], b"", id="folded, no body"),
        pytest.param(b"A: 1\r\n", [("a", b" 1\r\n")], b"", id="no empty line"),
        pytest.param(b"A: 1\r\n \r\n\r\nx", [("a", b" 1\r\n \r\n")], b"x", id="a line of blanks belongs to the field"),
        pytest.param(b"A \t: 1\r\n\r\n", [("a", b" 1\r\n")], b"", id="blanks before the colon (RFC 5322 §4.5)"),
        pytest.param(b"A:::\r\n\r\n", [("a", b"::\r\n")], b"", id="more colons"),
        pytest.param(b"\r\nbody\n", [], b"body\n", id="no header"),
        pytest.param(b"", [], b"", id="nothing"),
        pytest.param(b"A: \xff\0\r\n\r\nx\ry\n", [("a", b" \xff\0\r\n")], b"x\ry\n", id="any byte but CR and LF"),
    ],
)
def test_how_a_mail_is_split(raw: bytes, fields: list[tuple[str, bytes]], body: bytes) -> None:
    message = split(raw)
    assert [(field.name, field.value) for field in message.fields] == fields
    assert raw.startswith(b"".join(field.raw for field in message.fields))
    assert raw[message.body_at :] == body
    assert not message.problem


@pytest.mark.parametrize(
    ("raw", "problem"),
    [
        pytest.param(b"X: 1\nFrom: bos@firma.example\r\n\r\n", Reason.HEADER_MALFORMED, id="bare LF: another field"),
        pytest.param(b"X: 1\rFrom: bos@firma.example\r\n\r\n", Reason.HEADER_MALFORMED, id="bare CR: another field"),
        pytest.param(b"X: 1\n\nevil\r\nFrom: a@a\r\n\r\nhonest", Reason.HEADER_MALFORMED, id="bare LFs: another body"),
        pytest.param(b"From: a@a\r\njunk\r\nB: 1\r\n\r\n", Reason.HEADER_MALFORMED, id="a line that is no field"),
        pytest.param(b" folded: x\r\nFrom: a@a\r\n\r\n", Reason.HEADER_MALFORMED, id="begins folded"),
        pytest.param(b"From : a@a\r\nB: 1\r\n\r\n", Reason.HEADER_MALFORMED, id="looks like an mbox's separator"),
        pytest.param(b"From: a@a", Reason.HEADER_MALFORMED, id="ends in the midst of a line"),
        pytest.param(b"A: 1\r\n" * (MOST_FIELDS + 1) + b"\r\n", Reason.TOO_MANY_FIELDS, id="very many fields"),
        pytest.param(b"A: " + b"x" * LIMITS.header_bytes + b"\r\n\r\n", Reason.HEADER_TOO_LARGE, id="a large field"),
    ],
)
def test_what_is_refused_as_its_reader_might_see_something_else(raw: bytes, problem: Reason) -> None:
    message = split(raw)
    assert message.problem is problem
    assert not message.fields
    assert not message.named("from")


def test_as_many_fields_and_bytes_as_are_allowed() -> None:
    assert len(split(b"A: 1\r\n" * MOST_FIELDS + b"\r\n").fields) == MOST_FIELDS
    block = b"A: ".ljust(LIMITS.header_bytes - 4, b"x") + b"\r\n\r\n"
    assert len(split(block).fields) == 1


PIECES = st.sampled_from(
    [b"\r\n", b"\n", b"\r", b" ", b"\t", b":", b"From", b"From ", b">From ", b"A", b"-", b"--b", b"a@b", b"\0", b"\xe9"]
)


@given(st.lists(PIECES, max_size=30).map(b"".join))
def test_where_a_mail_is_split_its_reader_sees_the_same_fields_and_body(raw: bytes) -> None:
    message = split(raw)
    if message.problem:
        return
    headers, body_at = header_block.split(raw, 0, len(raw), LIMITS.header_bytes, Problems())
    assert body_at == message.body_at
    assert {name: len(values) for name, values in headers.fields.items()} == {
        field.name: len(message.named(field.name)) for field in message.fields
    }
    for name, values in headers.fields.items():
        assert [field.value.strip(b" \t").removesuffix(b"\r\n") for field in message.named(name)] == [
            value.removesuffix(b"\r\n") for value in values
        ]
