"""Where does an address lead: to this installation, or elsewhere?

Decided simply, as nobody inside can see what the outside sees. It leads here if it is an address of this machine; or
one of SUNNYDAY_PUBLIC_URL's host, which is how an installation behind NAT is told; or if port 25 there greets as we do.
"""

import asyncio
import socket
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import ip_address
from urllib.parse import urlsplit

from crm_store.settings import Settings
from gateway.doctor.asking import Ask, addresses_of
from gateway.doctor.smtp_probe import Seen, greet

_MAX_ADDRESSES = 32


class Place(StrEnum):
    MACHINE = "this machine"
    PUBLIC_URL = "the host of SUNNYDAY_PUBLIC_URL"
    GREETING = "a host that greets as SunnyDay Mail does"
    ELSEWHERE = "elsewhere"


@dataclass(frozen=True, slots=True)
class Reached:
    """answers: our greeting came from there. seen: what came."""

    place: Place
    answers: bool
    seen: Seen


def our_greeting(settings: Settings) -> str:
    """As gateway/smtp/session.py says it."""
    return f"220 {settings.capture_domains[0]} ESMTP"


async def public_addresses(public_url: str, ask: Ask) -> tuple[str, ...]:
    """Those of the host where people reach the pages; none where that is not set."""
    host = urlsplit(public_url).hostname
    if not host:
        return ()
    try:
        return (str(ip_address(host)),)
    except ValueError:
        return (await addresses_of(host, ask))[0]


async def reach(addresses: Iterable[str], public: Collection[str], greeting: str, port: int) -> Mapping[str, Reached]:
    """By address. Each is asked at port; only the greeting is waited for."""
    asked = list(dict.fromkeys(addresses))[:_MAX_ADDRESSES]
    seen = await asyncio.gather(*(greet(address, port) for address in asked))
    return {address: _place(address, each, public, greeting) for address, each in zip(asked, seen, strict=True)}


def _place(address: str, seen: Seen, public: Collection[str], greeting: str) -> Reached:
    answers = seen.greeting == greeting
    if _is_of_this_machine(address):
        return Reached(Place.MACHINE, answers, seen)
    if address in public:
        return Reached(Place.PUBLIC_URL, answers, seen)
    return Reached(Place.GREETING if answers else Place.ELSEWHERE, answers, seen)


def _is_of_this_machine(address: str) -> bool:
    """Only an address of one's own can be bound."""
    with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM) as trial:
        try:
            trial.bind((address, 0))
        except OSError:
            return False
    return True
