"""The capture queue of a location, and a user's own captures."""

from collections import defaultdict

from peewee import Field

from crm_store import capture_counts
from crm_store.database.rows import tuples
from crm_store.live_marks.place import Facts, Place
from crm_store.models.captures import AuditRow, Capture, CaptureRecipient
from crm_store.paging import Order, along
from crm_store.rules.states import CaptureState

# What is in one of these is moved on by a worker or by an operator, and is what operators look at.
_FOLLOWED = (CaptureState.HELD, CaptureState.FAILED, CaptureState.RECEIVED)
_OWN_SHOWN = 50


def of_queues(places: list[Place], _now_ms: int) -> Facts:
    """The same for all who look at a location's queue. What people did is in its audit log."""
    by_location: dict[int, list[Place]] = defaultdict(list)
    for place in places:
        by_location[place.location_id].append(place)
    for location_id, watching in by_location.items():
        waiting = [capture_counts.newest(location_id, state) for state in _FOLLOWED]
        latest = [_latest(Capture.location_id, Capture.id, location_id)]
        latest.append(_latest(AuditRow.location_id, AuditRow.id, location_id))
        for place in watching:
            yield place, (waiting, latest)


def of_users(places: list[Place], _now_ms: int) -> Facts:
    for place in places:
        whose = [(CaptureRecipient.user_id, place.user_id), (CaptureRecipient.location_id, place.location_id)]
        own = CaptureRecipient.select(CaptureRecipient.capture_id, Capture.state).join(
            Capture, on=(Capture.id == CaptureRecipient.capture_id)
        )
        newest = along(own, Order(whose, [CaptureRecipient.capture_id], newest_first=True), limit=_OWN_SHOWN)
        yield place, list(tuples(newest))


def _latest(location: "Field[int | None]", key: "Field[int]", location_id: int) -> list[int]:
    """The id of a location's latest row in that table; empty where it has none."""
    query = location.model.select(key)
    order = Order([(location, location_id)], [key], newest_first=True)
    return [row_id for (row_id,) in tuples(along(query, order, limit=1))]
