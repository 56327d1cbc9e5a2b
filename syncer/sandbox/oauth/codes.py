"""Authorization codes: single use, ten minutes, bound to client, redirect URI and challenge (RFC 6749, RFC 7636)."""

import base64
import hashlib
import json
import secrets
from collections.abc import Iterable
from dataclasses import dataclass

from syncer.sandbox.oauth.grants import Grant
from syncer.sandbox.store import Store

_VALID_MS = 600_000


@dataclass(frozen=True, slots=True)
class Code:
    """challenge: "" where the client sent none. offline: whether a refresh token comes of it."""

    grant_id: int
    redirect_uri: str
    scopes: frozenset[str]
    challenge: str
    challenge_method: str
    nonce: str
    offline: bool


def issue(
    store: Store,
    grant: Grant,
    redirect_uri: str,
    scopes: Iterable[str],
    *,
    challenge: str,
    challenge_method: str,
    nonce: str,
    offline: bool,
    now_ms: int,
) -> str:
    code = f"4/{secrets.token_urlsafe(48)}"
    store.run("delete from codes where expires_at_ms < ?", now_ms)
    store.run(
        "insert into codes values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        code,
        grant.id,
        redirect_uri,
        json.dumps(sorted(scopes)),
        challenge,
        challenge_method,
        nonce,
        int(offline),
        now_ms + _VALID_MS,
    )
    return code


def redeem(store: Store, code: str, now_ms: int) -> Code | None:
    """Whatever comes of it, it is used up. None for an unknown, used or expired one."""
    row = store.row("delete from codes where code = ? returning *", code)
    if row is None or row["expires_at_ms"] <= now_ms:
        return None
    return Code(
        row["grant_id"],
        row["redirect_uri"],
        frozenset(json.loads(row["scopes"])),
        row["challenge"],
        row["challenge_method"],
        row["nonce"],
        bool(row["offline"]),
    )


def proves(code: Code, verifier: str) -> bool:
    """RFC 7636 §4.6. A verifier where no challenge was is wrong, too."""
    if not code.challenge:
        return not verifier
    if code.challenge_method == "plain":
        return secrets.compare_digest(code.challenge.encode(), verifier.encode())
    digest = hashlib.sha256(verifier.encode()).digest()
    expected = base64.urlsafe_b64encode(digest).rstrip(b"=")
    return secrets.compare_digest(code.challenge.encode(), expected)
