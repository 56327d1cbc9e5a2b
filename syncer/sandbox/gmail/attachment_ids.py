"""Attachment ids: another one at each get, and none for ever (facts/gmail.md 1.2)."""

import hashlib
import hmac
import secrets
import struct

from syncer.sandbox.api.schema import base64url, base64url_bytes
from syncer.sandbox.store import Store

VALID_MS = 600_000
_LAYOUT = struct.Struct(">IQ6s")  # position, time, chance
_MAC_BYTES = 16


def issue(store: Store, message_id: str, position: int, now_ms: int, chance: bytes) -> str:
    """chance: six bytes, so that no two ids are the same."""
    told = _LAYOUT.pack(position, now_ms, chance)
    return base64url(told + _mac(store, message_id, told)).rstrip("=")


def position_of(store: Store, message_id: str, attachment_id: str, now_ms: int) -> int | None:
    """None for an id that is too old, another message's, or none of ours."""
    try:
        data = base64url_bytes(attachment_id)
        told, mac = data[: _LAYOUT.size], data[_LAYOUT.size :]
        position, issued_at_ms, _ = _LAYOUT.unpack(told)
    except (ValueError, struct.error):
        return None
    if not hmac.compare_digest(mac, _mac(store, message_id, told)) or now_ms - issued_at_ms > VALID_MS:
        return None
    return int(position)


def _mac(store: Store, message_id: str, told: bytes) -> bytes:
    key = store.secret("attachment ids", secrets.token_bytes(32))
    return hmac.digest(key, message_id.encode() + told, hashlib.sha256)[:_MAC_BYTES]
