"""The resolver against a real DNS server that is honest, slow, silent or lies."""

import asyncio
import socket
import time
from collections.abc import Coroutine
from typing import Any

import pytest
from dns_server import DnsServer
from dns_zone import Manners

from crm_store.errors import SettingsError
from gateway.sender_auth.answers import Answer, Found, Kind, Question
from gateway.sender_auth.resolver import Limits, Resolver

QUICK = Limits(question_s=1.2, attempt_s=0.4)
SLACK_S = 8.0  # of a machine that others use too; where one name waits for another it is 12 s
A = Question("mail.example.com", "A")


class Clock:
    def __init__(self) -> None:
        self.ms = 1_000_000

    def __call__(self) -> int:
        return self.ms


def ask(server: DnsServer, *questions: Question, limits: Limits = QUICK) -> list[Answer]:
    """Each by a resolver of its own, so nothing comes from a cache."""

    async def each() -> list[Answer]:
        return [await Resolver(server.address, limits=limits).ask(question) for question in questions]

    return asyncio.run(each())


def timed(work: Coroutine[Any, Any, Any]) -> tuple[Any, float]:
    began = time.monotonic()
    return asyncio.run(work), time.monotonic() - began


def test_records_of_each_kind(dns_server: DnsServer) -> None:
    dns_server.put("example.com", "TXT", "v=spf1 -all", b"\xff" * 300)
    dns_server.put("example.com", "A", "192.0.2.1", "192.0.2.2")
    dns_server.put("example.com", "AAAA", "2001:db8::1")
    dns_server.put("example.com", "MX", (10, "MX1.Example.com"), (0, "."))
    dns_server.put("1.2.0.192.in-addr.arpa", "PTR", "Mail.example.com")
    kinds: list[Kind] = ["TXT", "A", "AAAA", "MX"]
    texts, four, six, mx, ptr = ask(
        dns_server, *(Question("example.com", kind) for kind in kinds), Question("1.2.0.192.in-addr.arpa", "PTR")
    )
    assert set(texts.texts) == {b"v=spf1 -all", b"\xff" * 300}, "the strings of a record are joined"
    assert set(four.addresses) == {"192.0.2.1", "192.0.2.2"}
    assert six.addresses == ("2001:db8::1",)
    assert set(mx.hosts) == {(10, "mx1.example.com"), (0, "")}
    assert ptr.hosts == ((0, "mail.example.com"),)


def test_no_name_no_records_and_a_failure_are_told_apart(dns_server: DnsServer) -> None:
    dns_server.put("_dmarc.deep.example.com", "TXT", "x")
    dns_server.behave("broken.example.com", Manners.SERVFAIL)
    names = ("nothing.example", "deep.example.com", "broken.example.com")
    found = [answer.found for answer in ask(dns_server, *(Question(name, "TXT") for name in names))]
    assert found == [Found.NO_NAME, Found.NO_RECORDS, Found.TEMPORARY]


@pytest.mark.parametrize(
    ("manners", "problem"),
    [
        (Manners.SERVFAIL, "servfail"),
        (Manners.REFUSED, "refused"),
        (Manners.SILENT, "timeout"),
        (Manners.WRONG_ID, "timeout"),
        (Manners.WRONG_NAME, "timeout"),
        (Manners.GARBAGE, "timeout"),
        (Manners.LAME, "lame"),
        (Manners.ANSWER_WITH_NXDOMAIN, "bad_answer"),
        (Manners.TRUNCATED_SILENT, "timeout"),
        (Manners.TRUNCATED_DRIPPING, "timeout"),
        (Manners.TRUNCATED_WRONG_NAME, "bad_answer"),
        (Manners.TRUNCATED_GARBAGE, "bad_answer"),
    ],
)
def test_what_is_not_believed_is_a_temporary_failure_within_the_time_of_a_question(
    dns_server: DnsServer, manners: Manners, problem: str
) -> None:
    dns_server.put(A.name, "A", "192.0.2.1")
    dns_server.behave(A.name, manners)
    answer, took_s = timed(Resolver(dns_server.address, limits=QUICK).ask(A))
    assert answer == Answer(Found.TEMPORARY, problem=problem)
    assert took_s < QUICK.question_s + SLACK_S


def test_records_of_another_name_are_no_answer(dns_server: DnsServer) -> None:
    dns_server.put(A.name, "A", "192.0.2.1")
    dns_server.behave(A.name, Manners.OTHER_NAMES)
    assert ask(dns_server, A) == [Answer(Found.NO_RECORDS)]


def test_forged_answers_before_the_honest_one_are_waited_past(dns_server: DnsServer) -> None:
    dns_server.put(A.name, "A", "192.0.2.1")
    dns_server.behave(A.name, Manners.WRONG_THEN_RIGHT)
    assert ask(dns_server, A)[0].addresses == ("192.0.2.1",)


def test_what_was_cut_is_asked_for_over_tcp(dns_server: DnsServer) -> None:
    dns_server.put("big.example.com", "TXT", *(f"{number} {'x' * 200}" for number in range(100)))
    (answer,) = ask(dns_server, Question("big.example.com", "TXT"), limits=Limits())
    assert len(answer.texts) == 100
    assert [asked.transport for asked in dns_server.asked] == ["udp", "tcp"]


def test_a_slow_answer_is_taken_while_there_is_time(dns_server: DnsServer) -> None:
    dns_server.put(A.name, "A", "192.0.2.1")
    dns_server.behave(A.name, Manners.SLOW, slow_s=0.15)
    assert ask(dns_server, A)[0].found is Found.RECORDS


def test_a_server_without_edns_is_asked_without_it(dns_server: DnsServer) -> None:
    dns_server.put(A.name, "A", "192.0.2.1")
    dns_server.behave(A.name, Manners.FORMERR_ON_EDNS)
    assert ask(dns_server, A)[0].found is Found.RECORDS


def test_more_records_than_any_check_can_use_are_none_and_that_is_final(dns_server: DnsServer) -> None:
    dns_server.put("huge.example.com", "A", *(f"10.0.{number // 256}.{number % 256}" for number in range(300)))
    assert ask(dns_server, Question("huge.example.com", "A"), limits=Limits()) == [
        Answer(Found.NO_RECORDS, problem="too_large")
    ]


@pytest.mark.parametrize("manners", [Manners.HONEST, Manners.FIRST_ALIAS_ONLY])
def test_aliases_are_followed_whoever_follows_them(dns_server: DnsServer, manners: Manners) -> None:
    dns_server.put(A.name, "CNAME", "b.example.com")
    dns_server.put("b.example.com", "CNAME", "c.example.com")
    dns_server.put("c.example.com", "A", "192.0.2.3")
    for name in (A.name, "b.example.com"):
        dns_server.behave(name, manners)
    assert ask(dns_server, A)[0].addresses == ("192.0.2.3",)


@pytest.mark.parametrize("manners", [Manners.HONEST, Manners.FIRST_ALIAS_ONLY])
def test_aliases_in_a_circle_end(dns_server: DnsServer, manners: Manners) -> None:
    dns_server.put(A.name, "CNAME", "b.example.com")
    dns_server.put("b.example.com", "CNAME", A.name)
    for name in (A.name, "b.example.com"):
        dns_server.behave(name, manners)
    assert ask(dns_server, A) == [Answer(Found.TEMPORARY, problem="alias_loop")]
    assert len(dns_server.asked) <= 8


def test_an_alias_to_nowhere_is_no_name(dns_server: DnsServer) -> None:
    dns_server.put(A.name, "CNAME", "gone.example.net")
    assert ask(dns_server, A)[0].found is Found.NO_NAME


@pytest.mark.parametrize(
    "name", ["", ".", "a..b.example", "x" * 64 + ".example", ".".join(["x" * 60] * 5), "ü.example", "\ud800.example"]
)
def test_a_name_that_cannot_be_asked_is_not_asked(dns_server: DnsServer, name: str) -> None:
    assert ask(dns_server, Question(name, "TXT")) == [Answer(Found.NO_RECORDS, problem="bad_name")]
    assert dns_server.asked == []


def test_odd_octets_in_a_name_stand_for_themselves(dns_server: DnsServer) -> None:
    ask(dns_server, Question('a"b\\c d@e.example', "A"))
    assert [asked.name for asked in dns_server.asked] == ['a"b\\c d@e.example']


def test_an_answer_is_kept_for_its_time_and_no_longer(dns_server: DnsServer) -> None:
    clock = Clock()
    dns_server.put(A.name, "A", "192.0.2.1", ttl_s=100)

    async def ask_at(*at_s: int) -> list[Answer]:
        resolver = Resolver(dns_server.address, now_ms=clock)
        answers = []
        for second in at_s:
            clock.ms = 1000 * second
            answers.append(await resolver.ask(A))
        return answers

    asyncio.run(ask_at(0, 50, 99, 100))
    assert dns_server.times_asked(A.name) == 2


def test_that_there_is_nothing_is_kept_as_the_soa_says(dns_server: DnsServer) -> None:
    clock = Clock()
    dns_server.negative_ttl_s = 120

    async def ask_at(*at_s: int) -> None:
        resolver = Resolver(dns_server.address, now_ms=clock)
        for second in at_s:
            clock.ms = 1000 * second
            assert (await resolver.ask(A)).found is Found.NO_NAME

    asyncio.run(ask_at(0, 119, 120))
    assert dns_server.times_asked(A.name) == 2


def test_a_failure_is_kept_for_seconds_only(dns_server: DnsServer) -> None:
    clock = Clock()
    dns_server.put(A.name, "A", "192.0.2.1")
    dns_server.behave(A.name, Manners.SERVFAIL)

    async def heal() -> tuple[Found, Found, Found]:
        resolver = Resolver(dns_server.address, now_ms=clock)
        first = await resolver.ask(A)
        dns_server.behave(A.name, Manners.HONEST)
        clock.ms += 4_999
        second = await resolver.ask(A)
        clock.ms += 1
        return first.found, second.found, (await resolver.ask(A)).found

    assert asyncio.run(heal()) == (Found.TEMPORARY, Found.TEMPORARY, Found.RECORDS)


def test_the_same_question_under_way_is_asked_once(dns_server: DnsServer) -> None:
    dns_server.put(A.name, "A", "192.0.2.1")
    dns_server.behave(A.name, Manners.SLOW, slow_s=0.1)

    async def together() -> list[Answer]:
        resolver = Resolver(dns_server.address)
        return await asyncio.gather(*(resolver.ask(A) for _ in range(50)))

    assert {answer.addresses for answer in asyncio.run(together())} == {("192.0.2.1",)}
    assert dns_server.times_asked(A.name) == 1


def test_who_gives_up_takes_nothing_from_those_who_wait(dns_server: DnsServer) -> None:
    dns_server.put(A.name, "A", "192.0.2.1")
    dns_server.behave(A.name, Manners.SLOW, slow_s=0.15)

    async def one_leaves() -> Answer:
        resolver = Resolver(dns_server.address)
        leaving = asyncio.create_task(resolver.ask(A))
        staying = asyncio.create_task(resolver.ask(A))
        await asyncio.sleep(0.02)
        leaving.cancel()
        return await staying

    assert asyncio.run(one_leaves()).found is Found.RECORDS


def test_silent_names_hold_up_others_no_longer_than_the_time_of_a_question(dns_server: DnsServer) -> None:
    """Four places, 48 questions to a silent server: each waits for its turn within its own time."""
    for number in range(48):
        dns_server.behave(f"silent{number}.example", Manners.SILENT)
    dns_server.put(A.name, "A", "192.0.2.1")
    limits = Limits(question_s=0.6, attempt_s=0.25, at_once=4)

    async def crowd() -> list[Answer]:
        resolver = Resolver(dns_server.address, limits=limits)
        silent = [resolver.ask(Question(f"silent{number}.example", "A")) for number in range(48)]
        await asyncio.gather(*silent)
        return [await resolver.ask(A)]

    (answer,), took_s = timed(crowd())
    assert answer.found is Found.RECORDS
    assert took_s < limits.question_s + SLACK_S


def test_no_more_questions_than_allowed_are_under_way(dns_server: DnsServer) -> None:
    for number in range(6):
        dns_server.behave(f"slow{number}.example", Manners.SLOW, slow_s=0.1)

    async def crowd() -> None:
        resolver = Resolver(dns_server.address, limits=Limits(at_once=2))
        await asyncio.gather(*(resolver.ask(Question(f"slow{number}.example", "A")) for number in range(6)))

    _, took_s = timed(crowd())
    assert took_s > 0.28, "three turns of two"


def test_a_server_that_is_not_there_is_a_temporary_failure() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    answer, took_s = timed(Resolver(f"127.0.0.1:{port}", limits=QUICK).ask(A))
    assert answer.found is Found.TEMPORARY
    assert took_s < QUICK.question_s + SLACK_S


def test_a_server_may_be_named(dns_server: DnsServer) -> None:
    dns_server.put(A.name, "A", "192.0.2.1")
    answer, _ = timed(Resolver(f"localhost:{dns_server.port}", limits=QUICK).ask(A))
    assert answer.found is Found.RECORDS
    unknown, _ = timed(Resolver("no-such-host.invalid:53", limits=QUICK).ask(A))
    assert unknown.found is Found.TEMPORARY


@pytest.mark.parametrize("typed", ["", "127.0.0.1", ":53", "127.0.0.1:", "127.0.0.1:0", "127.0.0.1:65536", "host:dns"])
def test_a_setting_that_names_no_server_is_refused(typed: str) -> None:
    with pytest.raises(SettingsError, match="SUNNYDAY_RESOLVER"):
        Resolver(typed)


def test_a_server_may_have_an_ipv6_address() -> None:
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as silent:
        silent.bind(("::1", 0))
        answer, _ = timed(Resolver(f"[::1]:{silent.getsockname()[1]}", limits=QUICK).ask(A))
        assert answer.problem == "timeout"
        silent.settimeout(1)
        assert b"example" in silent.recv(512)


def test_without_a_setting_it_is_the_server_of_the_system() -> None:
    Resolver(None)
