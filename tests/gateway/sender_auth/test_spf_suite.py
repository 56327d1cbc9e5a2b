"""The openspf suite of RFC 7208: every case on a table, and all of them again through the resolver and a DNS server."""

import asyncio
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import yaml
from dns_server import DnsServer
from dns_zone import Manners
from told import TEMPORARY, Told

from gateway.sender_auth.answers import Answer, Found, Kind, run_check
from gateway.sender_auth.resolver import Limits, Resolver
from gateway.sender_auth.spf import SPF_QUESTIONS, check_spf

SUITE = Path(__file__).parents[4] / "shared/corpora/spf/rfc7208-tests.yml"
CASES = 203
KINDS: tuple[Kind, ...] = ("TXT", "A", "AAAA", "MX", "PTR")

Zone = dict[str, list[Any]]


def scenarios() -> list[dict[str, Any]]:
    return list(yaml.safe_load_all(SUITE.read_text())) if SUITE.exists() else []


def cases() -> Iterator[Any]:
    for scenario in scenarios():
        for name, case in scenario["tests"].items():
            yield pytest.param(scenario["zonedata"], case, id=f"{scenario['description']}: {name}")


def records(zone: Zone) -> Iterator[tuple[str, str, Any]]:
    """Name, kind, value; kind "TIMEOUT" where every kind that is not listed times out.

    The suite writes records as type SPF, which its drivers publish as TXT where a name has no TXT of its own."""
    for name, listed in zone.items():
        pairs = [pair for entry in listed if isinstance(entry, dict) for pair in entry.items()]
        has_txt = any(kind == "TXT" for kind, _ in pairs)
        for kind, value in pairs:
            if (kind == "SPF" and has_txt) or value == "NONE":
                continue
            yield name.lower().rstrip("."), "TXT" if kind == "SPF" else kind, value
        if "TIMEOUT" in listed:
            yield name.lower().rstrip("."), "TIMEOUT", None


def octets(value: Any) -> bytes:
    """YAML writes the octets of a TXT record as characters."""
    return b"".join(part.encode("latin-1", "replace") for part in ([value] if isinstance(value, str) else value))


def table(zone: Zone) -> Told:
    """Aliases followed, as a resolver does."""
    found: dict[tuple[str, Kind], Answer] = {}
    listed = list(records(zone))
    alias = {name: target.lower().rstrip(".") for name, kind, target in listed if kind == "CNAME"}
    for name in {name for name, _, _ in listed}:
        at, hops = name, 0
        while at in alias and hops < 20:
            at, hops = alias[at], hops + 1
        for kind in KINDS:
            values = [value for owner, sort, value in listed if owner == at and sort == kind]
            if values:
                found[name, kind] = answer(kind, values)
            elif (at, "TIMEOUT", None) in listed or hops == 20:
                found[name, kind] = TEMPORARY
    return Told({name: [] for name, _, _ in listed if (name, "TXT") not in found}, found)


def answer(kind: Kind, values: list[Any]) -> Answer:
    match kind:
        case "TXT":
            return Answer(Found.RECORDS, texts=tuple(octets(value) for value in values))
        case "MX":
            return Answer(Found.RECORDS, hosts=tuple((pair[0], pair[1].lower().rstrip(".")) for pair in values))
        case "PTR":
            return Answer(Found.RECORDS, hosts=tuple((0, name.lower().rstrip(".")) for name in values))
        case _:
            return Answer(Found.RECORDS, addresses=tuple(values))


def expected(case: dict[str, Any]) -> list[str]:
    return [case["result"]] if isinstance(case["result"], str) else case["result"]


def check_of(case: dict[str, Any]) -> Any:
    return partial(check_spf, ip=str(case["host"]), helo=case["helo"], mail_from=case["mailfrom"])


@pytest.mark.skipif(not SUITE.exists(), reason="../shared/corpora is not there")
@pytest.mark.parametrize(("zone", "case"), list(cases()))
def test_the_suite_of_rfc_7208(zone: Zone, case: dict[str, Any]) -> None:
    check = check_of(case)
    assert table(zone).run(lambda answers: check(answers=answers), SPF_QUESTIONS).result in expected(case)


@pytest.mark.skipif(not SUITE.exists(), reason="../shared/corpora is not there")
def test_the_same_through_the_resolver_and_a_dns_server(dns_server: DnsServer) -> None:
    """One scenario's zone after another; TIMEOUT is SERVFAIL here, which is what a resolver makes of it."""
    wrong, done = [], 0
    for scenario in scenarios():
        dns_server.clear()
        publish(dns_server, scenario["zonedata"])
        results = asyncio.run(ask_all(dns_server, list(scenario["tests"].values())))
        for (name, case), result in zip(scenario["tests"].items(), results, strict=True):
            done += 1
            if result not in expected(case):
                wrong.append((scenario["description"], name, result))
    assert not wrong
    assert done == CASES


def publish(server: DnsServer, zone: Zone) -> None:
    values: dict[tuple[str, str], list[Any]] = {}
    for name, kind, value in records(zone):
        if kind == "TIMEOUT":
            server.behave(name, Manners.SERVFAIL_UNLESS_KNOWN)
        else:
            values.setdefault((name, kind), []).append(
                octets(value) if kind == "TXT" else tuple(value) if kind == "MX" else value
            )
    for (name, kind), each in values.items():
        server.put(name, kind, *each)


async def ask_all(server: DnsServer, tests: list[dict[str, Any]]) -> list[str]:
    resolver = Resolver(server.address, limits=Limits(question_s=3, attempt_s=1))
    checks = [check_of(case) for case in tests]
    runs = [
        run_check(lambda answers, check=check: check(answers=answers), resolver.ask, SPF_QUESTIONS) for check in checks
    ]
    return [result.result for result in await asyncio.gather(*runs)]
