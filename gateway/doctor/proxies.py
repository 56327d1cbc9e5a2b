"""Are the trusted proxies few, and only proxies? What they say of an address is believed."""

from collections.abc import Collection
from ipaddress import IPv4Network, IPv6Network

from gateway.doctor.finding import Finding, ok, wrong

Network = IPv4Network | IPv6Network

# Prefix lengths by IP version: a public network with a shorter one has strangers in it.
_LARGE = {4: 24, 6: 48}


def check_proxies(proxies: Collection[Network], relays: Collection[Network]) -> list[Finding]:
    """Nothing where there is none."""
    return [_judge(proxy, relays) for proxy in proxies]


def _judge(proxy: Network, relays: Collection[Network]) -> Finding:
    mend = "Name only the proxies themselves in SUNNYDAY_TRUSTED_PROXIES, one by one"
    if proxy.prefixlen == 0:
        return wrong("proxy", f"{proxy} is everybody: any client can claim any address", mend)
    if proxy.is_global and not proxy.is_loopback and proxy.prefixlen < _LARGE[proxy.version]:
        return wrong("proxy", f"{proxy} is public and has strangers in it, who can claim any address", mend)
    if any(_overlap(proxy, relay) for relay in relays):
        found = f"{proxy} is a trusted relay as well: a client can claim its address, and passes for a user"
        return wrong("proxy", found, "Take it out of SUNNYDAY_TRUSTED_RELAYS: a proxy vouches for nobody")
    return ok("proxy", f"{proxy} is believed about addresses, and vouches for nobody")


def _overlap(one: Network, other: Network) -> bool:
    return one.version == other.version and one.overlaps(other)
