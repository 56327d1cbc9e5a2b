"""In which language somebody is told something."""

from crm_store.access import Access
from crm_store.database.rows import tuples
from crm_store.models.people import Location, User


def locale_of(access: Access, location_id: int | None) -> str | None:
    """The asker's language, else the location's."""
    own = User.select(User.locale).where(User.id == access.user_id)
    locations = Location.select(Location.locale).where(Location.id == location_id)
    return next((locale for query in (own, locations) for (locale,) in tuples(query) if locale), None)
