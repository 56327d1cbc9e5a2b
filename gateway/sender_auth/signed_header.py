"""The digest that a signature over header fields signs (RFC 6376 §3.7, RFC 8617 §5.1.1)."""

import hashlib
from collections import Counter

from gateway.sender_auth.canonicalization import Canonicalization, canonical_field
from gateway.sender_auth.dkim_signature import Signature
from gateway.sender_auth.header_fields import Field, SplitMessage


def header_digest(message: SplitMessage, signature: Signature) -> bytes:
    """SHA-256 over the fields h= names, and the signature's own field without its b=."""
    digest = hashlib.sha256()
    how = signature.header_canonicalization
    taken: Counter[str] = Counter()
    for name in signature.names:
        # RFC 6376 §5.4.2: from the bottom; one that is not there is nothing, so that adding it breaks the signature.
        fields = message.named(name)
        taken[name] += 1
        if name == signature.field.name and taken[name] <= len(fields) and fields[-taken[name]] is signature.field:
            taken[name] += 1  # RFC 6376 §3.5: h= never means the signature itself
        if taken[name] <= len(fields):
            digest.update(canonical(fields[-taken[name]], how))
    digest.update(unsigned(signature, how))
    return digest.digest()


def canonical(field: Field, how: Canonicalization) -> bytes:
    """The field as it is hashed, with its CRLF."""
    return canonical_field(field.raw, field.value_at, how)


def unsigned(signature: Signature, how: Canonicalization) -> bytes:
    """The signature's own field: b= empty, and no CRLF behind it (RFC 6376 §3.7)."""
    return canonical(signature.field.without(*signature.unsigned_part), how).removesuffix(b"\r\n")
