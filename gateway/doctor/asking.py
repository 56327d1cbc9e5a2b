"""What the checks ask of the DNS."""

import asyncio
from collections.abc import Awaitable, Callable

from gateway.sender_auth.answers import Answer, Question

Ask = Callable[[Question], Awaitable[Answer]]


async def addresses_of(name: str, ask: Ask) -> tuple[tuple[str, ...], str]:
    """IPv4 first, then IPv6; and why some are not known, "" where all are."""
    told = await asyncio.gather(ask(Question(name, "A")), ask(Question(name, "AAAA")))
    problem = next((answer.problem for answer in told if answer.unknown), "")
    return tuple(address for answer in told for address in answer.addresses), problem
