"""DMARC by the text of RFC 9989: a row per rule, named by its section."""

from collections.abc import Sequence
from typing import Any, cast

import pytest
from told import TEMPORARY, Told

from gateway.sender_auth.answers import Answer, Found, Kind, Question
from gateway.sender_auth.dmarc import DMARC_QUESTIONS, DmarcResult, check_dmarc
from gateway.sender_auth.dmarc_tree import walk_targets
from gateway.sender_auth.spf import SpfResult, SpfVerdict

NO_SPF = SpfResult(SpfVerdict.NONE, "", "mailfrom", "no_record")
REJECT = "v=DMARC1; p=reject"

Zone = dict[str, Any]


def spf(domain: str, result: str = "pass", identity: Any = "mailfrom") -> SpfResult:
    return SpfResult(SpfVerdict(result), domain, identity, "")


def told(zone: Zone) -> Told:
    """zone: DMARC records by domain; None: the look-up fails for now. Names with a blank: "name A" and an Answer."""
    more = {cast(tuple[str, Kind], tuple(name.split())): value for name, value in zone.items() if " " in name}
    failing = {(f"_dmarc.{name}", cast(Kind, "TXT")): TEMPORARY for name, value in zone.items() if value is None}
    texts = {f"_dmarc.{name}": value for name, value in zone.items() if " " not in name and value is not None}
    return Told(texts, more | failing)


def judge(
    zone: Zone,
    author: str | Sequence[str],
    spf_result: SpfResult = NO_SPF,
    dkim: Sequence[str] = (),
    dkim_temporary: Sequence[str] = (),
) -> DmarcResult:
    authors = [author] if isinstance(author, str) else author
    return told(zone).run(
        lambda answers: check_dmarc(
            from_domains=authors, spf=spf_result, dkim_passes=dkim, dkim_temporary=dkim_temporary, answers=answers
        ),
        DMARC_QUESTIONS,
    )


def agrees(result: DmarcResult, expected: dict[str, Any]) -> None:
    assert {name: getattr(result, name) for name in expected} == expected


ORG = {"example.com": REJECT}
STRICT = {"example.com": "v=DMARC1; p=reject; adkim=s; aspf=s"}
BY_DKIM = {"result": "pass", "aligned_by": "dkim"}
BY_SPF = {"result": "pass", "aligned_by": "spf"}
FAIL = {"result": "fail", "aligned_by": "", "aligned_domain": ""}
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


A_COM = "a.mail.example.com"
SUB = {"example.com": "v=DMARC1; p=reject; sp=quarantine; np=none"}
EXISTS = Answer(Found.RECORDS, addresses=("192.0.2.1",))


@pytest.mark.parametrize(
    ("zone", "author", "organization", "policy_domain", "policy"),
    [
        pytest.param(
            {"mail.example.com": REJECT, "example.com": "v=DMARC1; p=none"},
            A_COM,
            "example.com",
            "example.com",
            "none",
            id="4.10.2 first example: the fewest labels",
        ),
        pytest.param(
            {"mail.example.com": "v=DMARC1; p=none; psd=n", "example.com": REJECT},
            A_COM,
            "mail.example.com",
            "mail.example.com",
            "none",
            id="4.10.2 second example: psd=n ends it",
        ),
        pytest.param(
            {"com": "v=DMARC1; p=reject; psd=y"},
            A_COM,
            "example.com",
            "com",
            "reject",
            id="4.10.2 last example: one label below psd=y; 4.10.1 the policy of the public suffix",
        ),
        pytest.param(
            {"com": "v=DMARC1; p=reject; psd=y", "example.com": "v=DMARC1; p=none"},
            A_COM,
            "example.com",
            "example.com",
            "none",
            id="4.10.1 note: an organization's own record goes before the suffix's",
        ),
        pytest.param(
            {"example.com": "v=DMARC1; p=none; psd=y", "com": REJECT},
            "mail.example.com",
            "mail.example.com",
            "example.com",
            "none",
            id="4.10.2 rule 2, its example; what stands above psd=y is not asked for",
        ),
        pytest.param(
            {"example.com": "v=DMARC1; p=none; psd=y"},
            "example.com",
            "example.com",
            "example.com",
            "none",
            id="4.10.2 rule 2: not where the walk began",
        ),
        pytest.param(
            {"mail.example.com": REJECT, "example.com": "v=DMARC1; p=none"},
            "mail.example.com",
            "example.com",
            "mail.example.com",
            "reject",
            id="4.10.1 the author's own record goes first, whoever the organization is",
        ),
        pytest.param(
            {"mail.example.com": REJECT},
            "example.com",
            "example.com",
            "",
            "",
            id="4.10 the walk goes up only",
        ),
        pytest.param({}, "example.com", "example.com", "", "", id="4.10.2 nothing found: the domain itself"),
        pytest.param(SUB, "example.com", "example.com", "example.com", "reject", id="4.10.1 p for the domain itself"),
        pytest.param(
            {**SUB, "mail.example.com A": EXISTS},
            "mail.example.com",
            "example.com",
            "example.com",
            "quarantine",
            id="4.10.1 sp for one below that exists",
        ),
        pytest.param(
            {**SUB, "mail.example.com A": Answer(Found.NO_RECORDS)},
            "mail.example.com",
            "example.com",
            "example.com",
            "quarantine",
            id="A.4 a name without an address exists",
        ),
        pytest.param(
            SUB, "ghost.example.com", "example.com", "example.com", "none", id="4.10.1 np for one below that does not"
        ),
        pytest.param(
            {**SUB, "mail.example.com A": TEMPORARY},
            "mail.example.com",
            "example.com",
            "example.com",
            "quarantine",
            id="whether it exists is not known: as if it did",
        ),
        pytest.param(
            {"example.com": "v=DMARC1; p=reject; sp=none"},
            "ghost.example.com",
            "example.com",
            "example.com",
            "none",
            id="4.7 no np: sp",
        ),
        pytest.param(
            {"example.com": "v=DMARC1; p=reject"},
            "ghost.example.com",
            "example.com",
            "example.com",
            "reject",
            id="4.7 no np, no sp: p",
        ),
        pytest.param(
            {"example.com": "v=DMARC1; p=none; np=reject"},
            "ghost.example.com",
            "example.com",
            "example.com",
            "reject",
            id="4.7 np without sp",
        ),
        pytest.param(
            {"mail.example.com": "v=DMARC1; p=none; sp=reject", "example.com": "v=DMARC1; p=quarantine"},
            A_COM,
            "example.com",
            "example.com",
            "quarantine",
            id="4.7 sp below the organization's record is ignored",
        ),
        pytest.param(
            {"bank.example": "v=DMARC1; p=none; sp=quarantine; np=reject; psd=y", "giant.bank.example A": EXISTS},
            "giant.bank.example",
            "giant.bank.example",
            "bank.example",
            "quarantine",
            id="4.10.1 sp of a public suffix",
        ),
        pytest.param(
            {"bank.example": "v=DMARC1; p=none; sp=quarantine; np=reject; psd=y"},
            "ghost.bank.example",
            "ghost.bank.example",
            "bank.example",
            "reject",
            id="4.10.1 np of a public suffix",
        ),
    ],
)
def test_whose_domain_it_is_and_whose_policy(
    zone: Zone, author: str, organization: str, policy_domain: str, policy: str
) -> None:
    expected = {"organization": organization, "policy_domain": policy_domain, "policy": policy}
    agrees(judge(zone, author), expected)


def test_the_names_of_a_walk_are_those_of_the_text() -> None:
    """RFC 9989 §4.10, and the example of §5.1.7."""
    assert walk_targets("a.b.c.d.e.f.g.h.i.j.mail.example.com") == (
        "a.b.c.d.e.f.g.h.i.j.mail.example.com",
        "g.h.i.j.mail.example.com",
        "h.i.j.mail.example.com",
        "i.j.mail.example.com",
        "j.mail.example.com",
        "mail.example.com",
        "example.com",
        "com",
    )
    assert walk_targets("mail.a.b.c.d.e.f.g.example.com")[1] == "c.d.e.f.g.example.com"
    assert walk_targets("1.2.3.4.5.6.example.com")[1] == "2.3.4.5.6.example.com", "eight labels: the parent"
    assert walk_targets("com") == ("com",)


def test_a_record_between_the_author_and_the_seventh_label_is_not_found() -> None:
    """RFC 9989 §5.1.7."""
    zone = {"example.com": REJECT, "b.c.d.e.f.g.example.com": "v=DMARC1; p=none; psd=n"}
    agrees(judge(zone, "mail.a.b.c.d.e.f.g.example.com"), {"organization": "example.com", "policy": "reject"})


def test_one_label_below_a_suffix_may_be_a_name_that_was_not_asked_for() -> None:
    zone = {"c.d.e.f.g.h.com": "v=DMARC1; p=reject; psd=y"}
    result = judge(zone, "x.y.z.a.b.c.d.e.f.g.h.com", dkim=["q.a.b.c.d.e.f.g.h.com"])
    assert result.organization == "b.c.d.e.f.g.h.com"


BANKS = {
    "bank.example": "v=DMARC1; p=reject; psd=y",
    "giant.bank.example": "v=DMARC1; p=reject",
    "mega.bank.example": "v=DMARC1; p=reject",
}


@pytest.mark.parametrize(
    ("zone", "author", "signer", "passes"),
    [
        pytest.param(BANKS, "giant.bank.example", "mega.bank.example", False, id="psd=y: customers are strangers"),
        pytest.param(BANKS, "giant.bank.example", "bank.example", False, id="psd=y: the suffix is a stranger too"),
        pytest.param(BANKS, "bank.example", "giant.bank.example", False, id="psd=y: no customer speaks for the suffix"),
        pytest.param(BANKS, "a.giant.bank.example", "b.giant.bank.example", True, id="psd=y: below one customer"),
        pytest.param(BANKS, "bank.example", "bank.example", True, id="psd=y: the suffix for itself"),
        pytest.param({"com": REJECT}, "victim.com", "forger.com", False, id="a top-level domain that forgot psd=y"),
        pytest.param(
            {"com": REJECT, "victim.com": REJECT},
            "victim.com",
            "forger.com",
            False,
            id="the same, victim with a record",
        ),
        pytest.param(
            {"com": REJECT, "victim.com": REJECT}, "a.victim.com", "b.victim.com", True, id="the same, one organization"
        ),
        pytest.param({"co.id": REJECT}, "toko.co.id", "penipu.co.id", False, id="co.id that forgot psd=y"),
        pytest.param({"co.id": REJECT}, "co.id", "penipu.co.id", False, id="co.id that forgot psd=y, for itself"),
        pytest.param({"my.id": REJECT}, "toko.my.id", "penipu.my.id", False, id="my.id that forgot psd=y"),
        pytest.param(
            {"gov.uk": REJECT, "a.gov.uk": REJECT, "b.gov.uk": REJECT}, "a.gov.uk", "b.gov.uk", False, id="gov.uk"
        ),
        pytest.param(
            {"toko.co.id": REJECT, "co.id": REJECT}, "mail.toko.co.id", "toko.co.id", True, id="below co.id: one shop"
        ),
        pytest.param({"co.id": "v=DMARC1; p=none; psd=n"}, "a.co.id", "b.co.id", True, id="psd=n is believed"),
        pytest.param(
            {"bca.id": REJECT}, "a.bca.id", "b.bca.id", True, id="a short name under a country is a company's"
        ),
        pytest.param({}, "ana.github.io", "budi.github.io", False, id="no record: github.io"),
        pytest.param({}, "toko.co.id", "penipu.co.id", False, id="no record: co.id"),
        pytest.param(
            {"example.com": "v=DMARC1; p=reject", "team.example.com": "v=DMARC1; p=none; psd=n"},
            "example.com",
            "team.example.com",
            False,
            id="5.1.7 psd=n: a department is an organization of its own",
        ),
        pytest.param(
            {"example.com": "v=DMARC1; p=reject", "team.example.com": "v=DMARC1; p=none; psd=n"},
            "a.team.example.com",
            "b.team.example.com",
            True,
            id="5.1.7 psd=n: within the department",
        ),
        pytest.param(ORG, "example.com", "evilexample.com", False, id="a name that ends alike is not below"),
        pytest.param(ORG, "example.com", "com", False, id="a top-level domain signs for nobody"),
    ],
)
def test_who_signs_for_whom(zone: Zone, author: str, signer: str, passes: bool) -> None:
    for result in (judge(zone, author, dkim=[signer]), judge(zone, author, spf(signer))):
        assert (result.aligned_by != "") is passes


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
    zone = told({"example.com": REJECT})
    long = ".".join(["a"] * 30 + ["example.com"])
    zone.run(lambda answers: check_dmarc(from_domains=[long], spf=NO_SPF, dkim_passes=[], answers=answers))
    assert (len(zone.asked), zone.rounds) == (8, 1)


def test_names_that_cannot_be_aligned_are_not_asked_for() -> None:
    zone = told({"example.com": REJECT})
    strangers = [f"s{number}.example.{top}" for number in range(4) for top in ("net", "com.com")]
    zone.run(
        lambda answers: check_dmarc(from_domains=["example.com"], spf=NO_SPF, dkim_passes=strangers, answers=answers)
    )
    assert {question.name for question in zone.asked} == {"_dmarc.example.com", "_dmarc.com"}


def test_the_questions_of_the_worst_mail_are_within_their_limit() -> None:
    zone = told({"example.com": "v=DMARC1; p=none; np=reject"})
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


def test_the_signature_of_the_author_counts_behind_any_number_of_others() -> None:
    others = [f"s{number}.example.com" for number in range(20)]
    agrees(judge(STRICT, "example.com", dkim=[*others, "example.com"]), BY_DKIM)


def test_too_few_questions_allowed_is_a_permanent_error() -> None:
    result = told(ORG).run(
        lambda answers: check_dmarc(from_domains=["a.b.example.com"], spf=NO_SPF, dkim_passes=[], answers=answers), 2
    )
    assert (result.result, result.reason) == ("permerror", "too_many_questions")


def test_registries_are_public_suffixes_of_the_list() -> None:
    """Where a name counts as a registry's without psd=y, the list that browsers use says so too, nearly everywhere."""
    from publicsuffixlist import PublicSuffixList

    from gateway.sender_auth.dmarc_record import DmarcRecord
    from gateway.sender_auth.dmarc_tree import Published, is_suffix

    suffixes = PublicSuffixList(accept_unknown=False)
    guarded = ["co.id", "or.id", "ac.id", "go.id", "sch.id", "my.id", "web.id", "biz.id", "desa.id", "net.id", "mil.id"]
    guarded += ["co.uk", "ac.uk", "gov.uk", "org.uk", "com.au", "gov.au", "co.jp", "or.jp", "go.jp", "com.sg", "com.my"]
    assert all(suffixes.is_public(name) for name in guarded)
    assert all(is_suffix(Published(name, DmarcRecord())) for name in guarded)
    companies = ["web.de", "bca.id", "my.com", "gmail.com", "example.co.id", "t.co"]
    assert not any(is_suffix(Published(name, DmarcRecord())) for name in companies)


def test_the_walk_agrees_with_the_list_of_public_suffixes_where_organizations_publish() -> None:
    """Two ways to the same organization: by the list, and by the record that stands where the list says."""
    from publicsuffixlist import PublicSuffixList

    suffixes = PublicSuffixList()
    names = ["mail.toko.co.id", "a.b.example.com", "x.ana.github.io", "news.bbc.co.uk", "m.sekolah.sch.id", "a.go.jp"]
    for name in names:
        organization = suffixes.privatesuffix(name) or name
        assert judge({organization: REJECT}, name).organization == organization


def test_the_question_is_for_a_txt_record_below_the_domain() -> None:
    zone = told({})
    zone.run(lambda answers: check_dmarc(from_domains=["example.com"], spf=NO_SPF, dkim_passes=[], answers=answers))
    assert zone.asked == [Question("_dmarc.example.com", "TXT"), Question("_dmarc.com", "TXT")]
