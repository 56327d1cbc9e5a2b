"""Are the trusted relays few, and who they seem? They vouch for every sender (C4)."""

import asyncio
from collections.abc import Collection
from ipaddress import IPv4Network, IPv6Network

from gateway.doctor.asking import Ask, addresses_of
from gateway.doctor.finding import Finding, ok, warning, wrong
from gateway.sender_auth.answers import Question
from gateway.sender_auth.trusted_relay import is_trusted_relay

Network = IPv4Network | IPv6Network

# Prefix lengths by IP version: a public network with a shorter one is nobody's own, or hardly.
_HUGE = {4: 16, 6: 32}
_LARGE = {4: 24, 6: 48}
_MAX_NAMES = 5


async def check_relays(relays: Collection[Network], ask: Ask) -> list[Finding]:
    if not relays:
        return [ok("relay", "none is trusted: each sender is judged by SPF, DKIM and DMARC")]
    return list(await asyncio.gather(*(_check(network, ask) for network in relays)))


def judge_mx_as_relay(relays: Collection[Network], elsewhere: Collection[str]) -> list[Finding]:
    """elsewhere: addresses of the MX that are not of this installation: they take mail from everybody."""
    if not (trusted := sorted(address for address in elsewhere if is_trusted_relay(address, relays))):
        return []
    found = f"{', '.join(trusted)} is trusted and an MX: what anybody sends through it passes for a user's own mail"
    return [wrong("relay", found, "Take it out of SUNNYDAY_TRUSTED_RELAYS: an MX in front vouches for nobody")]


async def _check(network: Network, ask: Ask) -> Finding:
    mend = "Name only hosts of yours that admit signed-in people alone in SUNNYDAY_TRUSTED_RELAYS, one by one"
    public = network.is_global and not network.is_loopback
    if network.prefixlen == 0:
        return wrong("relay", f"{network} is everybody: any forger passes for a user", mend)
    if public and network.prefixlen < _HUGE[network.version]:
        return wrong("relay", f"{network} is public and has strangers in it, who then pass for users", mend)
    if public and network.prefixlen < _LARGE[network.version]:
        return warning("relay", f"{network} is public and large: is all of it yours?", mend)
    if not public or network.num_addresses > 1:
        return ok("relay", f"{network} is {'public' if public else 'a network of your own'}")
    return await _check_host(str(network.network_address), network.network_address.reverse_pointer, ask)


async def _check_host(address: str, reverse_name: str, ask: Ask) -> Finding:
    """A mail host's address leads to a name and back (RFC 1912 §2.1); most of the internet refuses one without."""
    answer = await ask(Question(reverse_name, "PTR"))
    names = [name for _, name in answer.hosts if name][:_MAX_NAMES]
    if answer.unknown:
        found = f"the DNS does not tell whose address {address} is ({answer.problem})"
        return warning("relay", found, "Look at the resolver, and at the name servers of the address's owner")
    mend = f"Ask whoever gave you {address} to set its PTR to the relay's name: receivers refuse mail without one"
    if not names:
        return warning("relay", f"{address} has no name (PTR)", mend)
    told = await asyncio.gather(*(addresses_of(name, ask) for name in names))
    if any(address in addresses for addresses, _ in told):
        return ok("relay", f"{address} is {', '.join(names)}")
    return warning("relay", f"{address} calls itself {', '.join(names)}, which has another address", mend)
