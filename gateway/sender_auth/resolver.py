"""Asks the DNS, and remembers."""

import asyncio
import ipaddress
import socket
from collections.abc import Callable
from dataclasses import dataclass

import dns.asyncquery
import dns.exception
import dns.message
import dns.name
import dns.rcode
import dns.resolver

from crm_store import clock
from crm_store.errors import SettingsError
from gateway.sender_auth.answer_cache import AnswerCache
from gateway.sender_auth.answers import Answer, Found, Kind, Question
from gateway.sender_auth.dns_reply import Reply, read_reply, temporary, wire_name

_EDNS_BYTES = 1232  # fits every path unfragmented (dnsflagday.net/2020); what is larger comes over TCP
_MAX_ALIASES = 8
_MAX_SERVERS = 3  # as resolv.conf(5)
_ROUNDS = 2
_NAMED_SERVER_KEPT_MS = 60_000

Server = tuple[str, int]  # address and port


@dataclass(frozen=True, slots=True)
class Limits:
    """question_s: for one question with all that it needs, waiting for its turn included. attempt_s: for one server."""

    question_s: float = 6.0
    attempt_s: float = 2.0
    at_once: int = 64
    cache_entries: int = 20_000
    cache_bytes: int = 32 * 1024 * 1024


class Resolver:
    """For one event loop. server: HOST:PORT, None for the system's (resolv.conf). Raises SettingsError.

    What the DNS does is never an exception: it is an Answer, at worst a temporary one."""

    def __init__(
        self, server: str | None, *, limits: Limits | None = None, now_ms: Callable[[], int] = clock.now_ms
    ) -> None:
        self._limits = limits or Limits()
        self._named, self._servers = _servers(server)
        self._servers_until_ms = 0
        self._now_ms = now_ms
        self._cache = AnswerCache(self._limits.cache_entries, self._limits.cache_bytes)
        self._under_way: dict[Question, asyncio.Task[Answer]] = {}
        self._turns = asyncio.Semaphore(self._limits.at_once)

    async def ask(self, question: Question) -> Answer:
        """From the cache, from a look-up that is under way for somebody else, or from the DNS."""
        if (name := wire_name(question.name)) is None:
            return Answer(Found.NO_RECORDS, problem="bad_name")
        if (kept := self._cache.get(question, self._now_ms())) is not None:
            return kept
        if (look_up := self._under_way.get(question)) is None:
            look_up = asyncio.create_task(self._look_up(question, name))
            self._under_way[question] = look_up
            look_up.add_done_callback(lambda _: self._under_way.pop(question, None))
        return await asyncio.shield(look_up)  # whoever else waits for it is not to lose it with us

    async def _look_up(self, question: Question, name: dns.name.Name) -> Answer:
        try:
            async with asyncio.timeout(self._limits.question_s), self._turns:
                reply = await self._follow(name, question.kind)
        except TimeoutError:
            reply = temporary("timeout")
        self._cache.put(question, reply.answer, reply.ttl_s, self._now_ms())
        return reply.answer

    async def _follow(self, name: dns.name.Name, kind: Kind) -> Reply:
        """Aliases that the server did not follow itself are followed here."""
        ttl_s = 2**31
        for _ in range(_MAX_ALIASES):
            reply = await self._query(name, kind)
            ttl_s = min(ttl_s, reply.ttl_s)
            if reply.alias is None:
                return Reply(reply.answer, ttl_s)
            name = reply.alias
        return temporary("alias_loop")

    async def _query(self, name: dns.name.Name, kind: Kind) -> Reply:
        """Each server in turn, twice those that were silent."""
        servers = list(await self._addresses())
        reply = temporary("no_server")
        for _ in range(_ROUNDS):
            for server in list(servers):
                try:
                    reply = read_reply(await self._exchange(name, kind, server), kind)
                except dns.exception.Timeout:
                    reply = temporary("timeout")
                    continue
                except (OSError, EOFError):
                    reply = temporary("unreachable")
                    continue
                except dns.exception.DNSException:
                    reply = temporary("bad_answer")
                if not reply.answer.unknown:
                    return reply
                servers.remove(server)  # it said that it does not know: asking it again at once is no use
        return reply

    async def _exchange(self, name: dns.name.Name, kind: Kind, server: Server) -> dns.message.Message:
        """Over UDP; over TCP what was cut. What has another id, name or kind than ours is waited past, not believed."""
        query = dns.message.make_query(name, kind, use_edns=0, payload=_EDNS_BYTES)
        response = await self._send(query, server)
        if response.rcode() == dns.rcode.FORMERR:
            query.use_edns(False)  # RFC 6891 §7: a server that knows no EDNS says so
            response = await self._send(query, server)
        return response

    async def _send(self, query: dns.message.Message, server: Server) -> dns.message.Message:
        host, port = server
        response, _ = await dns.asyncquery.udp_with_fallback(
            query, host, self._limits.attempt_s, port, ignore_unexpected=True, ignore_errors=True
        )
        return response

    async def _addresses(self) -> tuple[Server, ...]:
        """A server that was given by its name, as in a compose file, may move. Empty: it has no address now."""
        if self._named is not None and self._now_ms() >= self._servers_until_ms:
            host, port = self._named
            try:
                found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_DGRAM)
            except OSError:
                return ()
            self._servers = tuple((str(address[0]), port) for *_, address in found[:_MAX_SERVERS])
            self._servers_until_ms = self._now_ms() + _NAMED_SERVER_KEPT_MS
        return self._servers


def _servers(server: str | None) -> tuple[Server | None, tuple[Server, ...]]:
    """A name with its port that is still to be looked up, or None; and the addresses."""
    if server is None:
        return None, _system_servers()
    host, colon, port = server.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not colon or not host or not port.isdecimal() or not 0 < int(port) < 65536:
        raise SettingsError(f"SUNNYDAY_RESOLVER: {server!r} is not HOST:PORT")
    try:
        return None, ((str(ipaddress.ip_address(host)), int(port)),)
    except ValueError:
        return (host, int(port)), ()


def _system_servers() -> tuple[Server, ...]:
    system = dns.resolver.Resolver(configure=False)
    try:
        system.read_resolv_conf("/etc/resolv.conf")
    except dns.resolver.NoResolverConfiguration:
        return (("127.0.0.1", 53),)  # resolv.conf(5): what a file without a name server means
    return tuple((str(host), system.port) for host in system.nameservers[:_MAX_SERVERS])
