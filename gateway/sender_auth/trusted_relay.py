"""Submission hosts that admit only signed-in people: they vouch for the sender (C4)."""

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address


def is_trusted_relay(peer: str, trusted_relays: Iterable[IPv4Network | IPv6Network]) -> bool:
    """peer: the address that handed the mail over, after any trusted proxy; "" is nobody."""
    address = plain_address(peer)
    return address is not None and any(address in network for network in trusted_relays)


def plain_address(peer: str) -> IPv4Address | IPv6Address | None:
    """None for what is no IP address."""
    try:
        address = ip_address(peer)
    except ValueError:
        return None
    # A socket that listens on both kinds reports IPv4 hosts this way (RFC 4291 §2.5.5.2).
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address
