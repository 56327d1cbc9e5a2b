"""Who is let in: connections in all and from one network, how many a minute, and who guesses at recipients.

The counts hold over all processes of a machine (design.md 15)."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address

from crm_store.settings import Settings
from gateway.smtp import replies
from gateway.smtp.tally import Tally, network_of

_REMEMBERED = 4096
_CROWDED = 0.8  # of all connections: from here on the silent ones give way sooner


@dataclass(frozen=True, slots=True)
class GateLimits:
    """unlimited: networks that stand for many: their connections are counted in all alone.

    in_process: what the open files of this process allow."""

    connections: int
    per_network: int
    begun_per_minute: int
    unknown_recipients_per_minute: int
    unlimited: Collection[IPv4Network | IPv6Network]
    in_process: int

    @classmethod
    def of(cls, settings: Settings, in_process: int) -> "GateLimits":
        return cls(
            connections=settings.smtp_connections,
            per_network=settings.smtp_connections_per_network,
            begun_per_minute=settings.smtp_connections_per_minute,
            unknown_recipients_per_minute=settings.smtp_unknown_recipients_per_minute,
            # Proxies and relays bring many clients over one address.
            unlimited=(*settings.smtp_unlimited_networks, *settings.trusted_proxies, *settings.trusted_relays),
            in_process=in_process,
        )


class Gate:
    """One of a process, for its event loop."""

    def __init__(self, limits: GateLimits, tally: Tally, minute: Callable[[], int]) -> None:
        self._limits = limits
        self._tally = tally
        self._minute = minute
        self._here = 0
        # Asked several times in a session, and the same addresses come again.
        self._counted_as = lru_cache(_REMEMBERED)(self._network_of)

    def _network_of(self, peer: str) -> bytes | None:
        """None: it is counted in all alone."""
        return None if is_within(peer, self._limits.unlimited) else network_of(peer)

    @property
    def connections(self) -> int:
        """That stand in this process."""
        return self._here

    @property
    def crowded(self) -> bool:
        return self._tally.open_in_all() > _CROWDED * self._limits.connections or (
            self._here > _CROWDED * self._limits.in_process
        )

    def admit(self, peer: str) -> str:
        """The reply that sends it away; "" where it may stay: leave() is to be called then, once."""
        if self._here >= self._limits.in_process or self._tally.open_in_all() >= self._limits.connections:
            return replies.TOO_MANY_CONNECTIONS
        network = self._counted_as(peer)
        if network is not None:
            minute = self._minute()
            counts = self._tally.of(network, minute)
            if counts.open >= self._limits.per_network:
                return replies.TOO_MANY_FROM_NETWORK
            if counts.begun >= self._limits.begun_per_minute:
                return replies.TOO_OFTEN_FROM_NETWORK
            self._tally.add(network, minute, opened=1, begun=1)
        self._here += 1
        self._tally.tell_all(self._here)
        return ""

    def leave(self, peer: str) -> None:
        self._here -= 1
        self._tally.tell_all(self._here)
        if (network := self._counted_as(peer)) is not None:
            self._tally.add(network, self._minute(), opened=-1)

    def may_ask(self, peer: str) -> bool:
        """Whether it may try another recipient: else live and dead ones are refused alike, and for now."""
        if (network := self._counted_as(peer)) is None:
            return True
        counts = self._tally.of(network, self._minute())
        return counts.unknown_recipients < self._limits.unknown_recipients_per_minute

    def recipient_unknown(self, peer: str) -> None:
        if (network := self._counted_as(peer)) is not None:
            self._tally.add(network, self._minute(), unknown_recipients=1)


def is_within(peer: str, networks: Collection[IPv4Network | IPv6Network]) -> bool:
    """peer: an IP address; "" is nowhere."""
    if not networks or not peer:
        return False
    address = ip_address(peer)
    return any(address in network for network in networks)
