"""Which lane an e-mail takes: its sender's Gmail account, or the location's own provider (E1, E2, E8)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from peewee import SQL

from crm_store.database.engine import on_sqlite
from crm_store.database.prepared import PreparedInsert
from crm_store.database.rows import tuples
from crm_store.errors import Invalid
from crm_store.models.connections import Connection
from crm_store.models.outbox import Delivery, OutboxLane
from crm_store.models.people import Location
from crm_store.models.providers import LocationProvider
from crm_store.rules.address import fold_identity
from crm_store.rules.connection import LIVE, SYNCING
from crm_store.rules.outbox import EmailKind, LaneKind

HOW_TO_CONNECT = (
    "has no connected Gmail account: connect one under Settings > My profile > General > Email (2-way sync), "
    "or by POST /users/{id}/connections"
)
HOW_TO_GET_A_PROVIDER = (
    "takes an e-mail provider of the location: an admin sets one in the settings, or by PUT /locations/{id}/provider"
)
_MOST_CONNECTIONS = 100

_LANES = PreparedInsert(OutboxLane)


@dataclass(frozen=True, slots=True)
class Way:
    """How an e-mail leaves. connection_id: a row's, None of a provider. address: whose it is by default; "" where only
    its sender's login is known."""

    kind: LaneKind
    location_id: int
    connection_id: int | None
    address: str


def way_for(
    location_id: int, user_id: int, kind: EmailKind, *, from_address: str | None, in_mailboxes: Collection[int]
) -> Way:
    """An individual e-mail goes through the live connection whose own address is its sender's; else through one whose
    mailbox has the talk that it answers; else through the one that was connected in this location; else through the
    user's first. Of equals, one that works goes before one that waits for its user to sign in again (A5).

    in_mailboxes: rows' ids of connections. Raises: Invalid where there is none (E8)."""
    provider = Way(LaneKind.PROVIDER, location_id, None, "")
    if kind is not EmailKind.INDIVIDUAL:
        if kind is not EmailKind.NOTICE and not has_provider(location_id):
            raise Invalid("kind", HOW_TO_GET_A_PROVIDER)
        return provider
    live = Connection.select().where(
        Connection.user_id == user_id, Connection.replaced_at_ms.is_null(), Connection.state.in_(LIVE)
    )
    rows = list(live.order_by(Connection.place_id).limit(_MOST_CONNECTIONS))
    if rows:
        sender = fold_identity(from_address or "")
        best = max(
            rows,
            key=lambda row: (
                fold_identity(row.email) == sender,
                row.id in in_mailboxes,
                row.location_id == location_id,
                row.state in SYNCING,
                -row.id,
            ),
        )
        return Way(LaneKind.GMAIL, best.location_id, best.id, best.email)
    if Location.get_by_id(location_id).own_provider_for_individual and has_provider(location_id):
        return provider
    raise Invalid("user_id", HOW_TO_CONNECT)


def has_provider(location_id: int) -> bool:
    return LocationProvider.select(LocationProvider.id).where(LocationProvider.location_id == location_id).exists()


def lane_of(way: Way) -> int:
    """The lane's id; it is made where there is none. Call inside the transaction that queues: a connection that ends
    meanwhile fails what was queued, or is found to have ended. Raises: Invalid."""
    if way.connection_id is not None:
        here = Connection.select(Connection.id).where(Connection.id == way.connection_id, Connection.state.in_(LIVE))
        if here.for_update(not on_sqlite()).first() is None:
            raise Invalid("user_id", HOW_TO_CONNECT)
    made = _LANES.insert_new(kind=way.kind, connection_id=way.connection_id, location_id=way.location_id)
    if made is not None:
        return made
    mine = OutboxLane.connection_id == way.connection_id
    if way.connection_id is None:
        mine = (OutboxLane.location_id == way.location_id) & OutboxLane.connection_id.is_null()
    return int(OutboxLane.get(mine).id)


def front_ms(lane_id: int, *, now_ms: int) -> int:
    """When something is due that is to go before all that waits in the lane."""
    waits = Delivery.state == SQL("'waiting'")  # a literal, as in the index
    first = Delivery.select(Delivery.due_at_ms).where(Delivery.lane_id == lane_id, waits)
    found = first.order_by(Delivery.due_at_ms, Delivery.id).limit(1)
    return min([now_ms, *(int(at_ms) - 1 for (at_ms,) in tuples(found))])
