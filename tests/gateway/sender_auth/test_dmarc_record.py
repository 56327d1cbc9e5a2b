"""DMARC records as they are typed. RFC 9989 §4.7, §4.8, §4.10.1."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.sender_auth.dmarc_record import DmarcRecord, parse_dmarc_record

RUA = "rua=mailto:d@example.com"


@pytest.mark.parametrize(
    "typed",
    [
        "v=DMARC1",
        "v=DMARC1;",
        "v=DMARC1; p=none",
        "v=DMARC1;p=none",
        "V = DMARC1 ; p=none",
        "v\t=\tDMARC1\t;p=none",
    ],
)
def test_a_record_begins_with_its_version(typed: str) -> None:
    assert parse_dmarc_record(typed.encode()) is not None


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "v=dmarc1; p=none",
        "v=DMARC2; p=none",
        "v=DMARC10; p=none",
        "v=DMARC1 p=none",
        "v=DMARC",
        "p=none; v=DMARC1",
        " v=DMARC1; p=none",
        ";v=DMARC1; p=none",
        "v=spf1 -all",
        "vv=DMARC1; p=none",
    ],
)
def test_what_begins_otherwise_is_no_record(typed: str) -> None:
    assert parse_dmarc_record(typed.encode()) is None


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        pytest.param("p=reject", DmarcRecord("reject"), id="4.7 p"),
        pytest.param("p=reject; sp=quarantine; np=none", DmarcRecord("reject", "quarantine", "none"), id="4.7 sp, np"),
        pytest.param("P = ReJeCt ;; ;", DmarcRecord("reject"), id="4.8 literals know no case; empty parts"),
        pytest.param(
            "np=none; foo=bar; p=reject", DmarcRecord("reject", None, "none"), id="4.7 any order, unknown tags"
        ),
        pytest.param("p=reject; pct=0; rf=afrf; ri=86400", DmarcRecord("reject"), id="9.4 pct, rf, ri are history"),
        pytest.param("p=none; adkim=s; aspf=r", DmarcRecord("none", strict_dkim=True), id="4.7 adkim"),
        pytest.param("p=none; adkim=r; aspf=s", DmarcRecord("none", strict_spf=True), id="4.7 aspf"),
        pytest.param("p=none; adkim=strict; aspf=", DmarcRecord("none"), id="4.7 what can't be read is the default"),
        pytest.param("p=none; psd=y", DmarcRecord("none", psd="y"), id="4.7 psd=y"),
        pytest.param("p=none; psd=n", DmarcRecord("none", psd="n"), id="4.7 psd=n"),
        pytest.param("p=none; psd=maybe", DmarcRecord("none"), id="4.7 psd that can't be read is u"),
        pytest.param("p=reject; t=y", DmarcRecord("reject", testing=True), id="4.7 t=y"),
        pytest.param("p=reject; t=1", DmarcRecord("reject"), id="4.7 t that can't be read is n"),
        pytest.param("", DmarcRecord(), id="4.10.1 no p: not applied"),
        pytest.param("sp=reject", DmarcRecord(), id="4.10.1 sp without p: not applied"),
        pytest.param(RUA, DmarcRecord("none"), id="4.10.1 no p, but reports: none"),
        pytest.param(f"sp=reject; {RUA}", DmarcRecord("none"), id="4.10.1 no p, but reports: sp is not applied either"),
        pytest.param("p=block", DmarcRecord(), id="4.10.1 p that can't be read"),
        pytest.param(f"p=block; {RUA}", DmarcRecord("none"), id="4.10.1 p that can't be read, but reports"),
        pytest.param("p=reject; sp=block", DmarcRecord(), id="4.10.1 sp that can't be read"),
        pytest.param(f"p=reject; sp=; {RUA}", DmarcRecord("none"), id="4.10.1 sp that can't be read, but reports"),
        pytest.param(f"p=reject; np=block; {RUA}", DmarcRecord("none"), id="4.10.1 np that can't be read, but reports"),
        pytest.param("p=block; rua=d@example.com", DmarcRecord(), id="4.10.1 an address that is no URI"),
        pytest.param("p=block; rua=,, mailto:d@example.com!10m", DmarcRecord("none"), id="4.6 one good URI of several"),
        pytest.param(f"psd=n; adkim=s; {RUA}", DmarcRecord("none", strict_dkim=True, psd="n"), id="flags stay"),
        pytest.param("p=reject; p=none", DmarcRecord(), id="RFC 6376 3.2 a tag twice: neither counts"),
        pytest.param("p=none; adkim=s; ADKIM=r", DmarcRecord("none"), id="RFC 6376 3.2 a tag twice, in another case"),
        pytest.param("p", DmarcRecord(), id="a tag without a value"),
    ],
)
def test_what_the_tags_say(typed: str, expected: DmarcRecord) -> None:
    assert parse_dmarc_record(f"v=DMARC1; {typed}".encode()) == expected


TAGS = st.sampled_from(["p", "sp", "np", "adkim", "aspf", "psd", "t", "rua", "v", "pct"])
VALUES = st.sampled_from(
    ["none", "quarantine", "reject", "y", "n", "u", "s", "r", "mailto:a@b.example", ";", "=", "\x00", "é"]
) | st.text(max_size=20)


@given(st.lists(st.tuples(TAGS, VALUES), max_size=20), st.binary(max_size=60))
def test_no_text_breaks_the_reader(tags: list[tuple[str, str]], tail: bytes) -> None:
    typed = "v=DMARC1;" + ";".join(f"{name}={value}" for name, value in tags)
    parse_dmarc_record(tail)
    record = parse_dmarc_record(typed.encode("utf-8", "surrogatepass") + tail)
    assert record is not None
    assert record.policy in (None, "none", "quarantine", "reject")
    if record.policy is None:
        assert record.subdomain_policy is None
        assert record.missing_policy is None
