"""POSTs that make something, made once: the answer to an Idempotency-Key is kept for 24 hours."""

import hashlib
from collections.abc import Callable
from typing import Any

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
    if not 1 <= len(key) <= MAX_KEY_LENGTH:
        raise Invalid("Idempotency-Key", f"has 1 to {MAX_KEY_LENGTH} characters")
    digest = hashlib.sha256(request).digest()
    mine = (IdempotentReply.user_id == access.user_id) & (IdempotentReply.key == key)
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
            known = IdempotentReply.get(mine)
            if bytes(known.request_sha256) != digest:
                raise Conflict("this Idempotency-Key was used for another request")
            return known.status, known.body
        status, body = make()
        IdempotentReply.update(status=status, body=body).where(mine).execute()
        return status, body
