"""SPF beside the suite of RFC 7208: who is asked about, what is asked, and text of strangers."""

from typing import Any

import pytest
from cpu_cost import assert_costs_less_than, cpu_s
from hypothesis import given, settings
from hypothesis import strategies as st
from told import TEMPORARY, Told

from gateway.sender_auth.answers import Answer, Answers, Found, Kind, NotAsked, Question
from gateway.sender_auth.spf import SPF_QUESTIONS, SpfResult, check_spf

IP = "192.0.2.1"


def check(zone: Told, *, ip: str = IP, helo: str = "mx.example.net", mail_from: str = "ana@example.com") -> SpfResult:
    return zone.run(lambda answers: check_spf(ip=ip, helo=helo, mail_from=mail_from, answers=answers), SPF_QUESTIONS)


def addresses(*each: str) -> Answer:
    return Answer(Found.RECORDS, addresses=each)


@pytest.mark.parametrize(
    ("helo", "mail_from", "expected"),
    [
        pytest.param(
            "mx.example.net", "ana@example.com", ("pass", "example.com", "mailfrom"), id="the envelope sender"
        ),
        pytest.param("example.com", "", ("pass", "example.com", "helo"), id="2.4 the null sender: the HELO name"),
        pytest.param("mx.example.net", "@example.com", ("pass", "example.com", "mailfrom"), id="4.3 no local part"),
        pytest.param("x", '"a@b"@Example.COM', ("pass", "example.com", "mailfrom"), id="an @ in a quoted local part"),
        pytest.param("x", "ana@täst.example", ("pass", "xn--tst-qla.example", "mailfrom"), id="4.3 U-labels"),
        pytest.param("x", "ana@localhost", ("none", "localhost", "mailfrom"), id="4.3 one label"),
        pytest.param("x", "ana@[192.0.2.1]", ("none", "", "mailfrom"), id="4.3 an address"),
        pytest.param("[192.0.2.1]", "", ("none", "", "helo"), id="2.3 HELO with an address"),
        pytest.param("", "", ("none", "", "helo"), id="no HELO"),
        pytest.param(
            "x", "x" * 400 + "@example.com", ("none", "example.com", "mailfrom"), id="a sender that is too long"
        ),
    ],
)
def test_who_is_asked_about(helo: str, mail_from: str, expected: tuple[str, str, str]) -> None:
    zone = Told({"example.com": "v=spf1 ip4:192.0.2.1 -all", "xn--tst-qla.example": "v=spf1 +all"})
    result = check(zone, helo=helo, mail_from=mail_from)
    assert (result.result, result.domain, result.identity) == expected


@pytest.mark.parametrize(
    ("record", "ip", "expected"),
    [
        pytest.param("v=spf1 ip4:192.0.2.1 -all", "::ffff:192.0.2.1", "pass", id="an IPv4 host on a socket for both"),
        pytest.param("v=spf1 ip6:fe80::1 -all", "fe80::1%eth0", "pass", id="an address with its zone"),
        pytest.param("v=spf1 ip6:2001:db8::/32 -all", "2001:db8::1", "pass", id="IPv6"),
        pytest.param("v=spf1 +all", "list", "permerror", id="a word by which pyspf means something of its own"),
        pytest.param("v=spf1 +all", "", "permerror", id="no address"),
    ],
)
def test_addresses_of_hosts(record: str, ip: str, expected: str) -> None:
    assert check(Told({"example.com": record}), ip=ip).result == expected


MANY_MX = Answer(Found.RECORDS, hosts=tuple((10, f"mx{number}.example.com") for number in range(11)))


@pytest.mark.parametrize(
    ("texts", "more", "expected"),
    [
        pytest.param({"example.com": "v=spf1 ?all"}, {}, ("neutral", "nothing_asserted"), id="neutral"),
        pytest.param({"example.com": "v=spf1 ~all"}, {}, ("softfail", "probably_not_authorized"), id="softfail"),
        pytest.param({"example.com": "v=spf1 -all"}, {}, ("fail", "not_authorized"), id="fail"),
        pytest.param({}, {}, ("none", "no_record"), id="4.5 no record"),
        pytest.param(
            {"example.com": ["v=spf1 +all", "v=spf1 -all"]}, {}, ("permerror", "several_records"), id="4.5 two"
        ),
        pytest.param({"example.com": "v=spf1 ipv4:x -all"}, {}, ("permerror", "syntax"), id="4.6 syntax"),
        pytest.param(
            {}, {("example.com", "TXT"): TEMPORARY}, ("temperror", "timeout"), id="4.4 the record can't be had"
        ),
        pytest.param(
            {"example.com": "v=spf1 mx -all"},
            {("example.com", "MX"): TEMPORARY},
            ("temperror", "timeout"),
            id="5 what a term asks can't be had",
        ),
        pytest.param(
            {"example.com": "v=spf1 include:a.example -all"}, {}, ("permerror", "include_without_record"), id="5.2"
        ),
        pytest.param(
            {"example.com": "v=spf1 redirect=a.example"}, {}, ("permerror", "redirect_without_record"), id="6.1"
        ),
        pytest.param(
            {"example.com": "v=spf1" + " a:x.example" * 3}, {}, ("permerror", "too_many_void_lookups"), id="void"
        ),
        pytest.param(
            {"example.com": "v=spf1" + " a:x.example" * 11},
            {("x.example", "A"): addresses("192.0.2.9")},
            ("permerror", "too_many_lookups"),
            id="4.6.4 eleven terms",
        ),
        pytest.param(
            {"example.com": "v=spf1 mx -all"},
            {("example.com", "MX"): MANY_MX},
            ("permerror", "too_many_mx"),
            id="4.6.4 mx",
        ),
        pytest.param(
            {"example.com": "v=spf1 " + "a" * 513 + " -all"}, {}, ("permerror", "record_too_long"), id="a term too long"
        ),
        pytest.param(
            {"example.com": "v=spf1 " + "ip4:192.0.2.1 " * 300},
            {},
            ("permerror", "record_too_long"),
            id="a record too long",
        ),
        pytest.param(
            {"example.com": "v=spf1 ip4:1.2.3.4/" + "9" * 500}, {}, ("permerror", "syntax"), id="a large number"
        ),
    ],
)
def test_results_and_their_reasons(texts: dict[str, Any], more: Any, expected: tuple[str, str]) -> None:
    result = check(Told(texts, more))
    assert (result.result, result.reason) == expected


def test_more_questions_than_allowed_are_a_permanent_error() -> None:
    zone = Told({"example.com": "v=spf1 a:x.example mx:y.example +all"}, {("x.example", "A"): addresses("192.0.2.9")})
    result = zone.run(lambda told: check_spf(ip=IP, helo="x", mail_from="ana@example.com", answers=told), 2)
    assert (result.result, result.reason) == ("permerror", "too_many_questions")


PTR = ("1.2.0.192.in-addr.arpa", "PTR")


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        pytest.param({PTR: TEMPORARY}, "fail", id="5.5 the names of the host can't be had: no match"),
        pytest.param(
            {
                PTR: Answer(Found.RECORDS, hosts=((0, "a.example.com"), (0, "b.example.com"))),
                ("a.example.com", "A"): TEMPORARY,
                ("b.example.com", "A"): addresses(IP),
            },
            "pass",
            id="5.5 a name whose address can't be had is skipped",
        ),
    ],
)
def test_a_dns_error_in_ptr_skips_what_it_is_about(more: Any, expected: str) -> None:
    assert check(Told({"example.com": "v=spf1 ptr -all"}, more)).result == expected


def test_the_hosts_of_an_mx_are_asked_for_together() -> None:
    hosts = Answer(Found.RECORDS, hosts=tuple((10, f"mx{number}.example.com") for number in range(10)))
    found: dict[tuple[str, Kind], Answer] = {(f"mx{n}.example.com", "A"): addresses(f"192.0.2.{n}") for n in range(10)}
    zone = Told({"example.com": "v=spf1 mx -all"}, {("example.com", "MX"): hosts, **found})
    assert check(zone).result == "pass"
    assert (len(zone.asked), zone.rounds) == (12, 3)


def test_the_explanation_of_a_stranger_is_never_asked_for() -> None:
    zone = Told({"example.com": "v=spf1 -all exp=why.example.com", "why.example.com": "click here"})
    assert check(zone).result == "fail"
    assert [question.name for question in zone.asked] == ["example.com"]


@pytest.mark.parametrize("record", ["v=spf1 exists:%{l}.example.com -all", "v=spf1 a:%{s}.example.com -all"])
def test_a_local_part_that_is_no_ascii_never_matches_and_is_not_asked_for(record: str) -> None:
    """RFC 8616 §4."""
    zone = Told({"example.com": record})
    assert check(zone, mail_from="añá@example.com").result == "fail"
    assert [question.kind for question in zone.asked] == ["TXT"]


def test_a_name_that_macros_made_too_long_loses_labels_on_its_left() -> None:
    """RFC 7208 §7.3."""
    local = ".".join("x" * 120)
    zone = Told({"example.com": "v=spf1 exists:%{l}.deep.sub.example.com -all"})
    check(zone, mail_from=f"{local}@example.com")
    asked = zone.asked[-1].name
    assert asked.endswith("x.deep.sub.example.com")
    assert len(asked) <= 253


def test_not_asked_comes_through_at_every_step() -> None:
    """pyspf has a bare except; whichever answer is missing, the check stops there and nowhere else."""
    texts = {
        "example.com": "v=spf1 include:b.example a:c.example mx ptr exists:%{p}.d.example redirect=e.example exp=f.example",
        "b.example": "v=spf1 -all",
        "e.example": "v=spf1 ip4:192.0.2.1 -all",
    }
    more: dict[tuple[str, Kind], Answer] = {
        ("c.example", "A"): addresses("192.0.2.7"),
        ("example.com", "MX"): Answer(Found.RECORDS, hosts=((1, "c.example"),)),
        ("1.2.0.192.in-addr.arpa", "PTR"): Answer(Found.RECORDS, hosts=((0, "host.example.org"),)),
        ("host.example.org", "A"): addresses(IP),
    }
    zone = Told(texts, more)
    assert check(zone).result == "pass"
    known = {question: zone.answer(question) for question in list(zone.asked)}
    assert len(known) >= 7
    for missing in known:
        fewer = Answers({question: answer for question, answer in known.items() if question != missing}, SPF_QUESTIONS)
        with pytest.raises(NotAsked) as stopped:
            check_spf(ip=IP, helo="mx.example.net", mail_from="ana@example.com", answers=fewer)
        assert stopped.value.questions == (missing,)


def test_two_checks_do_not_mix() -> None:
    """One that waits for an answer leaves nothing behind that another would read."""
    with pytest.raises(NotAsked):
        check_spf(ip=IP, helo="x", mail_from="ana@example.com", answers=Answers({}, 10))
    known = {Question("example.com", "TXT"): Answer(Found.RECORDS, texts=(b"v=spf1 -all",))}
    other = {Question("example.com", "TXT"): Answer(Found.RECORDS, texts=(b"v=spf1 +all",))}
    results = [
        check_spf(ip=IP, helo="x", mail_from="ana@example.com", answers=Answers(told, 10)).result
        for told in (known, other, known)
    ]
    assert results == ["fail", "pass", "fail"]


TERMS = st.sampled_from(
    [
        "a",
        "mx",
        "ptr",
        "all",
        "-all",
        "include:%{d}",
        "include:x.example",
        "redirect=%{o}",
        "exists:%{ir}.%{v}.%{l1r-}.%{d2}",
        "exists:%{S}.%{H}.x.example",
        "a:%{p}",
        "a:%{d0}.x.example",
        "mx:%{l999999999999r+-}.x.example/99//999",
        "ip4:192.0.2.1/24",
        "ip4:1.2.3.4/0",
        "ip6:::1/129",
        "ip6:" + "1:" * 200,
        "exp=%{c}%{t}.x",
        "exp=%%%",
        "a:" + "b." * 120 + "example",
        "%{",
        "%{}",
        "=",
        "?" * 20,
        "a:.",
        "a:..",
        "op=x.y",
        "default=pass",
        "/24",
    ]
) | st.text(st.characters(max_codepoint=255), max_size=30)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.lists(TERMS, max_size=12), min_size=1, max_size=3),
    st.sampled_from(["192.0.2.1", "2001:db8::1"]),
    st.text(max_size=20),
    st.text(max_size=30),
)
def test_no_record_breaks_the_check_or_asks_without_end(
    records: list[list[str]], ip: str, helo: str, local: str
) -> None:
    texts = ["v=spf1 " + " ".join(terms) for terms in records]
    zone = Told(
        {"example.com": texts[0], "x.example": texts[-1]},
        {("x.example", "A"): addresses(*(f"10.0.0.{number}" for number in range(200))), ("x.example", "MX"): MANY_MX},
    )
    check(zone, ip=ip, helo=helo, mail_from=f"{local}@example.com")
    assert len(set(zone.asked)) == len(zone.asked) <= SPF_QUESTIONS


@pytest.mark.parametrize(
    "term",
    [
        pytest.param("a:." + "a" * 500 + "!", id="the end of a domain, the square of its length"),
        pytest.param("a:" + "%{s}" * 120 + ".example", id="macros that grow"),
        pytest.param("x=" + "%{S}" * 120, id="macros that grow, escaped"),
        pytest.param("exists:" + "%{l1r-.+,/_=}" * 30 + ".x.example", id="delimiters"),
        pytest.param("exp=" + "%{p}" * 100 + ".x.example", id="names of the host"),
    ],
)
def test_the_longest_records_take_no_time_to_speak_of(term: str) -> None:
    """With all the questions that may be asked, so as often begun anew as can be."""
    chain = {f"n{number}.example": f"v=spf1 include:n{number + 1}.example " + term for number in range(9)}
    filler = " ".join([term] * (4000 // (len(term) + 1)))
    records = {"example.com": f"v=spf1 include:n0.example {filler}", **chain}
    assert_costs_less_than(2, lambda: cpu_s(lambda: check(Told(records), mail_from="x" * 300 + "@example.com")))


def test_an_explanation_that_is_known_already_is_not_expanded() -> None:
    """pyspf takes the square of its length, which nothing bounds: it may be a record that an include asked for."""
    zone = Told(
        {"example.com": "v=spf1 include:x.example exp=x.example -all", "x.example": "v=spf1 %{d}" + "." * 60_000}
    )
    assert check(zone).reason == "record_too_long"
    assert_costs_less_than(1, lambda: cpu_s(lambda: check(zone)))


def test_a_thousand_addresses_take_no_time_to_speak_of() -> None:
    """Ten mx terms, each with ten hosts, each with a hundred addresses: all that RFC 7208 §4.6.4 lets one ask for."""
    more: dict[tuple[str, Kind], Answer] = {}
    for term in range(10):
        names = [f"h{number}.m{term}.example" for number in range(10)]
        more[f"m{term}.example", "MX"] = Answer(Found.RECORDS, hosts=tuple((1, name) for name in names))
        for number, name in enumerate(names):
            more[name, "A"] = addresses(*(f"10.{term}.{number}.{last}" for last in range(100)))
    records = {"example.com": "v=spf1 " + " ".join(f"mx:m{term}.example" for term in range(10)) + " -all"}
    zone = Told(records, more)
    assert check(zone).result == "fail"
    assert len(zone.asked) == SPF_QUESTIONS
    assert_costs_less_than(3, lambda: cpu_s(lambda: check(Told(records, more))))
