"""What the DNS says of who may send, and of the relays; with a real DNS server."""

from typing import Any

import pytest
from dns_server import DnsServer, Manners

from crm_store.settings import load
from gateway.doctor.finding import State
from gateway.doctor.relays import check_relays
from gateway.doctor.resolver_check import check_resolver, judge_resolver
from gateway.doctor.sending_policy import check_sending_policy
from gateway.sender_auth.answers import Answer, Found

OK, WARNING, WRONG = State.OK, State.WARNING, State.WRONG
DOMAIN = "in.firma.example"
DMARC = f"_dmarc.{DOMAIN}"


@pytest.mark.parametrize(
    ("texts", "state", "words"),
    [
        pytest.param(["v=spf1 -all"], OK, "", id="never sends"),
        pytest.param(["verification=1", "V=SPF1 -ALL"], OK, "", id="never sends, among other texts"),
        pytest.param(["v=spf1 mx ~all"], WARNING, '"v=spf1 -all"', id="lets some send"),
        pytest.param(["v=spf10 -all", "other"], WARNING, '"v=spf1 -all"', id="none"),
        pytest.param(["v=spf1 -all", "v=spf1 mx -all"], WARNING, "Remove them all", id="two"),
    ],
)
def test_the_spf_record_of_a_capture_domain(dns_server: DnsServer, asked, texts, state: State, words: str):
    dns_server.put(DOMAIN, "TXT", *texts)
    spf, _ = asked(lambda ask: check_sending_policy([DOMAIN], ask))
    assert (spf.check, spf.state) == ("spf", state)
    assert words in spf.mend


@pytest.mark.parametrize(
    ("records", "state", "words"),
    [
        pytest.param({DMARC: "v=DMARC1; p=reject"}, OK, "", id="reject"),
        pytest.param({"_dmarc.firma.example": "v=DMARC1; p=reject"}, OK, "", id="reject, from above"),
        pytest.param(
            {"_dmarc.firma.example": "v=DMARC1; p=reject; sp=none"}, WARNING, DMARC, id="not for what is below"
        ),
        pytest.param({DMARC: "v=DMARC1; p=quarantine"}, WARNING, DMARC, id="quarantine"),
        pytest.param({DMARC: "v=DMARC1; p=none"}, WARNING, DMARC, id="none"),
        pytest.param({DMARC: "v=DMARC1; p=reject; t=y"}, WARNING, DMARC, id="reject, as a test"),
        pytest.param({}, WARNING, DMARC, id="no record"),
    ],
)
def test_the_dmarc_record_over_a_capture_domain(dns_server: DnsServer, asked, records, state: State, words: str):
    for name, text in records.items():
        dns_server.put(name, "TXT", text)
    _, dmarc = asked(lambda ask: check_sending_policy([DOMAIN], ask))
    assert (dmarc.check, dmarc.state) == ("dmarc", state)
    assert words in dmarc.mend


def test_what_the_dns_does_not_tell_is_no_advice_to_change_it(dns_server: DnsServer, asked):
    dns_server.behave(DOMAIN, Manners.SERVFAIL)
    dns_server.behave(DMARC, Manners.SERVFAIL)
    found = asked(lambda ask: check_sending_policy([DOMAIN], ask))
    assert [(one.state, "name servers" in one.mend) for one in found] == [(WARNING, True)] * 2


def test_a_name_for_this_machine_alone_needs_no_policy(dns_server: DnsServer, asked):
    assert asked(lambda ask: check_sending_policy(["capture.localhost"], ask)) == []
    assert dns_server.asked == []


RELAY = "8.8.4.4"  # an address of the internet; only the tests' DNS server is asked about it
REVERSE = "4.4.8.8.in-addr.arpa"
Zone = list[tuple[str, str, Any]]


@pytest.mark.parametrize(
    ("relays", "zone", "state", "words"),
    [
        pytest.param("", [], OK, "", id="none"),
        pytest.param("0.0.0.0/0", [], WRONG, "one by one", id="all of IPv4"),
        pytest.param("::/0", [], WRONG, "one by one", id="all of IPv6"),
        pytest.param("0.0.0.0/1", [], WRONG, "one by one", id="half of it"),
        pytest.param("10.0.0.0/7", [], WRONG, "one by one", id="a private network and its public neighbour"),
        pytest.param("8.0.0.0/15", [], WRONG, "one by one", id="a huge public network"),
        pytest.param("2001:4860::/31", [], WRONG, "one by one", id="a huge public network of IPv6"),
        pytest.param("8.8.0.0/16", [], WARNING, "one by one", id="a large public network"),
        pytest.param("8.8.4.0/24", [], OK, "", id="a public network"),
        pytest.param("10.0.0.0/8", [], OK, "", id="a private network"),
        pytest.param("127.0.0.1", [], OK, "", id="this machine"),
        pytest.param("192.168.1.9", [], OK, "", id="a private host"),
        pytest.param(RELAY, [], WARNING, "PTR", id="no name"),
        pytest.param(
            RELAY, [(REVERSE, "PTR", "r.f.example"), ("r.f.example", "A", RELAY)], OK, "", id="a name and back"
        ),
        pytest.param(
            RELAY, [(REVERSE, "PTR", "r.f.example"), ("r.f.example", "A", "8.8.8.8")], WARNING, "PTR", id="not back"
        ),
    ],
)
def test_a_trusted_relay(dns_server: DnsServer, asked, relays: str, zone: Zone, state: State, words: str):
    for name, kind, value in zone:
        dns_server.put(name, kind, value)
    networks = load({"SUNNYDAY_TRUSTED_RELAYS": relays}).trusted_relays
    (finding,) = asked(lambda ask: check_relays(networks, ask))
    assert (finding.check, finding.state) == ("relay", state)
    assert words in finding.mend


def test_a_relay_of_whose_name_the_dns_does_not_tell(dns_server: DnsServer, asked):
    dns_server.behave(REVERSE, Manners.SERVFAIL)
    networks = load({"SUNNYDAY_TRUSTED_RELAYS": RELAY}).trusted_relays
    (finding,) = asked(lambda ask: check_relays(networks, ask))
    assert finding.state is WARNING
    assert "resolver" in finding.mend


@pytest.mark.parametrize(
    ("answer", "took_ms", "state", "words"),
    [
        pytest.param(Answer(Found.RECORDS), 1_000, OK, "", id="answers"),
        pytest.param(Answer(Found.RECORDS), 1_001, WARNING, "unbound", id="slow"),
        pytest.param(Answer(Found.NO_NAME), 1, WARNING, "knows the internet", id="knows no internet"),
        pytest.param(Answer(Found.TEMPORARY, problem="timeout"), 1, WRONG, "that answers", id="silent"),
    ],
)
def test_the_resolver(answer: Answer, took_ms: int, state: State, words: str):
    finding = judge_resolver("127.0.0.1:53", answer, took_ms)
    assert (finding.check, finding.state) == ("resolver", state)
    assert words in finding.mend


def test_the_resolver_is_asked_and_timed(dns_server: DnsServer, asked):
    dns_server.put("example.com", "A", "192.0.2.1")
    times_ms = iter([0, 1_700])
    (finding,) = asked(lambda ask: check_resolver(dns_server.address, ask, lambda: next(times_ms)))
    assert finding.state is WARNING
    assert finding.found == f"{dns_server.address} took 1700 ms to answer"
