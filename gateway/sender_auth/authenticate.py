"""From what is known of a mail's way here to a verdict on its sender (C4)."""

from collections.abc import Iterable
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address

from crm_store.rules.verdict import Authenticity, Verdict


def authenticate(peer: str, trusted_relays: Iterable[IPv4Network | IPv6Network]) -> Verdict:
    """peer: the address that handed the mail over, after any trusted proxy.

    A trusted relay admits only signed-in people, so it vouches for the sender. Nobody else does."""
    try:
        address = ip_address(peer)
    except ValueError:
        return Verdict(
            Authenticity.NOT_AUTHENTICATED, "The host that sent this mail has no address that can be checked."
        )
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        address = (
            address.ipv4_mapped
        )  # a socket that listens on both kinds reports IPv4 hosts this way (RFC 4291 §2.5.5.2)
    if any(address in network for network in trusted_relays):
        return Verdict(Authenticity.AUTHENTICATED, f"The trusted relay {address} vouches for the sender.")
    return Verdict(
        Authenticity.NOT_AUTHENTICATED, f"{address} is no trusted relay, and nothing else vouches for the sender."
    )
