"""Which pages there are to go to. What is not made yet is not named."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from crm_store.rules.states import Role
from gateway.web.pages.reader import say

if TYPE_CHECKING:
    from gateway.web.pages.asking import Session

_OPERATORS, _ADMINS = frozenset({Role.OPERATOR, Role.ADMIN}), frozenset({Role.ADMIN})


@dataclass(frozen=True, slots=True)
class Place:
    """title: to be translated. path: below the location's. roles: whose it is."""

    title: str
    path: str
    roles: frozenset[Role] = frozenset(Role)


@dataclass(frozen=True, slots=True)
class Link:
    title: str
    address: str
    is_here: bool


MAIN: tuple[Place, ...] = (
    Place(say("Settings"), "settings"),
    Place(say("Location settings"), "admin", _OPERATORS),
)
PROFILE: tuple[Place, ...] = (
    Place(say("General"), "settings/general"),
    Place(say("Email Two Way Sync"), "settings/email"),
    Place(say("Sign-in and security"), "settings/security"),
)
ADMIN: tuple[Place, ...] = (
    Place(say("Location"), "admin/location", _ADMINS),
    Place(say("Members"), "admin/members", _ADMINS),
    Place(say("Senders"), "admin/senders", _OPERATORS),
    Place(say("E-mail provider"), "admin/provider", _ADMINS),
    Place(say("Audit"), "admin/audit", _ADMINS),
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


def admin_tabs(session: "Session") -> list[Link]:
    """The tabs of Settings › the location that are theirs."""
    return _links(session, ADMIN)


def _links(session: "Session", places: tuple[Place, ...]) -> list[Link]:
    if session.location is None:
        return []
    here = session.visit.path.partition("?")[0]
    return [
        Link(session.reader.gettext(place.title), address, here == address or here.startswith(f"{address}/"))
        for place in places
        if session.role in place.roles
        for address in [in_location(session.location.id, place.path)]
    ]
