"""What becomes of mail that waits when what it was to go through ends (A3, A4, E8, G4). Each is called in the
transaction that ends it: so nothing waits for what will never come, and nothing is dropped without a word."""

from collections.abc import Iterable

from peewee import SQL

from crm_store.database.engine import on_sqlite
from crm_store.database.rows import tuples
from crm_store.database.session import writing
from crm_store.models.connections import Connection
from crm_store.models.outbox import Delivery, Email, OutboxLane
from crm_store.outbox_steps import attempt
from crm_store.rules.connection import LIVE, ConnectionState
from crm_store.rules.outbox import OutboxReason, OutboxStep

# Literals, as in the indexes.
_WAITS = Delivery.state == SQL("'waiting'")
_IS_UNKNOWN = Delivery.state == SQL("'unknown'")
_IS_SHOWN = Email.kind != SQL("'notice'")
_OPEN = SQL("\"state\" IN ('waiting', 'sending', 'unknown')")


def connection_replaced(connection_id: int) -> None:
    """A3: what waits would leave as somebody else. What is unknown is still looked for until its last sync is over."""
    _fail(_of(connection_id, _WAITS), OutboxReason.ACCOUNT_REPLACED)


def connection_ended(connection_id: int) -> None:
    """A4, E8. Nobody can look for what is unknown any more: its user says what became of it."""
    _fail(_of(connection_id, _WAITS), OutboxReason.DISCONNECTED)
    for delivery_id in _of(connection_id, _IS_UNKNOWN):
        attempt(delivery_id, OutboxStep.UNSURE, OutboxReason.DISCONNECTED)


def ended_meanwhile(connection_id: int) -> None:
    """What was under way when its connection ended, and was put back since, waits for nobody. Safe to call always."""
    with writing():
        here = Connection.select(Connection.state).where(Connection.id == connection_id)
        ((state,),) = tuples(here.for_update(not on_sqlite()))
        if state == ConnectionState.REPLACED:
            connection_replaced(connection_id)
        elif state not in LIVE:
            connection_ended(connection_id)


def provider_removed(location_id: int) -> None:
    lanes = OutboxLane.select(OutboxLane.id).where(
        OutboxLane.location_id == location_id, OutboxLane.connection_id.is_null()
    )
    for (lane_id,) in list(tuples(lanes)):
        _fail(_in_lane(lane_id, _WAITS), OutboxReason.NO_PROVIDER)


def member_left(location_id: int, user_id: int) -> None:
    """G4."""
    theirs = Email.select(Email.id).where(Email.location_id == location_id, Email.user_id == user_id, _IS_SHOWN, _OPEN)
    for (email_id,) in list(tuples(theirs)):
        of_email = Delivery.select(Delivery.id).where(Delivery.email_id == email_id).order_by(Delivery.id)
        _fail([delivery_id for (delivery_id,) in tuples(of_email)], OutboxReason.LEFT_LOCATION)


def _of(connection_id: int, state: object) -> list[int]:
    lane = OutboxLane.select(OutboxLane.id).where(OutboxLane.connection_id == connection_id)
    return [one for (lane_id,) in list(tuples(lane)) for one in _in_lane(lane_id, state)]


def _in_lane(lane_id: int, state: object) -> list[int]:
    """state: a condition of peewee's, which has no type of its own."""
    found = Delivery.select(Delivery.email_id, Delivery.id).where(Delivery.lane_id == lane_id, state)
    # By e-mail, in which order all take their locks (outbox_steps).
    return [one for _, one in sorted(tuples(found.order_by(Delivery.due_at_ms, Delivery.id)))]


def _fail(delivery_ids: Iterable[int], reason: OutboxReason) -> None:
    """Those of them that wait; what is under way goes on: only its answer says what became of it."""
    for delivery_id in delivery_ids:
        attempt(delivery_id, OutboxStep.GIVE_UP, reason)
