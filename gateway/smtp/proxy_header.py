"""A PROXY header is taken in, which comes before anything else on a connection from a trusted proxy."""

import asyncio
from collections.abc import Callable

from gateway.smtp.passed_on import PROXY_HEAD_BYTES, PROXY_SIGNATURE, proxied_address, proxy_body_bytes

_WAIT_S = 0.5
_BODY_S = 5.0  # and for all of it, where it is sure to come


async def hear_proxy(reader: asyncio.StreamReader, unread: Callable[[bytes], None], *, is_sure: bool) -> str | None:
    """The client's IP address; None where the proxy speaks for itself, or none came.

    is_sure: that one comes. The protocol wants us to know (PROXY protocol §2: a receiver must not guess). Where we do
    not and none comes we greet: a front that will say XCLIENT waits for that. One that comes late still does no harm:
    its signature holds a QUIT. unread: puts back what is none.
    Raises: ConnectionError where it is a broken one, or missing, or nobody is there."""
    try:
        async with asyncio.timeout(_BODY_S if is_sure else _WAIT_S):
            head = await reader.readexactly(PROXY_HEAD_BYTES)
    except asyncio.IncompleteReadError:
        raise ConnectionResetError from None
    except TimeoutError:
        if is_sure:
            raise ConnectionAbortedError from None
        return None
    size_bytes = proxy_body_bytes(head)
    if size_bytes is None:
        if is_sure or head.startswith(PROXY_SIGNATURE):
            raise ConnectionAbortedError
        unread(head)
        return None
    try:
        async with asyncio.timeout(_BODY_S):
            return proxied_address(head, await reader.readexactly(size_bytes))
    except (TimeoutError, asyncio.IncompleteReadError, ValueError):
        raise ConnectionAbortedError from None
