"""What the pages of the two-way sync have in common."""

from typing import Any
from urllib.parse import urlsplit

from crm_store import connections, locations
from crm_store.access import Access
from crm_store.paging import PageRequest
from crm_store.rules.states import Role
from gateway.google.consent import CALLBACK_PATH
from gateway.web.pages.asking import Session
from gateway.web.pages.settings.connection_card import ConnectionCard, card

_SHOWN = 50


def own(session: Session) -> Access:
    """Nobody else's: mail is private, and these pages are about oneself, also for who runs the installation."""
    return Access(session.access.user_id, session.access.roles)


def cards(session: Session) -> list[ConnectionCard]:
    """The user's own, of all their locations; those that are over come last."""
    shown = connections.list_for(
        own(session), session.access.user_id, PageRequest(_SHOWN), now_ms=session.reader.now_ms
    )
    interval_s = session.site.settings.sync_interval_s
    return sorted((card(view, session.reader, interval_s) for view in shown.items), key=lambda one: not one.is_live)


def location_names(session: Session) -> dict[int, str]:
    """Of somebody's own locations, as far as they are shown."""
    mine = locations.list_for(own(session), PageRequest(_SHOWN))
    return {one.id: one.settings.name for one in mine.items}


# Any: what a template shows.
def set_up(session: Session) -> dict[str, Any]:
    """Whether this installation has a Google client; and for who may read what is missing, the way to register one."""
    settings = session.site.settings
    return {
        "google_is_set_up": settings.has_google_client,
        "is_admin": session.role is Role.ADMIN or session.access.installation_admin,
        "redirect_uri": settings.base_url + CALLBACK_PATH,
    }


def forms_end_at(session: Session) -> list[str]:
    """Where Connect and Update lead: browsers ask form-action about every step of the way."""
    parts = urlsplit(session.site.settings.google_auth_url)
    return [f"{parts.scheme}://{parts.netloc}"]
