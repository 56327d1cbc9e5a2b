"""Our verdict on signed and then damaged mails is dkimpy's, but for what we refuse on purpose."""

import re
import time
from dataclasses import dataclass

import dkim
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import given, settings
from hypothesis import strategies as st
from signed_mails import Signer, rsa_key
from told import Told

from gateway.sender_auth.dkim import check_dkim, prepare_dkim
from gateway.sender_auth.header_fields import split
from gateway.sender_auth.signature_results import DkimResult, Reason

SIGNER = Signer(rsa_key(1024))
(RECORD,) = SIGNER.texts.values()
NOW_S = int(time.time())  # dkimpy writes it into t=
# What dkimpy lets pass, or cannot read as we do.
REFUSED_ON_PURPOSE = {
    Reason.HEADER_MALFORMED,
    Reason.RSA_SHA1,
    Reason.BODY_PARTLY_SIGNED,
    Reason.FIELD_REPEATED,
    Reason.FROM_NOT_SIGNED,
}

BLANKS = st.sampled_from([b" ", b"  ", b"\t", b" \t ", b""])
WORDS = st.sampled_from(
    [b"a", b"Budi", b"penawaran", b"=20", b"\xc3\xa9", b"\xff", b"<x@y.example>", b";", b":", b"b="]
)
TEXTS = st.lists(st.tuples(WORDS, BLANKS).map(b"".join), min_size=1, max_size=5).map(b"".join)
FOLDED = st.lists(TEXTS, min_size=1, max_size=3).map(b"\r\n ".join)
NAMES = st.sampled_from([b"To", b"Subject", b"CC", b"X-Mark", b"received", b"Date"])
FIELDS = st.lists(st.tuples(NAMES, BLANKS, FOLDED), max_size=6, unique_by=lambda field: field[0].lower()).map(
    lambda fields: [name + b":" + blank + value + b"\r\n" for name, blank, value in fields]
)
LINES = st.lists(st.one_of(TEXTS, BLANKS), max_size=6).map(lambda lines: b"".join(line + b"\r\n" for line in lines))
MAILS = st.builds(
    lambda fields, body: b"".join([*fields[:2], b"From: Ani <ani@firma.example>\r\n", *fields[2:], b"\r\n", body]),
    FIELDS,
    LINES,
)
SIGNED = st.lists(
    st.sampled_from(["from", "to", "subject", "cc", "x-mark", "received", "x-none", "From", "to "]), max_size=6
).map(lambda names: ":".join(["from", *names]))
WAYS = st.sampled_from([f"{header}/{body}" for header in ("simple", "relaxed") for body in ("simple", "relaxed")])


@dataclass(frozen=True)
class Damage:
    """Some bytes from `at` on give way to others. at: from the end of the signature, which is on top."""

    at: int
    cut: int
    put: bytes

    def done_to(self, raw: bytes, signature_ends_at: int) -> bytes:
        at = min(max(0, signature_ends_at + self.at), len(raw))
        return raw[:at] + self.put + raw[at + self.cut :]


PUT = [b"", b"a", b" ", b"\t", b"\r\n", b"\r\n ", b"=", b";", b"A", b"0", b":", b"\r\nX-Mark: z\r\n", b"  ", b" \r\n"]
DAMAGE = st.lists(
    st.builds(Damage, st.integers(-500, 300), st.integers(0, 2), st.sampled_from(PUT)), min_size=1, max_size=2
)


@settings(max_examples=50, deadline=None)
@given(MAILS, WAYS)
def test_what_dkimpy_signs_passes(mail: bytes, c: str) -> None:
    pem = SIGNER.key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    header, _, body = c.encode().partition(b"/")
    field = dkim.sign(mail, b"s1", b"firma.example", pem, canonicalize=(header, body), include_headers=[b"from"])
    assert ours(field + mail).passed_domains == ("firma.example",)


@settings(max_examples=300, deadline=None)
@given(MAILS, SIGNED, WAYS, DAMAGE)
def test_damaged_mails_have_the_verdict_of_dkimpy(mail: bytes, h: str, c: str, damage: list[Damage]) -> None:
    raw = SIGNER.sign(mail, c=c, h=h)
    assert ours(raw).passed_domains, "signed and not damaged"
    for one in damage:
        raw = one.done_to(raw, len(raw) - len(mail))
    result = ours(raw)
    passed = bool(result.signatures) and result.signatures[0].result == "pass"
    reason = result.signatures[0].reason if result.signatures else result.problem
    if reason not in REFUSED_ON_PURPOSE and not _read_otherwise(raw):
        assert passed == theirs(raw), (reason, raw)


def ours(raw: bytes) -> DkimResult:
    prepared = prepare_dkim(split(raw), now_s=NOW_S, from_domain="")
    return Told(SIGNER.texts).run(lambda answers: check_dkim(prepared, answers))


def theirs(raw: bytes) -> bool:
    try:
        return bool(dkim.verify(raw, dnsfunc=lambda name, **_: RECORD.encode() if name.lower() in LOOKED_UP else None))
    except (dkim.DKIMException, ValueError):  # not all that it cannot read is a False: bh= that is no base64, for one
        return False


LOOKED_UP = {f"{name}.".encode() for name in SIGNER.texts}


def _read_otherwise(raw: bytes) -> bool:
    """A bare LF, which dkimpy takes for CRLF; a bare CR; blanks before a field's colon, which it cannot read."""
    return bool(re.search(rb"\r(?!\n)|(?<!\r)\n|^[!-9;-~]+[ \t]+:", raw, re.MULTILINE))
