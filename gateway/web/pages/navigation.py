"""Which pages there are to go to. What is not made yet is not named."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crm_store import capture_counts, conversations
from crm_store.rules.states import CaptureState, Role
from gateway.web.pages.reader import say

if TYPE_CHECKING:
    from gateway.web.pages.asking import Session


def _held(session: "Session") -> str:
    """How many captures wait for a decision; "" for none."""
    assert session.location is not None, "a queue is of a location"
    count = capture_counts.in_states(session.location.id, [CaptureState.HELD])[CaptureState.HELD]
    return session.reader.number_up_to(count, capture_counts.MOST_COUNTED) if count else ""


def _unread(session: "Session") -> str:
    """In how many conversations something is unread; "" for none."""
    assert session.location is not None, "conversations are of a location"
    count = conversations.how_many_unread(session.here, session.location.id)
    return session.reader.number_up_to(count, conversations.MOST_UNREAD_COUNTED) if count else ""


_OPERATORS, _ADMINS = frozenset({Role.OPERATOR, Role.ADMIN}), frozenset({Role.ADMIN})


@dataclass(frozen=True, slots=True)
class Place:
    """title: to be translated. path: below the location's. also: paths of pages that belong to it as well. roles: whose
    it is. waiting: how much waits there, "" for nothing, at a cost that has an end."""

    title: str
    path: str
    roles: frozenset[Role] = frozenset(Role)
    waiting: "Callable[[Session], str] | None" = None
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Link:
    """waiting: as a Place says it."""

    title: str
    address: str
    is_here: bool
    waiting: str


# Where somebody begins in a location.
BEGIN = "conversations"
MAIN: tuple[Place, ...] = (
    Place(say("Conversations"), "conversations", waiting=_unread, also=("threads", "entries")),
    Place(say("Contacts"), "contacts"),
    Place(say("Capture queue"), "queue", _OPERATORS, _held),
    Place(say("My captures"), "captures", frozenset({Role.USER})),
    Place(say("Outbox"), "outbox", also=("compose", "drafts")),
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
    location_id = session.location.id
    here = session.visit.path.partition("?")[0]
    return [
        Link(
            title=session.reader.gettext(place.title),
            address=in_location(location_id, place.path),
            is_here=any(
                f"{here}/".startswith(f"{in_location(location_id, path)}/") for path in (place.path, *place.also)
            ),
            waiting=place.waiting(session) if place.waiting is not None else "",
        )
        for place in places
        if session.role in place.roles
    ]
