"""One spelling for each domain."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_store.rules.address import normalise
from gateway.sender_auth.domain_names import ascii_domain, is_within, shortened


@pytest.mark.parametrize(
    ("typed", "domain"),
    [
        ("Example.COM", "example.com"),
        ("example.com.", "example.com"),
        ("täst.example", "xn--tst-qla.example"),
        ("XN--TST-QLA.example", "xn--tst-qla.example"),
        ("ban\u212a.example", "bank.example"),  # KELVIN SIGN, which case folding makes a k
        ("straße.example", "strasse.example"),  # as IDNA2003 and rules/address.py; never another than the author's
        ("_dmarc.example.com", "_dmarc.example.com"),
        ("com", "com"),
        ("x" * 63 + ".example", "x" * 63 + ".example"),
        ("", ""),
        (".", ""),
        ("a..example", ""),
        (".example", ""),
        ("x" * 64 + ".example", ""),
        (".".join(["x" * 60] * 5), ""),
        ("x" * 100_000, ""),
        ("a b.example", ""),
        ("a\x00.example", ""),
        ("-a.example", ""),
        ("a-.example", ""),
        ("[192.0.2.1]", ""),
        ("a@b.example", ""),
        ("a\uff20b.example", ""),  # FULLWIDTH COMMERCIAL AT
        ("\ud800.example", ""),
    ],
)
def test_the_spelling_of_a_domain(typed: str, domain: str) -> None:
    assert ascii_domain(typed) == domain


@given(st.text(max_size=80))
def test_any_text_is_a_domain_or_none_and_stays_so(typed: str) -> None:
    domain = ascii_domain(typed)
    assert ascii_domain(domain) == domain
    assert domain.isascii()
    assert len(domain) <= 253


@given(st.text(st.characters(codec="utf-8"), min_size=1, max_size=20))
def test_nobody_is_authenticated_under_another_name_than_that_of_the_author(label: str) -> None:
    """The address by which people and contacts are told apart has the same domain, or none is authenticated."""
    typed = f"{label}.example"
    assert ascii_domain(typed) in ("", normalise(f"ana@{typed}").rpartition("@")[2])


def test_what_is_within_a_domain() -> None:
    assert is_within("a.example.com", "example.com")
    assert is_within("example.com", "example.com")
    assert not is_within("evilexample.com", "example.com")
    assert not is_within("com", "example.com")
    assert shortened("a.b.example.com", 2) == "example.com"
    assert shortened("com", 3) == "com"
