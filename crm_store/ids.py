"""Ids that are made before any database is asked: sortable by time, unguessable, 26 characters (the ULID layout)."""

import secrets

_CROCKFORD = "0123456789abcdefghjkmnpqrstvwxyz"


def new_receipt_id(now_ms: int) -> str:
    """48 bits of milliseconds, 80 random bits, in Crockford's base 32, lower case."""
    value = (now_ms << 80) | secrets.randbits(80)
    return "".join(_CROCKFORD[(value >> shift) & 31] for shift in range(125, -1, -5))
