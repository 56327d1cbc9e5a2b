"""Alignment and results of DMARC by the text of RFC 9989: a row per rule, named by its section."""

from typing import Any

import pytest
from dmarc_zone import BY_DKIM, BY_SPF, FAIL, NO_SPF, ORG, REJECT, STRICT, Zone, agrees, judge, spf

from gateway.sender_auth.spf import SpfResult

NONE = {"result": "none", "policy": "", "policy_domain": ""}


@pytest.mark.parametrize(
    ("zone", "author", "spf_result", "dkim", "expected"),
    [
        pytest.param(ORG, "news.example.com", NO_SPF, ["foo.example.com"], BY_DKIM, id="4.4 table: siblings, relaxed"),
        pytest.param(ORG, "news.example.com", NO_SPF, ["news.example.com"], BY_DKIM, id="4.4 table: the same"),
        pytest.param(ORG, "news.example.com", NO_SPF, ["foo.example.net"], FAIL, id="4.4 table: another organization"),
        pytest.param(ORG, "Example.COM", NO_SPF, ["EXAMPLE.com."], BY_DKIM, id="4.4 names know no case"),
        pytest.param(ORG, "example.com", spf("example.com"), [], BY_SPF, id="B.1.1 SPF, strict alignment"),
        pytest.param(ORG, "example.com", spf("child.example.com"), [], BY_SPF, id="B.1.1 SPF, child"),
        pytest.param(ORG, "child.example.com", spf("example.net"), [], FAIL, id="B.1.1 SPF, not aligned"),
        pytest.param(ORG, "child.example.com", NO_SPF, ["example.com"], BY_DKIM, id="B.1.2 DKIM, parent"),
        pytest.param(ORG, "child.example.com", NO_SPF, ["example.net"], FAIL, id="B.1.2 DKIM, not aligned"),
        pytest.param(STRICT, "example.com", spf("child.example.com"), [], FAIL, id="4.7 aspf=s: a child is none"),
        pytest.param(STRICT, "example.com", NO_SPF, ["child.example.com"], FAIL, id="4.7 adkim=s: a child is none"),
        pytest.param(STRICT, "example.com", spf("example.com"), [], BY_SPF, id="4.7 aspf=s: the same"),
        pytest.param(STRICT, "example.com", NO_SPF, ["example.com"], BY_DKIM, id="4.7 adkim=s: the same"),
        pytest.param(
            {"example.com": "v=DMARC1; p=none; aspf=s"},
            "example.com",
            spf("a.example.com"),
            ["b.example.com"],
            {**BY_DKIM, "aligned_domain": "b.example.com"},
            id="4.7 aspf=s says nothing of DKIM",
        ),
        pytest.param(
            {"example.com": "v=DMARC1; p=none; adkim=s"},
            "example.com",
            spf("a.example.com"),
            ["b.example.com"],
            {**BY_SPF, "aligned_domain": "a.example.com"},
            id="4.7 adkim=s says nothing of SPF",
        ),
        pytest.param(
            ORG,
            "example.com",
            NO_SPF,
            ["list.example.net", "mail.example.com", "example.org"],
            {**BY_DKIM, "aligned_domain": "mail.example.com"},
            id="4.4.1 any signature that is aligned suffices",
        ),
        pytest.param(
            ORG,
            "example.com",
            spf("mx.example.com", identity="helo"),
            [],
            BY_SPF,
            id="3.2.4 null sender: the HELO name is the SPF domain (RFC 7208 2.4)",
        ),
        pytest.param(ORG, "example.com", spf("example.com", "softfail"), [], FAIL, id="4.3 SPF that did not pass"),
        pytest.param(ORG, "example.com", spf("example.com", "neutral"), [], FAIL, id="4.3 SPF neutral, as with ?all"),
        pytest.param(ORG, "example.com", NO_SPF, [], {**FAIL, "reason": "nothing_passed"}, id="5.3.5 nothing passed"),
        pytest.param(
            ORG, "example.com", NO_SPF, ["example.net"], {**FAIL, "reason": "not_aligned"}, id="5.3.5 nothing aligned"
        ),
        pytest.param(
            {}, "example.com", NO_SPF, [], {**NONE, "reason": "no_record"}, id="4.10.1 no record: not applied"
        ),
        pytest.param(
            {"example.com": ["v=spf1 -all", "hello", REJECT]},
            "example.com",
            NO_SPF,
            [],
            {**FAIL, "policy": "reject"},
            id="4.10 records of other kinds are discarded",
        ),
        pytest.param(
            {"example.com": [REJECT, REJECT + ";"]}, "example.com", NO_SPF, [], NONE, id="4.10 two: discarded"
        ),
        pytest.param(
            {"mail.example.com": [REJECT, REJECT + ";"], "example.com": "v=DMARC1; p=quarantine"},
            "mail.example.com",
            NO_SPF,
            [],
            {**FAIL, "policy": "quarantine", "policy_domain": "example.com"},
            id="4.10 two at the author: the walk goes on",
        ),
        pytest.param(
            {"example.com": "v=DMARC1; sp=reject"},
            "example.com",
            NO_SPF,
            [],
            {"result": "none", "policy": "", "policy_domain": "example.com", "reason": "no_policy"},
            id="4.10.1 no p and nobody to report to: not applied",
        ),
        pytest.param(
            {"example.com": "v=DMARC1; rua=mailto:d@example.com"},
            "example.com",
            NO_SPF,
            [],
            {**FAIL, "policy": "none"},
            id="4.10.1 no p, but reports: as p=none",
        ),
        pytest.param(
            {"example.com": "v=DMARC1; p=reject; t=y"},
            "example.com",
            NO_SPF,
            [],
            {**FAIL, "policy": "reject", "testing": True},
            id="4.7 t=y",
        ),
        pytest.param(
            {"example.com": "v=DMARC1; p=reject; pct=0"},
            "example.com",
            NO_SPF,
            [],
            {**FAIL, "policy": "reject", "testing": False},
            id="A.7 pct says nothing any more",
        ),
    ],
)
def test_alignment_and_results(
    zone: Zone, author: str, spf_result: SpfResult, dkim: list[str], expected: dict[str, Any]
) -> None:
    agrees(judge(zone, author, spf_result, dkim), expected)


@pytest.mark.parametrize(
    ("author", "identifier", "aligned"),
    [
        pytest.param("example.com", "example.com", True, id="the same"),
        pytest.param("mail.example.com", "example.com", False, id="its parent"),
        pytest.param("example.com", "mail.example.com", False, id="its child"),
    ],
)
def test_without_a_record_what_vouches_has_to_be_the_same_domain(author: str, identifier: str, aligned: bool) -> None:
    """C4: an aligned pass suffices; RFC 9989 §4.10.2: who publishes nothing stands for itself alone."""
    for result in (judge({}, author, dkim=[identifier]), judge({}, author, spf(identifier))):
        agrees(result, {"result": "none", "aligned_domain": identifier if aligned else "", "may_change": False})


@pytest.mark.parametrize(
    ("authors", "expected"),
    [
        pytest.param(["example.com", "example.net"], ("fail", "several_from_domains"), id="11.5 two domains"),
        pytest.param(["example.com", "not a domain"], ("fail", "several_from_domains"), id="11.5 one can't be read"),
        pytest.param(
            ["example.com"] * 50 + ["x.example"], ("fail", "several_from_domains"), id="11.5 the last of many"
        ),
        pytest.param(
            ["example.com", "Example.com", "EXAMPLE.com", "example.COM", "x.example"],
            ("fail", "several_from_domains"),
            id="11.5 the last of many spellings",
        ),
        pytest.param(
            [f"{'.' * number}" for number in range(101)],
            ("fail", "several_from_domains"),
            id="11.5 too many to look at",
        ),
        pytest.param(["example.com", "EXAMPLE.com."], ("pass", "aligned"), id="5.3.1 two authors of one domain"),
        pytest.param([], ("permerror", "no_from_domain"), id="5.3.1 none"),
        pytest.param(["", ""], ("permerror", "no_from_domain"), id="5.3.1 none that can be read"),
        pytest.param(["exa mple.com"], ("permerror", "no_from_domain"), id="5.3.1 a blank"),
    ],
)
def test_the_author_has_to_be_one_domain(authors: list[str], expected: tuple[str, str]) -> None:
    result = judge(ORG, authors, dkim=["example.com"])
    assert (result.result, result.reason) == expected
    assert (result.aligned_by != "") is (expected[0] == "pass")


def test_a_u_label_is_asked_for_as_its_a_label() -> None:
    """RFC 9989 §5.3.1."""
    zone = {"xn--tst-qla.example": REJECT}
    agrees(judge(zone, "täst.example", dkim=["xn--tst-qla.example"]), {**BY_DKIM, "from_domain": "xn--tst-qla.example"})
    agrees(
        judge(zone, "xn--tst-qla.example", dkim=["TÄST.example"]), {**BY_DKIM, "policy_domain": "xn--tst-qla.example"}
    )


def test_the_signature_of_the_author_counts_behind_any_number_of_others() -> None:
    others = [f"s{number}.example.com" for number in range(20)]
    agrees(judge(STRICT, "example.com", dkim=[*others, "example.com"]), BY_DKIM)
