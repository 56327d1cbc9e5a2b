"""ARC chains: sealed and broken here, and ValiMail's suite."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from mails import a_mail
from signed_mails import Signer, ed25519_key, rsa_key
from told import TEMPORARY, Told

from gateway.sender_auth.arc import ARC_QUESTIONS, check_arc, prepare_arc
from gateway.sender_auth.arc_chain import MOST_SETS
from gateway.sender_auth.header_fields import split
from gateway.sender_auth.signature_results import ArcResult, Reason, Sealed

CORPORA = Path(__file__).resolve().parents[4] / "shared/corpora"
SUITE = CORPORA / "arc/arc-draft-validation-tests.yml"
SAMPLES = CORPORA / "mail-auth/arc"
NOW_S = 1_790_000_000

LIST = Signer(rsa_key(), domain="list.example")
RELAY = Signer(ed25519_key(), domain="relay.example")
KEYS = {**LIST.texts, **RELAY.texts}
MAIL = a_mail(message_id="<1@firma.example>")
TWICE = RELAY.seal(LIST.seal(MAIL, "mx.list.example; dkim=pass"), "relay.example;\r\n\tarc=pass")


def check(raw: bytes, keys: Mapping[str, str] = KEYS, now_s: int = NOW_S) -> ArcResult:
    prepared = prepare_arc(split(raw), now_s=now_s)
    return Told(keys).run(lambda answers: check_arc(prepared, answers), ARC_QUESTIONS)


def outcome(result: ArcResult) -> tuple[str, str]:
    return result.result, result.reason


def test_a_chain_that_holds_tells_who_sealed_and_what_they_had_found() -> None:
    assert check(TWICE) == ArcResult(
        "pass",
        sets=(
            Sealed(2, "relay.example", "relay.example; arc=pass"),
            Sealed(1, "list.example", "mx.list.example; dkim=pass"),
        ),
        from_signed=True,
    )
    assert check(TWICE).sealers == ("relay.example", "list.example")


def test_a_chain_need_not_cover_from_and_then_says_so() -> None:
    assert check(LIST.seal(MAIL, ams_h="subject")).result == "pass"
    assert not check(LIST.seal(MAIL, ams_h="subject")).from_signed


@pytest.mark.parametrize(
    ("raw", "result", "reason"),
    [
        pytest.param(MAIL, "none", Reason.NOT_SEALED, id="§5.2 step 1: not sealed"),
        pytest.param(b"junk\r\n\r\n", "none", Reason.HEADER_MALFORMED, id="no header that can be read"),
        pytest.param(LIST.seal(LIST.seal(MAIL), cv="fail"), "fail", Reason.CHAIN_FAILED_BEFORE, id="step 2: cv=fail"),
        pytest.param(LIST.seal(MAIL, cv="pass"), "fail", Reason.CHAIN_STATUS_WRONG, id="step 3: first says pass"),
        pytest.param(LIST.seal(LIST.seal(MAIL), cv="none"), "fail", Reason.CHAIN_STATUS_WRONG, id="step 3: second none"),
        pytest.param(
            LIST.seal(LIST.seal(MAIL, cv="fail")), "fail", Reason.CHAIN_STATUS_WRONG, id="step 3: pass behind fail"
        ),
        pytest.param(LIST.seal(MAIL, cv="PASS"), "fail", Reason.CHAIN_STATUS_WRONG, id="cv= has a case"),
        pytest.param(LIST.seal(MAIL, cv=None), "fail", Reason.CHAIN_STATUS_WRONG, id="§4.1.3: no cv="),
        pytest.param(TWICE.replace(b"i=2;", b"i=3;"), "fail", Reason.CHAIN_INCOMPLETE, id="step 3: a gap"),
        pytest.param(TWICE.replace(b"i=2;", b"i=1;"), "fail", Reason.CHAIN_INCOMPLETE, id="step 3: a double"),
        pytest.param(TWICE.replace(b"i=1;", b"i=0;"), "fail", Reason.CHAIN_INCOMPLETE, id="§4.2.1: from 0"),
        pytest.param(TWICE.replace(b"ARC-Seal", b"X-Seal", 1), "fail", Reason.CHAIN_INCOMPLETE, id="step 3: no seal"),
        pytest.param(b"ARC-Seal: i=1\r\n" * (MOST_SETS + 1) + MAIL, "fail", Reason.CHAIN_TOO_LONG, id="§4.2.1: over 50"),
        pytest.param(b"ARC-Seal: ?\r\n" + TWICE, "fail", Reason.MALFORMED, id="a seal that is no tag list"),
        pytest.param(LIST.seal(MAIL, h="from"), "fail", Reason.MALFORMED, id="§4.1.3: h= in a seal"),
        pytest.param(LIST.seal(MAIL, ams_h="from:arc-seal"), "fail", Reason.MALFORMED, id="§4.1.2: seals in h="),
        pytest.param(LIST.seal(MAIL, ams_c="simple/simple"), "pass", Reason.NONE, id="simple"),
        pytest.param(LIST.seal(MAIL, a="rsa-sha1"), "fail", Reason.RSA_SHA1, id="rsa-sha1"),
        pytest.param(LIST.seal(MAIL, ams_l="1"), "fail", Reason.BODY_PARTLY_SIGNED, id="l="),
        pytest.param(LIST.seal(MAIL, ams_x="9"), "fail", Reason.EXPIRED, id="x="),
        pytest.param(LIST.seal(MAIL, s="other"), "fail", Reason.NO_KEY, id="no key"),
        pytest.param(b"From: bos@firma.example\r\n" + TWICE, "fail", Reason.FIELD_REPEATED, id="a second From on top"),
        pytest.param(TWICE + b"x\r\n", "fail", Reason.BODY_CHANGED, id="step 4: the body changed behind the last"),
        pytest.param(
            TWICE.replace(b"Penawaran", b"penawaran"), "fail", Reason.SIGNATURE_MISMATCH, id="step 4: a field changed"
        ),
        pytest.param(
            TWICE.replace(b"dkim=pass", b"dkim=fail"), "fail", Reason.SIGNATURE_MISMATCH, id="step 6: results changed"
        ),
        pytest.param(
            RELAY.seal(LIST.seal(MAIL).replace(b"Penawaran", b"[list] Penawaran") + b"-- \r\nlist\r\n"),
            "pass", Reason.NONE, id="step 5: an older set need not fit the message any more",
        ),
    ],
)  # fmt: skip
def test_what_a_chain_is_worth(raw: bytes, result: str, reason: Reason) -> None:
    found = check(raw)
    assert outcome(found) == (result, reason)
    assert bool(found.sets) == (result == "pass")


def test_all_keys_are_asked_for_in_one_round() -> None:
    told = Told(KEYS)
    prepared = prepare_arc(split(TWICE), now_s=NOW_S)
    assert told.run(lambda answers: check_arc(prepared, answers)).result == "pass"
    assert (told.rounds, len(told.asked)) == (1, 2)


def test_a_key_that_cannot_be_had_now_leaves_it_open_unless_something_else_is_wrong() -> None:
    (name,) = LIST.texts
    for raw, expected in {
        TWICE: ("temperror", Reason.KEY_UNAVAILABLE),
        TWICE.replace(b"arc=pass", b"arc=fail"): ("fail", Reason.SIGNATURE_MISMATCH),
    }.items():
        prepared = prepare_arc(split(raw), now_s=NOW_S)
        told = Told(RELAY.texts, {(name, "TXT"): TEMPORARY})
        found = told.run(lambda answers, prepared=prepared: check_arc(prepared, answers))
        assert outcome(found) == expected
        assert not found.sets


def test_a_key_for_the_domain_alone_may_seal() -> None:
    """RFC 6376 §3.6.1's t=s is about i= as an identity, which ARC has not."""
    keys = {name: f"t=s; {record.partition('; ')[2]}" for name, record in KEYS.items()}
    assert check(TWICE, keys).result == "pass"


def test_a_chain_of_fifty_sets_holds() -> None:
    raw = MAIL
    for _ in range(MOST_SETS):
        raw = RELAY.seal(raw)
    assert len(check(raw).sets) == MOST_SETS
    assert check(RELAY.seal(raw)).reason is Reason.CHAIN_TOO_LONG


VALIDATION = [  # the suite's other files are about signing
    pytest.param(case, scenario["txt-records"], id=f"{scenario['description'].strip()}: {name}")
    for scenario in (yaml.safe_load_all(SUITE.read_bytes()) if SUITE.is_file() else ())
    for name, case in scenario["tests"].items()
]


@pytest.mark.skipif(not SUITE.is_file(), reason="no ../shared/corpora here")
def test_the_suite_is_whole() -> None:
    assert len(VALIDATION) == 171


@pytest.mark.parametrize(("case", "records"), VALIDATION)
def test_a_chain_of_the_suite(case: dict[str, Any], records: dict[str, str]) -> None:
    raw = case["message"].encode().replace(b"\n", b"\r\n")
    # Three of its chains say cv=fail, for which the suite takes any verdict but a pass.
    assert check(raw, {name.lower(): text for name, text in records.items()}).result == (case["cv"] or "fail").lower()


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="no ../shared/corpora here")
def test_real_sealed_mails_pass_until_they_are_changed() -> None:
    for path in sorted(SAMPLES.glob("*.txt")):
        listed, _, mail = path.read_bytes().partition(b"\n\n")
        keys = {
            name.lower(): record for name, _, record in (line.partition(" ") for line in listed.decode().splitlines())
        }
        raw = mail.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
        assert check(raw, keys).result == "pass", path.name
        assert check(raw + b"x\r\n", keys).reason is Reason.BODY_CHANGED, path.name
