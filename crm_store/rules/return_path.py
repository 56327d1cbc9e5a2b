"""Return addresses of mail that a location's provider carries: each names its delivery and proves itself, so that a
bounce is known for one without a look into the database. Pure."""

import hmac
import re
from base64 import b32encode
from collections.abc import Sequence
from hashlib import sha256

KEPT_DAYS = 30  # RFC 5321 §4.5.4.1: hosts try for four or five; some gateways keep mail for longer
_DAY_MS = 86_400_000
_PROOF_CHARS = 16  # 80 bits: who has none of our mail guesses none, at no rate
_LOCAL_PART = re.compile(r"b-([a-z2-7]{32})-([0-9a-f]{4})-([a-z2-7]{16})")


def local_part(token: str, keys: Sequence[bytes], *, now_ms: int) -> str:
    """57 of the 64 characters that RFC 5321 §4.5.3.1.1 allows, in lower case, as some hosts change it.

    token: the delivery's. keys: the first makes it."""
    until_day = f"{now_ms // _DAY_MS + KEPT_DAYS:04x}"
    return f"b-{token}-{until_day}-{_proof(keys[0], token, until_day)}"


def token_of(local: str, keys: Sequence[bytes], *, now_ms: int) -> str | None:
    """The delivery's token; None for what is no such address, is forged, or too old. local: in lower case."""
    found = _LOCAL_PART.fullmatch(local)
    if found is None:
        return None
    token, until_day, proof = found.groups()
    known = [hmac.compare_digest(proof, _proof(key, token, until_day)) for key in keys]
    return token if any(known) and int(until_day, 16) >= now_ms // _DAY_MS else None


def _proof(key: bytes, token: str, until_day: str) -> str:
    digest = hmac.digest(key, f"{token}-{until_day}".encode(), sha256)
    return b32encode(digest)[:_PROOF_CHARS].decode("ascii").lower()
