"""Who looks like somebody else: domains that read alike, and names that show another address."""

import pytest

from crm_store.rules.address import fold_identity, normalise
from crm_store.rules.imitation import looks_like, names_another
from crm_store.rules.parties import Party

OWN = ["gmail.com", "tokoandalan.co.id", "firma.example"]


@pytest.mark.parametrize(
    ("domain", "does"),
    [
        ("tokoandalan.co.id", False),
        ("mail.tokoandalan.co.id", False),  # a house's own hosts
        ("tok0andalan.co.id", True),
        ("toko-andalan.co.id", True),
        ("tokoandalam.co.id", True),  # one letter changed
        ("tokoandaln.co.id", True),  # left out
        ("tokoandalaan.co.id", True),  # put in
        ("tokoandaaln.co.id", True),  # swapped
        ("tokoandalan.co.in", True),
        ("tokobesar.co.id", False),
        ("gmai1.com", True),
        ("grnail.com", True),  # rn reads as m
        ("ymail.com", False),  # one letter apart, and known to be another: too short to say
        ("mail.com", False),
        ("xn--gmal-xpa.com", True),  # gmaíl.com
        ("xn--frma-l9d.example", True),  # fіrma with a Cyrillic і
        ("xn--frma-lza.example", True),  # fırma without a dot
        ("xn--bcher-kva.example", False),  # bücher
        ("", False),
        ("xn--" + "9" * 60, False),
        ("a" * 300, False),
    ],
)
def test_a_domain_reads_like_another_or_does_not(domain: str, does: bool) -> None:
    assert looks_like(domain, OWN) is does


@pytest.mark.parametrize(
    ("name", "address", "does"),
    [
        ("ani@firma.example", "x@jahat.test", True),
        ('Ani "ani@firma.example"', "x@jahat.test", True),
        ("Ani <ani@firma.example>", "x@jahat.test", True),
        ("ani@firma.example", "ani@firma.example", False),
        ("ani@firma.example", "ani.w@mail.firma.example", False),
        ("Ani", "x@jahat.test", False),
        ("Ani @ Firma", "x@jahat.test", False),
        ("@ani", "x@jahat.test", False),
        ("a" * 100_000 + "@", "x@jahat.test", False),
    ],
)
def test_a_name_shows_another_address_or_does_not(name: str, address: str, does: bool) -> None:
    assert names_another(Party(name, address, normalise(address), fold_identity(address))) is does
