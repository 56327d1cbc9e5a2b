"""What a location's own e-mail provider may be, how fast it is written to, and when it is tried again. Pure."""

from collections.abc import Iterable
from enum import StrEnum
from ipaddress import IPv4Address, IPv6Address, IPv6Network

MOST_PER_MINUTE = 100_000
_MINUTE_MS = 60_000
_NAT64 = IPv6Network("64:ff9b::/96")
_BURST_MS = 1_000
# RFC 5321 §4.5.4.1: less and less often, for four or five days.
_FIRST_PAUSE_MS, _LONGEST_PAUSE_MS = 60_000, 4 * 3_600_000
_MOST_TRIES = 36  # with these pauses: five days


class ProviderTls(StrEnum):
    NONE = "none"
    STARTTLS = "starttls"
    IMPLICIT = "implicit"


def is_reachable(address: IPv4Address | IPv6Address, *, private_allowed: bool) -> bool:
    """Whether an admin of a location may have us connect there. private_allowed: the installation's setting.

    Link-local is never a relay: there the clouds tell machines their secrets."""
    known = _inside(address)
    if known.is_link_local or known.is_multicast or known.is_unspecified:
        return False
    return private_allowed or known.is_global


def _inside(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """Where a packet ends that is sent there: an IPv6 address may be an IPv4 address in other words (RFC 4291 §2.5.5.2,
    RFC 6052 §2.1, RFC 3056 §2, RFC 4380 §4)."""
    if isinstance(address, IPv4Address):
        return address
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    teredo = address.teredo
    return address.ipv4_mapped or address.sixtofour or (teredo[1] if teredo else address)


def all_reachable(addresses: Iterable[IPv4Address | IPv6Address], *, private_allowed: bool) -> bool:
    """A name that has one forbidden address is forbidden: which one is taken is nobody's choice."""
    return all(is_reachable(address, private_allowed=private_allowed) for address in addresses)


def next_slot_ms(free_from_ms: int, per_minute: int, *, now_ms: int) -> int:
    """When the mail after one that goes now may go. free_from_ms: what this said before.

    A second's worth may go at once: then the pauses between them cost nothing."""
    return max(free_from_ms, now_ms - _BURST_MS) + -(-_MINUTE_MS // per_minute)


def try_again_at_ms(attempt: int, *, now_ms: int) -> int | None:
    """After attempt tries that were put off by a 4xx; None where it has been tried for long enough."""
    if attempt >= _MOST_TRIES:
        return None
    return now_ms + min(_FIRST_PAUSE_MS << (attempt - 1), _LONGEST_PAUSE_MS)
