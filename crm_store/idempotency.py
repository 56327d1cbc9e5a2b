"""POSTs that make something, made once: the answer to an Idempotency-Key is kept for 24 hours."""

import hashlib
from collections.abc import Callable
from typing import Any

from peewee import Expression

from crm_store.access import Access
from crm_store.database.session import writing
from crm_store.errors import Conflict, Invalid
from crm_store.models.captures import IdempotentReply

KEPT_MS = 86_400_000
MAX_KEY_LENGTH = 255

Reply = tuple[int, Any]  # HTTP status, and a body that is JSON


def once(access: Access, key: str | None, request: bytes, make: Callable[[], Reply], *, now_ms: int) -> Reply:
    """What make() replies; the same again for a retry under the same key. Without a key make() is simply called.

    request: method, path and body; the same key with another request is a mistake.
    Raises: Conflict for that, Invalid for an unusable key, and what make() raises; then the key stays free."""
    if key is None:
        return make()
    _require_usable(key)
    digest = hashlib.sha256(request).digest()
    mine = _of(access, key)
    with writing():
        IdempotentReply.delete().where(IdempotentReply.created_at_ms < now_ms - KEPT_MS).execute()
        # On PostgreSQL this waits for whoever is making the same thing at this moment, and then finds what they made.
        claimed = (
            IdempotentReply.insert(
                user_id=access.user_id, key=key, request_sha256=digest, status=0, body="", created_at_ms=now_ms
            )
            .on_conflict(action="NOTHING")
            .as_rowcount()
            .execute()
        )
        if not claimed:
            return _same(IdempotentReply.get(mine), digest)
        status, body = make()
        IdempotentReply.update(status=status, body=body).where(mine).execute()
        return status, body


def known(access: Access, key: str | None, request: bytes) -> Reply | None:
    """What was replied before; None where nothing was, or not yet. Raises: Conflict and Invalid, as once()."""
    if key is None:
        return None
    _require_usable(key)
    row = IdempotentReply.get_or_none(_of(access, key))
    return None if row is None else _same(row, hashlib.sha256(request).digest())


def _require_usable(key: str) -> None:
    if not 1 <= len(key) <= MAX_KEY_LENGTH:
        raise Invalid("Idempotency-Key", f"has 1 to {MAX_KEY_LENGTH} characters")


def _of(access: Access, key: str) -> Expression:
    return (IdempotentReply.user_id == access.user_id) & (IdempotentReply.key == key)


def _same(row: IdempotentReply, digest: bytes) -> Reply:
    if bytes(row.request_sha256) != digest:
        raise Conflict("this Idempotency-Key was used for another request")
    return row.status, row.body
