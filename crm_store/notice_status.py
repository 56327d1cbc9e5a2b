"""Whether the product can mail its own people."""

from dataclasses import dataclass

from peewee import JOIN

from crm_store.database.rows import tuples
from crm_store.models.people import Location
from crm_store.models.providers import LocationProvider

MOST_LOOKED_AT = 1000
_MOST_NAMED = 5


@dataclass(frozen=True, slots=True)
class NoticeStatus:
    """without_provider: locations that have none, the first ones; is_partial: there are more, or were not looked at."""

    without_provider: list[int]
    is_partial: bool


def status() -> NoticeStatus:
    """Of the first MOST_LOOKED_AT locations."""
    first = Location.select(Location.id).order_by(Location.id).limit(MOST_LOOKED_AT + 1)
    rows = list(
        tuples(
            first.join(LocationProvider, JOIN.LEFT_OUTER, on=(LocationProvider.location_id == Location.id)).select(
                Location.id, LocationProvider.id
            )
        )
    )
    without = [location_id for location_id, provider_id in rows if provider_id is None]
    return NoticeStatus(without[:_MOST_NAMED], len(without) > _MOST_NAMED or len(rows) > MOST_LOOKED_AT)
