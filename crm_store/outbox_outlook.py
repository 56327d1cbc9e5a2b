"""What a user should know before they write an individual e-mail: by what it would go, and when (E1, E3, E8, A5)."""

from __future__ import annotations

from dataclasses import dataclass

from crm_store import outbox_lanes, outbox_limits
from crm_store.errors import Invalid
from crm_store.models.connections import Connection
from crm_store.rules.connection import ConnectionState
from crm_store.rules.outbox import EmailKind, LaneKind


@dataclass(frozen=True, slots=True)
class Outlook:
    """address: whose it would be by default; "" where only the user's login is known. needs_reauth: it would wait until
    its user has signed in with Google again. waits_until_ms: for the daily limit; None where it would go at once."""

    by: LaneKind
    address: str
    needs_reauth: bool
    waits_until_ms: int | None


def outlook(location_id: int, user_id: int, *, now_ms: int) -> Outlook | None:
    """None where there is nothing to send by: refused (E8)."""
    try:
        way = outbox_lanes.way_for(location_id, user_id, EmailKind.INDIVIDUAL, from_address=None, in_mailboxes=[])
    except Invalid:
        return None
    if way.connection_id is None:
        return Outlook(way.kind, way.address, False, None)
    state = Connection.get_by_id(way.connection_id).state
    waits_until_ms = outbox_limits.room_at_ms(way.connection_id, now_ms=now_ms)
    return Outlook(way.kind, way.address, state == ConnectionState.NEEDS_REAUTH, waits_until_ms)
