"""A5: whoever has to sign in with Google again reads so on every page."""

from crm_store import connections
from gateway.web.pages.asking import Session
from gateway.web.pages.navigation import in_location

_WHERE = "settings/email"


def lost_accounts(session: Session) -> tuple[list[str], str] | None:
    """Which accounts, and the page where it is done; None where there is none, and on that page, which says more."""
    here, locations = session.visit.path.partition("?")[0], session.access.location_ids()
    location_id = session.location.id if session.location else next(iter(locations), None)
    if location_id is None or here == in_location(location_id, _WHERE):
        return None
    lost = connections.lost(session.access)
    return (lost, in_location(location_id, _WHERE)) if lost else None
