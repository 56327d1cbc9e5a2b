"""Whatever comes, read() answers, and its text can be stored."""

from pathlib import Path

import pytest
from clean_reading import assert_reads_clean
from hypothesis import given, settings
from hypothesis import strategies as st

CORPORA = Path(__file__).resolve().parents[3] / "../shared/corpora"
SEED = (
    b'From: =?utf-8?Q?A=2C?= "b\\"c" <a@x.id>, (k) d@x\r\nTo: G: e@x, <f@y>;\r\nSubject: =?gb2312?B?1tDOxA==?=\r\n'
    b"Date: Mon, 23 Nov 2026 10:00:00 +0700\r\nMessage-ID: <1@x>\r\nReferences: <a@b> <c@d>\r\n"
    b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\nContent-Type: text/html; charset=utf-7\r\n'
    b"Content-Transfer-Encoding: quoted-printable\r\n\r\n<p>+2AA- =C3=A9 &amp; &#0;</p>\r\n--b\r\n"
    b"Content-Type: application/pdf; name*0*=utf-8''a%C3; name*1*=%A9.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\nYQ==\r\n--b--\r\n"
)
MAILS = [
    SEED,
    *(path.read_bytes() for path in sorted(CORPORA.glob("mime-*/**/*.eml"))[::12] if path.stat().st_size < 20_000),
]
TRICKS = [
    b"", b"\r\n", b"\n", b"\r", b"\0", b"\x80", b"\xff\xfe", b'"', b"(", b"<", b">", b",", b"=?", b"?=", b"=", b"--b", b"--b--",
    b"Content-Type: ", b"; boundary=", b"; charset=utf-16", b"; charset=utf-7", b"; charset=hz", b"multipart/mixed", b"message/rfc822",
    b"Content-Transfer-Encoding: base64\r\n", b"Content-Transfer-Encoding: x-uuencode\r\n\r\nbegin 644 a\n", b"*0*=", b"%", b"&#xd800;", b"<!--",
]  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=2000))
def test_any_bytes(raw):
    assert_reads_clean(raw)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.one_of(st.sampled_from(TRICKS), st.binary(max_size=8)), max_size=40))
def test_any_bytes_that_look_like_mail(pieces):
    assert_reads_clean(b"Content-Type: multipart/mixed; boundary=b\r\n" + b"".join(pieces))


@settings(max_examples=500, deadline=None)
@given(
    st.sampled_from(MAILS),
    st.lists(
        st.tuples(st.floats(0, 1), st.integers(0, 30), st.one_of(st.sampled_from(TRICKS), st.binary(max_size=5))),
        min_size=1,
        max_size=6,
    ),
)
def test_real_mails_that_were_damaged(raw, damages):
    for place, length, instead in damages:
        at = int(place * len(raw))
        raw = raw[:at] + instead + raw[at + length :]
    assert_reads_clean(raw)


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(
            b"From: MAILER-DAEMON@a.id\nReturn-Path: <>\nX-Failed-Recipients: budi@x.\x05\0id\n"
            b"Subject: Undelivered Mail Returned to Sender\n\nx\n",
            id="a NUL in a failed recipient, which PostgreSQL refuses",
        ),
    ],
)
def test_what_fuzzing_found(raw):
    assert_reads_clean(raw)
