"""Mail made to cost much, or to upset: what it costs grows with its bytes alone, and no check ever raises."""

import tracemalloc
from collections.abc import Callable

import pytest
from cpu_cost import assert_costs_less_than, assert_grows_with_length, cpu_s
from hypothesis import given, settings
from hypothesis import strategies as st
from mails import a_mail
from signed_mails import Signer, ed25519_key, rsa_key

from gateway.sender_auth.answers import Answer, Answers, Found
from gateway.sender_auth.arc import check_arc, prepare_arc
from gateway.sender_auth.canonicalization import Canonicalization, body_hash
from gateway.sender_auth.dkim import MOST_SIGNATURES, check_dkim, prepare_dkim
from gateway.sender_auth.dkim_key import MOST_RECORDS, PublicKey
from gateway.sender_auth.header_fields import split
from gateway.sender_auth.signature_results import ArcResult, DkimResult, Reason

NOW_S = 1_790_000_000
SIGNER = Signer(rsa_key(1024))
(RECORD,) = (record.encode() for record in SIGNER.texts.values())
MAIL = a_mail(message_id="<1@firma.example>")
HEADER = b"From: Ani <ani@firma.example>\r\nTo: budi@pelanggan.example\r\nSubject: x\r\n"


class Always(Answers):
    """Gives one answer to everything."""

    def __init__(self, *records: bytes) -> None:
        super().__init__({}, 1)
        self._answer = Answer(Found.RECORDS, texts=records)

    def get_all(self, questions):
        return (self._answer,) * len(questions)


def check(raw: bytes, *records: bytes) -> tuple[DkimResult, ArcResult]:
    message, answers = split(raw), Always(*records)
    return (
        check_dkim(prepare_dkim(message, now_s=NOW_S, from_domain="firma.example"), answers),
        check_arc(prepare_arc(message, now_s=NOW_S), answers),
    )


def cost_s(raw: bytes) -> float:
    return cpu_s(lambda: check(raw, RECORD))


def signed(body: bytes, c: str = "relaxed/relaxed") -> bytes:
    """With a body hash that is another's: what counts is the time to find out."""
    return SIGNER.sign(HEADER + b"\r\n", c=c) + body


K = 1024
GROWING: dict[str, tuple[Callable[[int], bytes], int]] = {
    "blanks in the body": (lambda n: signed(b" " * n), 1024 * K),
    "blanks before each line end": (lambda n: signed((b" \t" * 500 + b"\r\n") * (n // 1000)), 1024 * K),
    "blanks beside much text": (lambda n: signed((b" " * 100_000 + b"a" * 28_000) * (n // 128_000)), 2048 * K),
    "empty lines": (lambda n: signed(b"\r\n" * (n // 2)), 2048 * K),
    "empty lines, then text": (lambda n: signed(b"\r\n" * (n // 2) + b"x"), 2048 * K),
    "empty lines, simple": (lambda n: signed(b"\r\n" * (n // 2) + b"x", c="simple/simple"), 2048 * K),
    "bare CRs": (lambda n: signed(b"\r" * n), 2048 * K),
    "blanks and bare CRs": (lambda n: signed(b" \r" * (n // 2)), 2048 * K),
    "lines of one letter": (lambda n: signed(b"a\r\n" * (n // 3)), 2048 * K),
    "one line": (lambda n: signed(b"a" * n), 4096 * K),
    "blanks in a field": (lambda n: SIGNER.sign(HEADER + b"X-A: " + b" " * n + b"x\r\n\r\n", h="from:x-a"), 64 * K),
    "folds in a field": (lambda n: SIGNER.sign(HEADER + b"X-A: " + b"\r\n " * (n // 3) + b"x\r\n\r\n", h="from:x-a"), 64 * K),
    "names in h=": (lambda n: SIGNER.sign(MAIL, h="from" + ":a" * (n // 2)), 64 * K),
    "tags": (lambda n: SIGNER.sign(MAIL, **{f"x{at}": "1" for at in range(n // 10)}), 64 * K),
    "semicolons": (lambda n: SIGNER.sign(MAIL, z=";" * n), 100 * K),
    "blanks in a tag list": (lambda n: SIGNER.sign(MAIL, z="x" + " " * n), 64 * K),
    "blanks in b=": (lambda n: SIGNER.sign(MAIL).replace(b"\tb=", b"\tb=" + b" " * n), 64 * K),
    "signatures": (lambda n: b"DKIM-Signature: v=1; d=a.example; a=b\r\n" * (n // 40) + MAIL, 32 * K),
    "signatures that may pass": (lambda n: SIGNER.sign(MAIL).partition(b"From:")[0] * (n // 400) + MAIL, 100 * K),
    "fields of one name": (lambda n: b"X-A: x\r\n" * (n // 100) + SIGNER.sign(MAIL, h="from" + ":x-a" * (n // 100)), 80 * K),
    "fields beyond the bound": (lambda n: b"A: x\r\n" * (n // 6) + SIGNER.sign(MAIL), 600 * K),
    "a header beyond the bound": (lambda n: b"A: " + b"x" * n + b"\r\n" + SIGNER.sign(MAIL), 10_000 * K),
    "a header without an end": (lambda n: b"A: x\r\n " * (n // 7), 10_000 * K),
    "colons": (lambda n: b":" * n, 100 * K),
    "seals": (lambda n: b"ARC-Seal: i=1; a=b\r\n" * (n // 20) + MAIL, 30 * K),
}  # fmt: skip


@pytest.mark.parametrize("name", GROWING)
def test_what_a_mail_costs_grows_with_its_bytes(name: str) -> None:
    make, size = GROWING[name]
    assert_grows_with_length(lambda n: cost_s(make(n)), 2 * size)


def test_one_megabyte_of_spaces_costs_milliseconds() -> None:
    """dkimpy needs some 13 minutes (facts/smtp.md 1.5)."""
    raw = signed(b" " * 1024 * 1024)
    assert_costs_less_than(0.1, lambda: cost_s(raw))


def test_a_large_body_is_not_copied() -> None:
    raw = signed((b"Selamat  pagi, \t\r\n" + b"\r\n" * 20 + b" " * 40) * 100_000)
    for how in Canonicalization:
        tracemalloc.start()
        body_hash(raw, raw.index(b"\r\n\r\n") + 4, how)
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert most < len(raw) / 4


def test_five_thousand_signatures_cost_five_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    made = []
    real = PublicKey.made
    monkeypatch.setattr(PublicKey, "made", lambda self, *args: made.append(self) or real(self, *args))
    short = SIGNER.sign(MAIL, h="from", c=None).partition(b"From:")[0]
    found, _ = check(short * (250_000 // len(short)) + MAIL, *[RECORD] * 100)
    assert len(found.signatures) == MOST_SIGNATURES
    assert found.skipped > 500
    assert len(made) == MOST_SIGNATURES  # the first record of each fits
    made.clear()
    other = Signer(rsa_key(1024, 1)).record.encode()
    found, _ = check(short * 9 + MAIL, *[other] * 100)
    assert len(made) == MOST_SIGNATURES * MOST_RECORDS
    found, _ = check(SIGNER.sign(MAIL).partition(b"From:")[0] * 5_000 + MAIL, RECORD)
    assert found.problem is Reason.HEADER_TOO_LARGE
    assert not found.signatures


SCRAPS = st.sampled_from(
    [
        b"DKIM-Signature:", b"ARC-Seal:", b"ARC-Message-Signature:", b"ARC-Authentication-Results:", b"From:", b"Subject:",
        b"v=1;", b"a=rsa-sha256;", b"a=ed25519-sha256;", b"d=firma.example;", b"d=", b"s=s1;", b"i=1;", b"i=@firma.example;",
        b"h=from;", b"h=", b"bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=;", b"bh=AAAA;", b"b=AAAA;", b"b=", b"c=relaxed;",
        b"cv=none;", b"cv=pass;", b"t=1;", b"x=9;", b"l=", b"q=dns/txt;", b"p=", b"k=rsa;", b"k=ed25519;", RECORD,
        Signer(ed25519_key()).record.encode(), b"p=AAAA", b"p=MIGJ", b"=", b";", b":", b" ", b"\t", b"\r\n", b"\r\n ", b"\r\n\r\n",
        b"\r", b"\n", b"\0", b"\xff", "ü".encode(), b"@", b".", b"x" * 300, b"9" * 5000, b"AAAA" * 11,
    ]
)  # fmt: skip
BYTES = st.one_of(st.lists(SCRAPS, max_size=40).map(b"".join), st.binary(max_size=60))
SIGNATURE_LIKE = st.builds(
    lambda name, tags, rest: name + b" " + b"".join(tags) + b"\r\n" + rest,
    st.sampled_from([b"DKIM-Signature:", b"ARC-Seal:", b"ARC-Message-Signature:"]),
    st.lists(SCRAPS, min_size=4, max_size=14),
    BYTES,
)


@settings(max_examples=500, deadline=None)
@given(
    st.one_of(BYTES, SIGNATURE_LIKE, SIGNATURE_LIKE.map(lambda field: field + HEADER + b"\r\n")),
    st.lists(BYTES, max_size=3),
)
def test_no_bytes_and_no_key_make_a_check_raise_or_pass(raw: bytes, records: list[bytes]) -> None:
    found, chain = check(raw, *records)
    assert not found.passed_domains
    assert chain.result != "pass"


@settings(max_examples=300, deadline=None)
@given(BYTES, st.binary(min_size=1, max_size=8), st.integers(0, 400))
def test_no_key_record_makes_a_check_of_a_signed_mail_raise(record: bytes, noise: bytes, at: int) -> None:
    damaged = RECORD[:at] + noise + RECORD[at + len(noise) :]
    for raw in (SIGNER.sign(MAIL), SIGNER.seal(MAIL)):
        check(raw, record)
        check(raw, damaged)
