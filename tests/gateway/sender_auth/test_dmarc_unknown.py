"""What DMARC says of what it is not told, and how much it asks. RFC 9989 §5.3.6."""

from typing import Any

import pytest
from dmarc_zone import BY_DKIM, BY_SPF, FAIL, NO_SPF, ORG, REJECT, STRICT, Zone, agrees, dmarc_zone, judge, spf
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.sender_auth.answers import Question
from gateway.sender_auth.dmarc import DMARC_QUESTIONS, check_dmarc
from gateway.sender_auth.spf import SpfResult

DOWN = {"example.com": None}


@pytest.mark.parametrize(
    ("zone", "author", "spf_result", "dkim", "dkim_temporary", "expected"),
    [
        pytest.param(
            DOWN,
            "example.com",
            NO_SPF,
            [],
            [],
            {"result": "temperror", "reason": "timeout", "may_change": False, "aligned_by": ""},
            id="5.3.6 the author's record can't be had; nothing passed, so nothing will be aligned",
        ),
        pytest.param(
            {"mail.example.com": REJECT, **DOWN},
            "mail.example.com",
            NO_SPF,
            [],
            [],
            {**FAIL, "may_change": False},
            id="a parent's record can't be had, and nothing passed: it would change nothing",
        ),
        pytest.param(
            {"mail.example.com": REJECT, **DOWN},
            "mail.example.com",
            spf("forger.example.net"),
            ["forger.example.net"],
            [],
            {"result": "temperror", "may_change": False},
            id="the same, a stranger passed: nothing to wait for",
        ),
        pytest.param(
            DOWN,
            "example.com",
            NO_SPF,
            ["example.com"],
            [],
            {"result": "temperror", "aligned_by": "dkim", "may_change": False},
            id="the same, but whatever the record says, the same domain is aligned",
        ),
        pytest.param(
            DOWN,
            "example.com",
            NO_SPF,
            ["a.example.com"],
            [],
            {"result": "temperror", "aligned_by": "", "may_change": True},
            id="the same, relaxed alignment is not known",
        ),
        pytest.param(
            {"mail.example.com": REJECT, **DOWN},
            "mail.example.com",
            NO_SPF,
            ["mail.example.com"],
            [],
            BY_DKIM,
            id="4.10.2 note: the same domain with its own record needs no walk",
        ),
        pytest.param(
            {"mail.example.com": "v=DMARC1; p=reject; psd=n", **DOWN},
            "mail.example.com",
            NO_SPF,
            [],
            [],
            FAIL,
            id="4.10 what stands above psd=n can't matter",
        ),
        pytest.param(
            {"mail.example.com": "v=DMARC1; p=reject; psd=n", **DOWN},
            "mail.example.com",
            NO_SPF,
            ["a.mail.example.com"],
            [],
            BY_DKIM,
            id="the same, and a name below passed",
        ),
        pytest.param(
            {**ORG, "a.example.com": None},
            "example.com",
            spf("a.example.com"),
            [],
            [],
            {"result": "temperror", "may_change": True, "reason": "identifier_unknown"},
            id="5.3.6 whose domain it is that passed can't be had",
        ),
        pytest.param(
            {**ORG, "forger.example.net": None},
            "example.com",
            spf("forger.example.net"),
            ["forger.example.net"],
            [],
            {**FAIL, "may_change": False},
            id="a stranger's broken DNS delays nothing",
        ),
        pytest.param(
            {**ORG, "a.example.com": None},
            "example.com",
            spf("a.example.com"),
            ["b.example.com"],
            [],
            BY_DKIM,
            id="one that passes suffices",
        ),
        pytest.param(
            ORG,
            "example.com",
            spf("example.com", "temperror"),
            [],
            [],
            {"result": "temperror", "may_change": True},
            id="5.3.6 SPF of the author could not be checked",
        ),
        pytest.param(
            ORG,
            "example.com",
            spf("example.net", "temperror"),
            [],
            [],
            {**FAIL, "may_change": False},
            id="SPF of a stranger could not be checked",
        ),
        pytest.param(
            ORG,
            "example.com",
            NO_SPF,
            [],
            ["mail.example.com"],
            {"result": "temperror", "may_change": True, "aligned_by": ""},
            id="5.3.6 a signature that would be aligned could not be checked",
        ),
        pytest.param(
            STRICT,
            "example.com",
            NO_SPF,
            [],
            ["mail.example.com"],
            FAIL,
            id="a signature that would not be aligned could not be checked",
        ),
        pytest.param(
            ORG,
            "example.com",
            spf("example.com"),
            [],
            ["example.com"],
            BY_SPF,
            id="SPF passes while a signature could not be checked",
        ),
        pytest.param(
            {},
            "example.com",
            NO_SPF,
            [],
            ["example.com"],
            {"result": "none", "may_change": True, "aligned_by": ""},
            id="no record, and a signature could not be checked",
        ),
    ],
)
def test_what_is_not_known_now(
    zone: Zone,
    author: str,
    spf_result: SpfResult,
    dkim: list[str],
    dkim_temporary: list[str],
    expected: dict[str, Any],
) -> None:
    agrees(judge(zone, author, spf_result, dkim, dkim_temporary), expected)


def test_a_walk_asks_at_most_eight_names_and_all_at_once() -> None:
    zone = dmarc_zone({"example.com": REJECT})
    long = ".".join(["a"] * 30 + ["example.com"])
    zone.run(lambda answers: check_dmarc(from_domains=[long], spf=NO_SPF, dkim_passes=[], answers=answers))
    assert (len(zone.asked), zone.rounds) == (8, 1)


def test_names_that_cannot_be_aligned_are_not_asked_for() -> None:
    zone = dmarc_zone({"example.com": REJECT})
    strangers = [f"s{number}.example.{top}" for number in range(4) for top in ("net", "com.com")]
    zone.run(
        lambda answers: check_dmarc(from_domains=["example.com"], spf=NO_SPF, dkim_passes=strangers, answers=answers)
    )
    assert {question.name for question in zone.asked} == {"_dmarc.example.com", "_dmarc.com"}


def test_the_questions_of_the_worst_mail_are_within_their_limit() -> None:
    zone = dmarc_zone({"example.com": "v=DMARC1; p=none; np=reject"})
    signers = [".".join([f"s{number}", *"bcdefgh", "example.com"]) for number in range(50)]
    author = ".".join(["author", *"bcdefgh", "example.com"])
    result = zone.run(
        lambda answers: check_dmarc(
            from_domains=[author],
            spf=spf("x." + signers[0]),
            dkim_passes=signers,
            dkim_temporary=signers,
            answers=answers,
        )
    )
    assert result.result == "pass"
    assert len(set(zone.asked)) == len(zone.asked) <= DMARC_QUESTIONS


def test_too_few_questions_allowed_is_a_permanent_error() -> None:
    result = dmarc_zone(ORG).run(
        lambda answers: check_dmarc(from_domains=["a.b.example.com"], spf=NO_SPF, dkim_passes=[], answers=answers), 2
    )
    assert (result.result, result.reason) == ("permerror", "too_many_questions")


def test_the_question_is_for_a_txt_record_below_the_domain() -> None:
    zone = dmarc_zone({})
    zone.run(lambda answers: check_dmarc(from_domains=["example.com"], spf=NO_SPF, dkim_passes=[], answers=answers))
    assert zone.asked == [Question("_dmarc.example.com", "TXT"), Question("_dmarc.com", "TXT")]


NAMES = st.sampled_from(["com", "example.com", "a.example.com", "b.example.com", "x.a.example.com"]) | st.text(
    max_size=40
)
RECORDS = st.sampled_from(
    ["", REJECT, "v=DMARC1; p=none; psd=y", "v=DMARC1; p=none; psd=n", "v=DMARC1; p=none; adkim=s; aspf=s", "v=DMARC1"]
)


@settings(max_examples=200, deadline=None)
@given(st.lists(NAMES, max_size=3), NAMES, st.lists(NAMES, max_size=4), st.lists(RECORDS, min_size=4, max_size=4))
def test_no_name_and_no_record_breaks_the_check(
    authors: list[str], sender: str, signers: list[str], records: list[str]
) -> None:
    zone = dmarc_zone(dict(zip(("com", "example.com", "a.example.com", "b.example.com"), records, strict=True)))
    result = zone.run(
        lambda answers: check_dmarc(
            from_domains=authors, spf=spf(sender), dkim_passes=signers, dkim_temporary=signers[:1], answers=answers
        ),
        DMARC_QUESTIONS,
    )
    assert len(set(zone.asked)) == len(zone.asked) <= DMARC_QUESTIONS
    if result.aligned_by:
        assert result.aligned_domain == result.from_domain or (
            result.aligned_domain.endswith(result.organization) and result.from_domain.endswith(result.organization)
        )
    if result.result == "pass":
        assert result.aligned_by
