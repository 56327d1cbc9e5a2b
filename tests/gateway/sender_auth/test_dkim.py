"""DKIM: a row for each thing that makes a signature count or not."""

import asyncio
import base64
from collections.abc import Sequence

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from dns_server import DnsServer
from mails import a_mail
from signed_mails import Signer, ed25519_key, rsa_key
from told import TEMPORARY, Told

from gateway.sender_auth.answers import Answer, Found, run_check
from gateway.sender_auth.dkim import DKIM_QUESTIONS, FUTURE_S, LATE_S, MOST_SIGNATURES, check_dkim, prepare_dkim
from gateway.sender_auth.dkim_key import LONGEST_RSA_BITS
from gateway.sender_auth.header_fields import split
from gateway.sender_auth.resolver import Resolver
from gateway.sender_auth.signature_results import DkimResult, Reason, SignatureResult

NOW_S = 1_790_000_000
SIGNER = Signer(rsa_key())
ED25519 = Signer(ed25519_key(), selector="ed")
NAME = next(iter(SIGNER.texts))
KEY = SIGNER.record.partition("p=")[2]
MAIL = a_mail(message_id="<1@firma.example>", text="Selamat  pagi,\n\n  terlampir\tpenawaran kami. \n\n\n")


def check(
    raw: bytes, published: str | Sequence[str] | Answer = SIGNER.record, *, from_domain: str = "firma.example"
) -> DkimResult:
    """published: the signer's records, or what is answered in their place."""
    prepared = prepare_dkim(split(raw), now_s=NOW_S, from_domain=from_domain)
    if isinstance(published, Answer):
        told = Told({}, {(NAME, "TXT"): published})
    else:
        told = Told({NAME: published, **ED25519.texts})
    return told.run(lambda answers: check_dkim(prepared, answers), DKIM_QUESTIONS)


def only(result: DkimResult) -> SignatureResult:
    (signature,) = result.signatures
    return signature


def test_a_pass_names_all_there_is_to_know_of_it() -> None:
    assert check(SIGNER.sign(MAIL, i="ani@surat.firma.example")) == DkimResult(
        (SignatureResult("pass", "firma.example", "s1", "rsa-sha256", 2048, Reason.NONE, "ani@surat.firma.example"),)
    )


@pytest.mark.parametrize("signer", [SIGNER, ED25519], ids=["rsa", "ed25519"])
@pytest.mark.parametrize("c", ["simple/simple", "simple/relaxed", "relaxed/simple", "relaxed/relaxed", "relaxed", None])
def test_each_canonicalization_passes(signer: Signer, c: str | None) -> None:
    assert check(signer.sign(MAIL, c=c)).passed_domains == ("firma.example",)


@pytest.mark.parametrize(
    ("c", "changed", "reason"),
    [
        pytest.param("relaxed/relaxed", (b"Subject: ", b"SUBJECT:\t "), Reason.NONE, id="blanks, a name's case"),
        pytest.param(
            "simple/simple", (b"Subject: ", b"SUBJECT: "), Reason.SIGNATURE_MISMATCH, id="simple: name's case"
        ),
        pytest.param("relaxed/relaxed", (b"Subject: ", b"Subject:\r\n "), Reason.NONE, id="folded anew"),
        pytest.param("relaxed/relaxed", (b"Subject: P", b"Subject: p"), Reason.SIGNATURE_MISMATCH, id="a signed field"),
        pytest.param("relaxed/relaxed", (b"Date: ", b"Date: x"), Reason.NONE, id="an unsigned field"),
        pytest.param("relaxed/relaxed", (b"penawaran kami", b"penawaran   kami"), Reason.NONE, id="blanks in the body"),
        pytest.param("relaxed/simple", (b"penawaran kami", b"penawaran   kami"), Reason.BODY_CHANGED, id="simple body"),
        pytest.param("relaxed/relaxed", (b"Selamat", b" Selamat"), Reason.BODY_CHANGED, id="a blank before a line"),
        pytest.param("relaxed/relaxed", (b"penawaran kami", b"kami"), Reason.BODY_CHANGED, id="a word of the body"),
        pytest.param("simple/simple", (b"\r\n\r\nSelamat", b"\r\n\r\n\r\nSelamat"), Reason.BODY_CHANGED, id="a line"),
        pytest.param("simple/simple", (b"v=1", b"v= 1"), Reason.SIGNATURE_MISMATCH, id="simple: the signature itself"),
        pytest.param("relaxed/simple", (b"\tb=", b"\tb= \r\n\t"), Reason.NONE, id="blanks in b="),
        pytest.param("simple/simple", (b"\tb=", b"\tb=\t\r\n "), Reason.NONE, id="blanks in b=, simple"),
    ],
)
def test_what_may_change_on_the_way(c: str, changed: tuple[bytes, bytes], reason: Reason) -> None:
    signed = SIGNER.sign(MAIL, c=c)
    assert changed[0] in signed
    assert only(check(signed.replace(*changed, 1))).reason == reason


@pytest.mark.parametrize(
    ("tags", "result", "reason"),
    [
        pytest.param({"a": "rsa-sha1"}, "policy", Reason.RSA_SHA1, id="RFC 8301 §3.1: rsa-sha1"),
        pytest.param({"l": "10"}, "policy", Reason.BODY_PARTLY_SIGNED, id="RFC 6376 §8.2: l="),
        pytest.param({"l": "99999"}, "policy", Reason.BODY_PARTLY_SIGNED, id="l= beyond the body"),
        pytest.param({"a": "rsa-sha512"}, "neutral", Reason.ALGORITHM_UNKNOWN, id="§3.5: a= unknown"),
        pytest.param({"a": "RSA-SHA256"}, "neutral", Reason.ALGORITHM_UNKNOWN, id="§3.2: values have a case"),
        pytest.param({"v": "2"}, "neutral", Reason.VERSION_UNKNOWN, id="§6.1.1: v= unknown"),
        *(
            pytest.param({tag: None}, "neutral", Reason.TAG_MISSING, id=f"§3.5: no {tag}=")
            for tag in ("v", "a", "bh", "d", "h", "s")
        ),
        pytest.param({"c": "nofws"}, "neutral", Reason.CANONICALIZATION_UNKNOWN, id="§3.5: c= unknown"),
        pytest.param({"c": "relaxed/x"}, "neutral", Reason.CANONICALIZATION_UNKNOWN, id="§3.5: c= unknown for bodies"),
        pytest.param({"c": "sımple"}, "neutral", Reason.CANONICALIZATION_UNKNOWN, id="§3.5: c= in no ASCII"),
        pytest.param({"q": "dns/txt"}, "pass", Reason.NONE, id="§3.5: q="),
        pytest.param({"q": "x/y : dns/txt"}, "pass", Reason.NONE, id="§3.5: q= with an unknown one"),
        pytest.param({"q": "http"}, "neutral", Reason.QUERY_UNKNOWN, id="§3.5: q= unknown"),
        pytest.param({"d": "firma(.example"}, "neutral", Reason.DOMAIN_MALFORMED, id="§3.5: d= no domain"),
        pytest.param({"d": "x@firma.example"}, "neutral", Reason.DOMAIN_MALFORMED, id="§3.5: d= an address"),
        pytest.param({"s": "-s1"}, "neutral", Reason.DOMAIN_MALFORMED, id="§3.1: s= no selector"),
        pytest.param({"d": "FIRMA.Example"}, "pass", Reason.NONE, id="§3.5: d= in capitals"),
        pytest.param({"i": "@firma.example"}, "pass", Reason.NONE, id="§3.5: i= of d="),
        pytest.param({"i": "ani@a.b.FIRMA.example"}, "pass", Reason.NONE, id="§3.5: i= below d="),
        pytest.param({"i": "@xfirma.example"}, "neutral", Reason.IDENTITY_OUTSIDE_DOMAIN, id="§3.5: i= looks alike"),
        pytest.param({"i": "@example"}, "neutral", Reason.IDENTITY_OUTSIDE_DOMAIN, id="§3.5: i= above d="),
        pytest.param({"i": "firma.example"}, "neutral", Reason.IDENTITY_OUTSIDE_DOMAIN, id="§3.5: i= without @"),
        pytest.param({"i": "a" * 320 + "@firma.example"}, "neutral", Reason.MALFORMED, id="i= without end"),
        pytest.param({"h": "to:subject"}, "permerror", Reason.FROM_NOT_SIGNED, id="§5.4: From not signed"),
        pytest.param({"h": "FROM : To"}, "pass", Reason.NONE, id="§3.5: h= in capitals, with blanks"),
        pytest.param({"h": "from:to:x-none:from"}, "pass", Reason.NONE, id="§3.5: h= names what is not there"),
        pytest.param({"h": "from:dkim-signature"}, "pass", Reason.NONE, id="§3.5: h= never means itself"),
        pytest.param({"bh": "?"}, "neutral", Reason.MALFORMED, id="§3.5: bh= no base64"),
        pytest.param({"b": "abc"}, "neutral", Reason.MALFORMED, id="§3.5: b= no base64"),
        pytest.param({"b": ""}, "neutral", Reason.MALFORMED, id="§3.5: b= empty"),
        pytest.param({"b": "AAAA"}, "fail", Reason.SIGNATURE_MISMATCH, id="b= too short"),
        pytest.param({"t": str(NOW_S)}, "pass", Reason.NONE, id="§3.5: t= now"),
        pytest.param({"t": str(NOW_S + FUTURE_S)}, "pass", Reason.NONE, id="§3.5: t= by a wrong clock"),
        pytest.param({"t": str(NOW_S + FUTURE_S + 1)}, "fail", Reason.SIGNED_IN_FUTURE, id="§3.5: t= in the future"),
        pytest.param({"t": "soon"}, "neutral", Reason.MALFORMED, id="§3.5: t= no number"),
        pytest.param({"t": "9" * 5000}, "neutral", Reason.MALFORMED, id="t= a number without end"),
        pytest.param({"x": str(NOW_S + 1)}, "pass", Reason.NONE, id="§3.5: x= tomorrow"),
        pytest.param({"x": str(NOW_S - LATE_S)}, "pass", Reason.NONE, id="§3.5: x= by another clock"),
        pytest.param({"x": str(NOW_S - LATE_S - 1)}, "fail", Reason.EXPIRED, id="§3.5: x= passed"),
        pytest.param({"t": "100", "x": "100"}, "neutral", Reason.MALFORMED, id="§3.5: x= not after t="),
        pytest.param({"z": "From:x|To:y", "unknown": "?"}, "pass", Reason.NONE, id="§3.2: unknown tags"),
        pytest.param({"1x": "?"}, "neutral", Reason.MALFORMED, id="§3.2: a tag that is none"),
        pytest.param({"x1": "1; d=other.example"}, "neutral", Reason.MALFORMED, id="§3.2: a tag twice"),
    ],
)
def test_what_a_signature_states(tags: dict[str, str | None], result: str, reason: Reason) -> None:
    found = only(check(SIGNER.sign(MAIL, **tags)))
    assert (found.result, found.reason) == (result, reason)


@pytest.mark.parametrize(
    ("records", "result", "reason", "bits"),
    [
        pytest.param(f"p={KEY}", "pass", Reason.NONE, 2048, id="§3.6.1: all but p= is optional"),
        pytest.param(f"v=DKIM1; h=sha1:sha256; s=email; t=s; n=x; p={KEY};", "pass", Reason.NONE, 2048, id="all tags"),
        pytest.param(f"k=rsa; p={KEY[:70]} {KEY[70:]}", "pass", Reason.NONE, 2048, id="§3.6.1: p= with blanks"),
        pytest.param(f"v=DKIM2; p={KEY}", "permerror", Reason.KEY_MALFORMED, 0, id="§3.6.1: another version"),
        pytest.param("v=spf1 -all", "permerror", Reason.KEY_MALFORMED, 0, id="another record"),
        pytest.param("v=DKIM1; p=", "permerror", Reason.KEY_REVOKED, 0, id="§3.6.1: revoked"),
        pytest.param("v=DKIM1; k=rsa", "permerror", Reason.KEY_MALFORMED, 0, id="§3.6.1: no p="),
        pytest.param("", "permerror", Reason.KEY_MALFORMED, 0, id="an empty record"),
        pytest.param("p=!", "permerror", Reason.KEY_MALFORMED, 0, id="p= no base64"),
        pytest.param("p=AAAA", "permerror", Reason.KEY_MALFORMED, 0, id="p= no key"),
        pytest.param(f"k=ed25519; p={KEY}", "permerror", Reason.KEY_OF_OTHER_ALGORITHM, 0, id="§3.6.1: k= is not a="),
        pytest.param(f"h=sha1; p={KEY}", "permerror", Reason.KEY_OF_OTHER_HASH, 0, id="§3.6.1: h= without sha256"),
        pytest.param(f"s=tlsrpt; p={KEY}", "permerror", Reason.KEY_OF_OTHER_SERVICE, 0, id="§3.6.1: s= without email"),
        pytest.param(f"s=x:*; p={KEY}", "pass", Reason.NONE, 2048, id="§3.6.1: s=*"),
        pytest.param(f"t=y:s; p={KEY}", "policy", Reason.KEY_IN_TESTING, 2048, id="§3.6.1: t=y, as if unsigned"),
        pytest.param(
            Signer(rsa_key(2048, 1)).record, "fail", Reason.SIGNATURE_MISMATCH, 2048, id="the key of somebody else"
        ),
        pytest.param(["v=spf1 -all", f"p={KEY}"], "pass", Reason.NONE, 2048, id="§6.1.2: several records, one fits"),
        pytest.param(
            ["v=spf1 -all", Signer(rsa_key(2048, 1)).record], "fail", Reason.SIGNATURE_MISMATCH, 2048,
            id="several records: what the key says goes before what is no key",
        ),
    ],
)  # fmt: skip
def test_what_a_key_states(records: str | list[str], result: str, reason: Reason, bits: int) -> None:
    found = only(check(SIGNER.sign(MAIL), records))
    assert (found.result, found.reason, found.key_bits) == (result, reason, bits)


def test_a_key_for_the_domain_alone_signs_for_no_subdomain() -> None:
    """RFC 6376 §3.6.1, t=s."""
    found = only(check(SIGNER.sign(MAIL, i="ani@surat.firma.example"), f"t=s; p={KEY}"))
    assert (found.result, found.reason) == ("permerror", Reason.IDENTITY_IN_SUBDOMAIN)


def with_exponent(bits: int) -> str:
    public = rsa.RSAPublicNumbers((1 << bits) + 1, rsa_key().public_key().public_numbers().n).public_key()
    der = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return f"p={base64.b64encode(der).decode()}"


# The library makes no key of 512 bits; this one is of dkimpy's tests.
SHORT = "MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBANmBe10IgY+u7h3enWTukkqtUD5PR52Tb/mPfjC0QJTocVBq6Za/PlzfV+Py92VaCak19F4WrbVTK5Gg5tW220MCAwEAAQ=="


def test_keys_that_are_too_short_or_too_long_never_count(monkeypatch: pytest.MonkeyPatch) -> None:
    """RFC 8301 §3.2."""
    found = only(check(SIGNER.sign(MAIL), f"p={SHORT}"))
    assert (found.result, found.reason, found.key_bits) == ("policy", Reason.KEY_TOO_SHORT, 512)
    assert only(check(Signer(rsa_key(1024)).sign(MAIL), Signer(rsa_key(1024)).record)).result == "pass"
    assert only(check(SIGNER.sign(MAIL), with_exponent(32))).reason is Reason.SIGNATURE_MISMATCH
    assert only(check(SIGNER.sign(MAIL), with_exponent(2000))).reason is Reason.KEY_TOO_LONG
    assert LONGEST_RSA_BITS >= 4096
    monkeypatch.setattr("gateway.sender_auth.dkim_key.LONGEST_RSA_BITS", 2047)
    assert only(check(SIGNER.sign(MAIL))).reason is Reason.KEY_TOO_LONG


@pytest.mark.parametrize(
    ("answer", "result", "reason"),
    [
        pytest.param(TEMPORARY, "temperror", Reason.KEY_UNAVAILABLE, id="the DNS does not answer"),
        pytest.param(Answer(Found.NO_NAME), "permerror", Reason.NO_KEY, id="no such name"),
        pytest.param(Answer(Found.NO_RECORDS), "permerror", Reason.NO_KEY, id="no record there"),
        pytest.param(Answer(Found.RECORDS), "permerror", Reason.NO_KEY, id="none among the records"),
    ],
)
def test_what_the_dns_says(answer: Answer, result: str, reason: Reason) -> None:
    found = check(SIGNER.sign(MAIL), answer)
    assert (only(found).result, only(found).reason) == (result, reason)
    assert found.undecided_domains == (("firma.example",) if result == "temperror" else ())


@pytest.mark.parametrize(
    ("h", "added", "reason"),
    [
        pytest.param("from:to", b"From: Bos <bos@firma.example>\r\n", Reason.FIELD_REPEATED, id="a second From"),
        pytest.param("from:to", b"Subject: x\r\n", Reason.FIELD_REPEATED, id="a second Subject, none signed"),
        pytest.param("from:to", b"CONTENT-TYPE: text/html\r\n", Reason.FIELD_REPEATED, id="a second Content-Type"),
        pytest.param("from:from:to", b"From: b@b.example\r\n", Reason.SIGNATURE_MISMATCH, id="From signed twice"),
        pytest.param("from:cc", b"Cc: b@b.example\r\n", Reason.SIGNATURE_MISMATCH, id="Cc signed, was not there"),
        pytest.param("from:to", b"Cc: b@b.example\r\n", Reason.NONE, id="Cc not signed: DKIM cannot tell"),
        pytest.param("from:to", b"Received: x\r\nReceived: y\r\n", Reason.NONE, id="fields that may repeat"),
    ],
)
def test_what_somebody_puts_on_top(h: str, added: bytes, reason: Reason) -> None:
    """RFC 6376 §5.4.2, §8.15."""
    assert only(check(added + SIGNER.sign(MAIL, h=h))).reason == reason


def test_repeated_fields_are_taken_from_the_bottom() -> None:
    mail = b"X-Mark: one\r\nX-Mark: two\r\n" + MAIL
    signed = SIGNER.sign(mail, h="from:x-mark")
    assert only(check(signed)).result == "pass"
    assert only(check(signed.replace(b"X-Mark: one", b"X-Mark: 1"))).result == "pass"
    assert only(check(signed.replace(b"X-Mark: two", b"X-Mark: 2"))).reason is Reason.SIGNATURE_MISMATCH


def test_a_signature_may_cover_another() -> None:
    twice = SIGNER.sign(ED25519.sign(MAIL), h="from:dkim-signature")
    assert [one.result for one in check(twice).signatures] == ["pass", "pass"]
    broken = check(twice.replace(b"s=ed", b"s=Ed"))
    assert [one.reason for one in broken.signatures] == [Reason.SIGNATURE_MISMATCH, Reason.SIGNATURE_MISMATCH]


def test_two_signatures_ask_for_their_keys_in_one_round_and_the_mail_is_hashed_once() -> None:
    told = Told({**SIGNER.texts, **ED25519.texts})
    message = split(SIGNER.sign(ED25519.sign(MAIL)))
    prepared = prepare_dkim(message, now_s=NOW_S, from_domain="")
    hashes = dict(message._body_hashes)
    assert len(told.run(lambda answers: check_dkim(prepared, answers)).passed_domains) == 2
    assert (told.rounds, len(told.asked)) == (1, 2)
    assert message._body_hashes == hashes
    assert len(hashes) == 1


def test_a_key_is_not_asked_for_where_it_could_change_nothing() -> None:
    told = Told(SIGNER.texts)
    prepared = prepare_dkim(split(SIGNER.sign(MAIL) + b"x"), now_s=NOW_S, from_domain="")
    assert not told.run(lambda answers: check_dkim(prepared, answers)).passed_domains
    assert not told.asked


def test_a_key_is_not_asked_for_where_no_name_is_so_long() -> None:
    told = Told({})
    prepared = prepare_dkim(split(SIGNER.sign(MAIL, s=".".join(["a" * 60] * 4))), now_s=NOW_S, from_domain="")
    assert only(told.run(lambda answers: check_dkim(prepared, answers))).reason is Reason.NO_KEY
    assert not told.asked


def test_of_many_signatures_those_nearest_to_the_author_are_looked_at() -> None:
    raw = SIGNER.sign(MAIL)
    for number in range(20):
        raw = Signer(rsa_key(), domain=f"d{number}.example").sign(raw, l=None)
    raw = b"DKIM-Signature: v=1; d=firma.example\r\n" + raw  # near, but it can be no pass: it takes no place
    result = check(raw)
    assert (len(result.signatures), result.skipped) == (MOST_SIGNATURES, 17)
    assert [one.domain for one in result.signatures] == ["firma.example", *(f"d{n}.example" for n in (19, 18, 17, 16))]
    assert result.passed_domains == ("firma.example",)
    assert "firma.example" not in check(raw, from_domain="").passed_domains


def test_an_unsigned_mail_has_no_result() -> None:
    assert check(MAIL) == DkimResult()


def test_domains_in_any_alphabet_are_asked_for_in_a_labels() -> None:
    """RFC 8616 §5."""
    told = Told(Signer(rsa_key(), domain="xn--bcher-kva.example").texts)
    prepared = prepare_dkim(split(SIGNER.sign(MAIL, d="Bücher.example")), now_s=NOW_S, from_domain="")
    assert told.run(lambda answers: check_dkim(prepared, answers)).passed_domains == ("xn--bcher-kva.example",)


def test_keys_come_from_a_dns_server(dns_server: DnsServer) -> None:
    """The record of an RSA key is longer than one string of TXT."""
    for name, record in {**SIGNER.texts, **ED25519.texts}.items():
        dns_server.put(name, "TXT", record)
    prepared = prepare_dkim(split(SIGNER.sign(ED25519.sign(MAIL))), now_s=NOW_S, from_domain="")

    async def run() -> DkimResult:
        resolver = Resolver(dns_server.address)
        return await run_check(lambda answers: check_dkim(prepared, answers), resolver.ask, DKIM_QUESTIONS)

    assert len(asyncio.run(run()).passed_domains) == 2
