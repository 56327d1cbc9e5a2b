"""A user's own e-mails in a location, and what holds them up."""

from crm_store.database.rows import tuples
from crm_store.live_marks.place import Facts, Place
from crm_store.models.connections import Connection
from crm_store.models.outbox import Email, OutboxLane
from crm_store.outbox import NOT_NOTICE
from crm_store.paging import Order, along

_SHOWN = 50


def facts(places: list[Place], _now_ms: int) -> Facts:
    columns = (Email.id, Email.state, Email.reason, Email.waiting, Email.sending, Email.sent, Email.not_before_ms)
    for place in places:
        own = Order(
            [(Email.location_id, place.location_id), (Email.user_id, place.user_id)], [Email.id], newest_first=True
        )
        newest = list(tuples(along(Email.select(*columns).where(NOT_NOTICE), own, limit=_SHOWN)))
        yield place, (newest, _lanes(place.user_id))


def _lanes(user_id: int) -> list[object]:
    """Of a user's accounts; they are few."""
    lanes = (
        OutboxLane.select(OutboxLane.id, OutboxLane.reason, OutboxLane.paused_until_ms)
        .join(Connection, on=(Connection.id == OutboxLane.connection_id))
        .where(Connection.user_id == user_id, Connection.replaced_at_ms.is_null())
        .order_by(Connection.place_id)
    )
    return list(tuples(lanes))
