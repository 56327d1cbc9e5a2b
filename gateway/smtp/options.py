"""What all sessions of a process share."""

import ssl
from dataclasses import dataclass, field

from gateway.smtp.gate import Gate
from gateway.smtp.limits import Limits
from gateway.smtp.refusals import Refusals


@dataclass(frozen=True)
class Options:
    """hostname: how we name ourselves. tls None: STARTTLS is not offered."""

    hostname: str
    limits: Limits
    gate: Gate
    tls: ssl.SSLContext | None = None
    refusals: Refusals = field(default_factory=Refusals)
