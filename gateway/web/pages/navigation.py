"""Which pages there are to go to. What is not made yet is not named."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gateway.web.pages.reader import say

if TYPE_CHECKING:
    from gateway.web.pages.asking import Session


@dataclass(frozen=True, slots=True)
class Place:
    """title: to be translated. path: below the location's. also: paths of pages that belong to it as well."""

    title: str
    path: str
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Link:
    title: str
    address: str
    is_here: bool


MAIN: tuple[Place, ...] = (
    Place(say("Conversations"), "conversations", also=("threads", "entries")),
    Place(say("Contacts"), "contacts"),
    Place(say("Settings"), "settings"),
)
PROFILE: tuple[Place, ...] = (
    Place(say("General"), "settings/general"),
    Place(say("Email Two Way Sync"), "settings/email"),
    Place(say("Sign-in and security"), "settings/security"),
)


def in_location(location_id: int, path: str = "") -> str:
    """The address of a page of a location."""
    return f"/l/{location_id}/{path}"


def main_menu(session: "Session") -> list[Link]:
    """None outside of a location."""
    return _links(session, MAIN)


def profile_tabs(session: "Session") -> list[Link]:
    """The tabs of Settings › My profile."""
    return _links(session, PROFILE)


def _links(session: "Session", places: tuple[Place, ...]) -> list[Link]:
    if session.location is None:
        return []
    location_id = session.location.id
    here = session.visit.path.partition("?")[0]
    return [
        Link(
            session.reader.gettext(place.title),
            in_location(location_id, place.path),
            any(f"{here}/".startswith(f"{in_location(location_id, path)}/") for path in (place.path, *place.also)),
        )
        for place in places
    ]
