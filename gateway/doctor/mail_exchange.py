"""What the DNS tells a sender who has mail for a capture domain (RFC 5321 §5.1)."""

import asyncio
from dataclasses import dataclass

from gateway.doctor.asking import Ask, addresses_of
from gateway.sender_auth.answers import Answer, Found, Question

_MAX_HOSTS = 10  # as many as anybody tries


@dataclass(frozen=True, slots=True)
class Host:
    """A host that is to take mail. alias: its name is a CNAME. problem: why not all addresses are known, a word."""

    name: str
    addresses: tuple[str, ...] = ()
    alias: bool = False
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Exchange:
    """hosts: in the order in which senders try them; the domain itself where it has no MX but an address."""

    domain: str
    mx: Answer
    hosts: tuple[Host, ...] = ()


async def look_up_exchange(domain: str, ask: Ask) -> Exchange:
    mx = await ask(Question(domain, "MX"))
    if mx.found is Found.NO_RECORDS:
        itself = await _look_up_host(domain, ask)
        return Exchange(domain, mx, (itself,) if itself.addresses else ())
    names = dict.fromkeys(name for _, name in sorted(mx.hosts) if name)
    hosts = await asyncio.gather(*(_look_up_host(name, ask) for name in list(names)[:_MAX_HOSTS]))
    return Exchange(domain, mx, tuple(hosts))


async def _look_up_host(name: str, ask: Ask) -> Host:
    alias, (addresses, problem) = await asyncio.gather(ask(Question(name, "CNAME")), addresses_of(name, ask))
    return Host(name, addresses, bool(alias.hosts), problem)
