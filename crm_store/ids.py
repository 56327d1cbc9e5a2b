"""Ids that are made before any database is asked: sortable by time, unguessable, 26 characters (the ULID layout)."""

import secrets
from base64 import b32encode

_CROCKFORD = bytes.maketrans(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", b"0123456789abcdefghjkmnpqrstvwxyz")
_LENGTH = 26


def new_receipt_id(now_ms: int) -> str:
    """48 bits of milliseconds, 80 random bits, in Crockford's base 32, lower case."""
    value = (now_ms << 80) | secrets.randbits(80)
    # Base 32 takes 40 bits at a time: 160 here, the last 130 of which are 26 characters.
    return b32encode(value.to_bytes(20)).translate(_CROCKFORD)[-_LENGTH:].decode()
