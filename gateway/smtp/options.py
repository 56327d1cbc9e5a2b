"""What all sessions of a process share."""

import ssl
from collections.abc import Collection
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network
from typing import Literal

from gateway.smtp.gate import Gate
from gateway.smtp.limits import Limits
from gateway.smtp.refusals import Refusals


@dataclass(frozen=True)
class Options:
    """hostname: how we name ourselves. tls None: STARTTLS is not offered.

    trusted_proxies: what they say of their clients' addresses is believed.
    proxies_speak: either: a client that brings no PROXY header is greeted after half a second, and may say XCLIENT."""

    hostname: str
    limits: Limits
    gate: Gate
    tls: ssl.SSLContext | None = None
    trusted_proxies: Collection[IPv4Network | IPv6Network] = ()
    proxies_speak: Literal["either", "proxy", "xclient"] = "either"
    refusals: Refusals = field(default_factory=Refusals)
