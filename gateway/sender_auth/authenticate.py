"""From what is known of a mail's way here to a verdict on its sender (C4)."""

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from crm_store.rules.verdict import Authenticity, Basis, Verdict


def authenticate(peer: str, trusted_relays: Iterable[IPv4Network | IPv6Network]) -> Verdict:
    """peer: the address that handed the mail over, after any trusted proxy.

    A trusted relay admits only signed-in people, so it vouches for the sender. Nobody else does."""
    address = _address(peer)
    if address is not None and any(address in network for network in trusted_relays):
        return Verdict(Authenticity.AUTHENTICATED, Basis.TRUSTED_RELAY, peer=str(address))
    return Verdict(Authenticity.NOT_AUTHENTICATED, Basis.NOTHING, peer=str(address or ""))


def _address(peer: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(peer)
    except ValueError:
        return None
    # A socket that listens on both kinds reports IPv4 hosts this way (RFC 4291 §2.5.5.2).
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address
