"""The way of a mail from outside, with a real DNS server and real servers at the port."""

from datetime import UTC, datetime
from typing import Any

import pytest
from dns_server import DnsServer, Manners

from crm_store.settings import load
from gateway.doctor.finding import State
from gateway.doctor.incoming import check_incoming
from gateway.doctor.mail_exchange import Exchange, Host
from gateway.doctor.mx import judge_domain, judge_port
from gateway.doctor.reach import Place, Reached
from gateway.doctor.smtp_probe import Seen
from gateway.sender_auth.answers import Answer, Found

OK, WARNING, WRONG = State.OK, State.WARNING, State.WRONG
DOMAIN = "in.firma.example"
GREETING = f"220 {DOMAIN} ESMTP"
HERE, ELSEWHERE = "127.0.0.1", "fe80::1"  # without a zone no address of this machine, and nothing is sent to it
PUBLIC = "8.8.4.4"  # an address of the internet, which no test connects to

TODAY = datetime(2026, 11, 23, tzinfo=UTC)

Zone = list[tuple[str, str, Any]]


@pytest.mark.parametrize(
    ("zone", "state", "words"),
    [
        pytest.param([], WRONG, f"{DOMAIN} MX 10", id="nothing at all"),
        pytest.param([(DOMAIN, "TXT", "x")], WRONG, f"{DOMAIN} MX 10", id="no MX and no address"),
        pytest.param([(DOMAIN, "A", HERE)], WARNING, f"{DOMAIN} MX 10", id="no MX, its address leads here"),
        pytest.param([(DOMAIN, "AAAA", ELSEWHERE)], WRONG, "subdomain", id="no MX, its address leads elsewhere"),
        pytest.param([(DOMAIN, "MX", (0, ""))], WRONG, "Remove", id="null MX"),
        pytest.param([(DOMAIN, "MX", (10, "mx.f.example")), ("mx.f.example", "A", HERE)], OK, "", id="leads here"),
        pytest.param(
            [(DOMAIN, "MX", (10, "mx.f.example")), ("mx.f.example", "AAAA", ELSEWHERE)], WRONG, "NAT", id="elsewhere"
        ),
        pytest.param(
            [
                (DOMAIN, "MX", (10, "a.f.example"), (20, "b.f.example")),
                ("a.f.example", "A", HERE),
                ("b.f.example", "AAAA", ELSEWHERE),
            ],
            WARNING,
            "Remove what",
            id="a second one leads elsewhere",
        ),
        pytest.param(
            [
                (DOMAIN, "MX", (10, "mx.f.example")),
                ("mx.f.example", "A", HERE),
                ("mx.f.example", "AAAA", ELSEWHERE),
            ],
            WARNING,
            "Remove what",
            id="its other address leads elsewhere",
        ),
    ],
)
def test_the_mx(dns_server: DnsServer, asked, greeter, zone: Zone, state: State, words: str):
    for name, kind, *values in zone:
        dns_server.put(name, kind, *values)
    greeter.start(HERE, b"220 x\r\n")
    (finding,) = [one for one in incoming(asked, greeter.port) if one.check == "mx"]
    assert finding.state is state
    assert words in finding.mend
    assert bool(finding.mend) is (state is not OK)


def incoming(asked, port: int = 1, **environ: str):
    settings = load({"SUNNYDAY_CAPTURE_DOMAINS": DOMAIN, **environ})
    return asked(lambda ask: check_incoming(settings, ask, port, TODAY))


@pytest.mark.parametrize(
    ("name", "zone", "state", "words"),
    [
        pytest.param("mx.f.example", [], WRONG, "mx.f.example A", id="no address"),
        pytest.param("mx.f.example", [("mx.f.example", "A", HERE)], WARNING, "public address", id="loopback"),
        pytest.param("mx.f.example", [("mx.f.example", "AAAA", "fe80::1")], WARNING, "public address", id="link-local"),
        pytest.param(
            "mx.f.example",
            [("mx.f.example", "CNAME", "web.f.example"), ("web.f.example", "A", HERE)],
            WRONG,
            "Replace it",
            id="an alias",
        ),
        pytest.param("192.0.2.1", [], WRONG, "Name a host", id="an address for a name"),
    ],
)
def test_the_host_of_an_mx(dns_server: DnsServer, asked, name: str, zone: Zone, state: State, words: str):
    dns_server.put(DOMAIN, "MX", (10, name))
    for owner, kind, value in zone:
        dns_server.put(owner, kind, value)
    (finding,) = [one for one in incoming(asked) if one.check == "mx-host"]
    assert finding.state is state
    assert words in finding.mend


@pytest.mark.parametrize("manners", [Manners.SERVFAIL, Manners.SILENT])
def test_a_domain_that_the_dns_does_not_tell_of(dns_server: DnsServer, asked, manners: Manners):
    dns_server.behave(DOMAIN, manners)
    (finding,) = incoming(asked)
    assert (finding.check, finding.state) == ("mx", WRONG)
    assert f"dig MX {DOMAIN}" in finding.mend


def test_a_host_that_the_dns_does_not_tell_of(dns_server: DnsServer, asked):
    dns_server.put(DOMAIN, "MX", (10, "mx.f.example"))
    dns_server.behave("mx.f.example", Manners.REFUSED)
    (finding,) = incoming(asked)
    assert (finding.check, finding.state) == ("mx-host", WRONG)
    assert "dig A mx.f.example" in finding.mend


def test_a_name_for_this_machine_alone_is_a_hint(dns_server: DnsServer, asked):
    (finding,) = incoming(asked, SUNNYDAY_CAPTURE_DOMAINS="capture.localhost")
    assert (finding.check, finding.state) == ("mx", WARNING)
    assert "SUNNYDAY_CAPTURE_DOMAINS" in finding.mend


@pytest.mark.parametrize(
    ("says", "state", "words"),
    [
        pytest.param(f"{GREETING}\r\n".encode(), OK, "", id="our greeting"),
        pytest.param(b"220-hello\r\n" + f"{GREETING}\r\n".encode(), OK, "", id="our greeting behind another line"),
        pytest.param(b"220 mail.f.example ESMTP Postfix\r\n", WARNING, "Stop it", id="another mail server"),
        pytest.param(b"\x1b[2J220 x\x07\r\n", WARNING, "Stop it", id="a greeting that plays with the terminal"),
        pytest.param(b"", WARNING, "SUNNYDAY_SMTP_LISTEN", id="silence"),
        pytest.param(None, WARNING, "SUNNYDAY_SMTP_LISTEN", id="nobody"),
        pytest.param(b"2" * 200_000, WARNING, "SUNNYDAY_SMTP_LISTEN", id="a line without end"),
    ],
)
def test_the_port_where_senders_knock(
    dns_server: DnsServer, asked, greeter, says: bytes | None, state: State, words: str
):
    dns_server.put(DOMAIN, "MX", (10, "mx.f.example"))
    dns_server.put("mx.f.example", "A", HERE)
    greeter.start("127.0.0.2", b"220 x\r\n")
    if says is not None:
        greeter.start(HERE, says)
    (finding,) = [one for one in incoming(asked, greeter.port) if one.check == "smtp-port"]
    assert finding.state is state
    assert words in finding.mend
    assert "\x1b" not in finding.found


def test_each_address_of_a_host_has_to_answer(dns_server: DnsServer, asked, greeter):
    """A sender may try any of them, and one that is silent costs it minutes."""
    dns_server.put(DOMAIN, "MX", (10, "mx.f.example"))
    dns_server.put("mx.f.example", "A", HERE, "127.0.0.2")
    greeter.start(HERE, f"{GREETING}\r\n".encode())
    (finding,) = [one for one in incoming(asked, greeter.port) if one.check == "smtp-port"]
    assert finding.state is WARNING
    assert "127.0.0.2" in finding.found


def test_a_host_of_two_domains_is_judged_once(dns_server: DnsServer, asked):
    for domain in ("a.example", "b.example"):
        dns_server.put(domain, "MX", (10, "mx.f.example"))
    dns_server.put("mx.f.example", "A", HERE)
    checks = [one.check for one in incoming(asked, SUNNYDAY_CAPTURE_DOMAINS="a.example,b.example")]
    assert checks == ["mx", "mx", "mx-host", "smtp-port"]


def test_behind_nat_the_host_of_the_public_url_tells_where_here_is(dns_server: DnsServer, asked):
    dns_server.put(DOMAIN, "MX", (10, "mx.f.example"))
    dns_server.put("mx.f.example", "AAAA", ELSEWHERE)
    dns_server.put("crm.f.example", "AAAA", ELSEWHERE)
    found = incoming(asked, SUNNYDAY_PUBLIC_URL="https://crm.f.example")
    assert {one.check: one.state for one in found} == {"mx": OK, "mx-host": WARNING, "smtp-port": WARNING}
    assert "SUNNYDAY_PUBLIC_URL" in found[0].found
    found = incoming(asked, SUNNYDAY_PUBLIC_URL=f"https://[{ELSEWHERE}]")
    assert found[0].state is OK


def test_an_mx_in_front_that_is_trusted_is_told(dns_server: DnsServer, asked):
    """Everybody's mail comes through it, so each forger would pass for a user."""
    dns_server.put(DOMAIN, "MX", (10, "mx.f.example"))
    dns_server.put("mx.f.example", "AAAA", ELSEWHERE)
    (finding,) = [one for one in incoming(asked, SUNNYDAY_TRUSTED_RELAYS="fe80::/64") if one.check == "relay"]
    assert finding.state is WRONG
    assert "SUNNYDAY_TRUSTED_RELAYS" in finding.mend


@pytest.mark.parametrize(
    ("names", "state"),
    [
        pytest.param(["mx.f.example"], OK, id="its name"),
        pytest.param(["*.f.example"], OK, id="a star for its first label"),
        pytest.param(["*.example"], WRONG, id="a star for two labels"),
        pytest.param(["f.example", "www.f.example"], WRONG, id="other names"),
        pytest.param([], WRONG, id="no name"),
    ],
)
def test_the_certificate_is_for_the_mx(dns_server: DnsServer, asked, make_certificate, names: list[str], state: State):
    dns_server.put(DOMAIN, "MX", (10, "mx.f.example"))
    dns_server.put("mx.f.example", "A", HERE)
    pair = make_certificate(*names)
    found = incoming(asked, SUNNYDAY_TLS_CERT=str(pair.cert), SUNNYDAY_TLS_KEY=str(pair.key))
    (finding,) = [one for one in found if one.check == "certificate" and "it is for" in one.found]
    assert finding.state is state
    assert ("Get one for the MX's name" in finding.mend) is (state is WRONG)


def test_a_host_that_is_partly_here_is_one_that_our_certificate_is_shown_for(
    dns_server: DnsServer, asked, make_certificate
):
    dns_server.put(DOMAIN, "MX", (10, "mx.f.example"))
    dns_server.put("mx.f.example", "A", HERE)
    dns_server.put("mx.f.example", "AAAA", ELSEWHERE)
    pair = make_certificate("other.example")
    found = incoming(asked, SUNNYDAY_TLS_CERT=str(pair.cert), SUNNYDAY_TLS_KEY=str(pair.key))
    assert [one.found for one in found if "not for the MX mx.f.example" in one.found]


@pytest.mark.parametrize(
    ("reached", "mx", "port"),
    [
        pytest.param(Reached(Place.MACHINE, True, Seen(GREETING)), OK, OK, id="this machine answers"),
        pytest.param(
            Reached(Place.MACHINE, False, Seen(problem="refused")), OK, WRONG, id="this machine does not answer"
        ),
        pytest.param(
            Reached(Place.MACHINE, False, Seen("220 x ESMTP Postfix")), OK, WARNING, id="another server answers"
        ),
        pytest.param(Reached(Place.GREETING, True, Seen(GREETING)), OK, OK, id="only the greeting tells"),
        pytest.param(Reached(Place.PUBLIC_URL, False, Seen(problem="silent")), OK, WARNING, id="behind NAT"),
        pytest.param(Reached(Place.PUBLIC_URL, True, Seen(GREETING)), OK, OK, id="behind NAT, and it answers"),
        pytest.param(Reached(Place.ELSEWHERE, False, Seen("220 mx.other.example")), WRONG, None, id="another host"),
    ],
)
def test_what_is_made_of_an_address_of_the_internet(reached: Reached, mx: State, port: State | None):
    host = Host("mx.f.example", (PUBLIC,))
    exchange = Exchange(DOMAIN, Answer(Found.RECORDS, hosts=((10, host.name),)), (host,))
    assert [one.state for one in judge_domain(exchange, {PUBLIC: reached})] == [mx]
    assert [one.state for one in judge_port(host, {PUBLIC: reached}, 25)] == ([port] if port else [])
