"""Whose domain it is, and whose policy, by the text of RFC 9989: a row per rule, named by its section."""

import pytest
from dmarc_zone import ORG, REJECT, Zone, agrees, judge, spf
from told import TEMPORARY

from gateway.sender_auth.answers import Answer, Found
from gateway.sender_auth.dmarc_tree import walk_targets

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
