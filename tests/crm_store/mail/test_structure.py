"""Where the parts of a mail lie; compared with stdlib's compat32 parser on real and broken mails."""

import email
from email.message import Message
from pathlib import Path

import pytest

from crm_store.mail import body
from crm_store.mail.limits import LIMITS, Limits
from crm_store.mail.problems import Problem, Problems
from crm_store.mail.structure import Part, find_parts, leaves

CORPORA = Path(__file__).resolve().parents[3] / "../shared/corpora"
MIXED = b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n'


def outline(part: Part, raw: bytes) -> object:
    if part.children:
        return [outline(child, raw) for child in part.children]
    return raw[part.start : part.end]


@pytest.mark.parametrize(
    ("raw", "expected", "problems"),
    [
        pytest.param(b"A: b\r\n\r\nHalo", b"Halo", [], id="no MIME"),
        pytest.param(b"\r\nHalo", b"Halo", [], id="no header"),
        pytest.param(b"Halo\r\nBudi\r\n", b"Halo\r\nBudi\r\n", [Problem.BROKEN_HEADER], id="neither header nor empty line"),
        pytest.param(b"A: b\r\nHalo Budi\r\n\r\nx", b"Halo Budi\r\n\r\nx", [Problem.BROKEN_HEADER], id="no empty line before the body"),
        pytest.param(b"A: b\r\nrest of a fold\r\nC: d\r\n\r\nx", b"x", [Problem.BROKEN_HEADER], id="a fold without its blank"),
        pytest.param(b"Content-Type: multipart/mixed;\r\nboundary=b\r\n\r\n--b\r\n\r\nx", [b"x"], [Problem.BROKEN_HEADER], id="a parameter without its blank"),
        pytest.param(b"From budi Mon Nov 23\r\nA: b\r\n\r\nx", b"x", [], id="mbox line"),
        pytest.param(b"A: b\n\nx", b"x", [], id="LF"),
        pytest.param(b"A: b\r\rx", b"x", [], id="CR"),
        pytest.param(b"", b"", [], id="nothing"),
        pytest.param(MIXED + b"pre\r\n--b\r\n\r\none\r\n--b\r\n\r\ntwo\r\n--b--\r\nepilogue", [b"one", b"two"], [], id="two parts"),
        pytest.param(MIXED + b"--b  \t\r\n\r\none\r\n--b--", [b"one"], [], id="blanks behind the boundary"),
        pytest.param(MIXED + b"--b\r\n\r\none\r\n--bc\r\n--b--", [b"one\r\n--bc"], [], id="a longer line is no boundary"),
        pytest.param(MIXED + b"--b\r\n\r\none --b\r\n--b--", [b"one --b"], [], id="nor is one in a line"),
        pytest.param(MIXED + b"--b\r\n\r\none", [b"one"], [], id="never closed"),
        pytest.param(MIXED + b"--b\r\n--b\r\n\r\nx\r\n--b--", [b"", b"x"], [], id="boundary twice"),
        pytest.param(MIXED + b"Halo", b"Halo", [Problem.BROKEN_MULTIPART], id="no parts at all"),
        pytest.param(b"Content-Type: multipart/mixed\r\n\r\nHalo", b"Halo", [Problem.BROKEN_MULTIPART], id="no boundary"),
        pytest.param(MIXED + b'--b\r\nContent-Type: multipart/mixed; boundary="c"\r\n\r\n--c\r\n\r\nin\r\n--b\r\n\r\nout\r\n--b--', [[b"in"], b"out"], [], id="the outer boundary closes the inner part"),
        pytest.param(MIXED + b'--b\r\nContent-Type: multipart/alternative; boundary="b"\r\n\r\n--b\r\n\r\nin\r\n--b\r\n\r\ntoo\r\n--b--\r\n--b\r\n\r\nout\r\n--b--', [[b"in", b"too"], b"out"], [], id="one boundary for a multipart and the one in it"),
        pytest.param(MIXED + b'--b\r\nContent-Type: multipart/alternative; boundary="b"\r\n\r\nin\r\n--b--', [b"in"], [Problem.BROKEN_MULTIPART], id="and no parts"),
        pytest.param(MIXED + b"pre\r\n--c d\r\nContent-type: text/html\r\n\r\nx\r\n--c d--", [b"x"], [Problem.BROKEN_MULTIPART], id="another boundary than the header says"),
        pytest.param(b"Content-Type: multipart/mixed\n\n--c\nContent-Type: text/html\n\nx\n--c\n\ny\n--c--", [b"x", b"y"], [Problem.BROKEN_MULTIPART], id="a boundary that the header does not say"),
        pytest.param(MIXED + b"--Budi\r\n\r\nContent-type: text/html\r\n", b"--Budi\r\n\r\nContent-type: text/html\r\n", [Problem.BROKEN_MULTIPART], id="a signature is no boundary"),
        pytest.param(MIXED + b'--b\r\nContent-Type: message/rfc822\r\n\r\nContent-Type: multipart/mixed; boundary="c"\r\n\r\n--c\r\n\r\nx\r\n--b--', [b'Content-Type: multipart/mixed; boundary="c"\r\n\r\n--c\r\n\r\nx'], [], id="a mail inside is one leaf"),
    ],
)  # fmt: skip
def test_the_parts_of_a_mail(raw, expected, problems):
    met = Problems()
    assert (outline(find_parts(raw, LIMITS, met), raw), met) == (expected, problems)


def test_positions_count_the_leaves_from_0():
    raw = (
        MIXED
        + b'--b\n\nx\n--b\nContent-Type: multipart/mixed; boundary="c"\n\n--c\n\ny\n--c\n\nz\n--c--\n--b\n\nw\n--b--'
    )
    parts = list(leaves(find_parts(raw, LIMITS, Problems())))
    assert [(part.position, raw[part.start : part.end]) for part in parts] == [
        (0, b"x"),
        (1, b"y"),
        (2, b"z"),
        (3, b"w"),
    ]


@pytest.mark.parametrize(
    ("raw", "limits", "problem", "most"),
    [
        pytest.param(MIXED + b"--b\n\n" * 50, Limits(parts=10), Problem.TOO_MANY_PARTS, 10, id="parts"),
        pytest.param(MIXED + b"--bx\n" * 50 + b"--b\n\nx\n", Limits(delimiters=10), Problem.TOO_MANY_PARTS, 1, id="false borders"),
        pytest.param(b"".join(b"Content-Type: multipart/mixed; boundary=%d\n\n--%d\n" % (i, i) for i in range(50)), Limits(depth=5), Problem.NESTED_TOO_DEEP, 1, id="depth"),
        pytest.param(b"A: " + b"x" * 500 + b"\n\nHalo", Limits(header_bytes=100), Problem.HEADER_CUT, 1, id="header"),
    ],
)  # fmt: skip
def test_what_is_beyond_a_bound_is_cut_and_said(raw, limits, problem, most):
    met = Problems()
    assert len(list(leaves(find_parts(raw, limits, met)))) <= most
    assert problem in met


def test_the_body_behind_a_header_that_is_cut_is_found():
    raw = b"A: " + b"x" * 500 + b"\r\n\r\nHalo"
    part = find_parts(raw, Limits(header_bytes=100), Problems())
    assert raw[part.start : part.end] == b"Halo"


class _Shallow(Message):
    """compat32, but a mail inside a mail stays a leaf."""

    def get_content_maintype(self) -> str:
        return super().get_content_maintype().replace("message", "application")

    def get_content_type(self) -> str:
        return super().get_content_type().replace("message/", "application/")


def test_the_parts_are_those_that_stdlib_finds():
    """What is left over: broken mails where stdlib and we differ with reason.

    A junk line in a header; words behind a delimiter; an empty part, which we do not see at the end of a mail; a boundary
    that the header lost, or that two multiparts have (six mails)."""
    if not CORPORA.exists():
        pytest.skip("no ../shared/corpora here")
    mails = [path for path in CORPORA.rglob("*") if path.suffix in (".eml", ".msg")]
    differing = set()
    for path in mails:
        raw = path.read_bytes()
        theirs = [
            part.get_payload(decode=True)
            for part in email.message_from_bytes(raw, _class=_Shallow).walk()
            if not part.is_multipart()
        ]
        ours = [body.content(raw, part, Problems()) for part in leaves(find_parts(raw, LIMITS, Problems()))]
        if [part.rstrip(b"\r\n") for part in theirs] != [part.rstrip(b"\r\n") for part in ours]:
            differing.add(path.name)
    assert len(mails) > 600
    assert len(differing) <= 32, sorted(differing)
