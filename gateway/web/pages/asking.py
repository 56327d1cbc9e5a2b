"""Who is asking for a page: the session of a browser, what its user may see, and how to speak to them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property

from crm_store import locations, users, web_sessions
from crm_store.access import Access
from crm_store.database.session import connected
from crm_store.locations import LocationView
from crm_store.rules.states import Role
from crm_store.users import UserView
from gateway.web.pages.reader import Reader, zone_of
from gateway.web.pages.site import Site
from gateway.web.pages.visit import Visit


@dataclass(frozen=True)
class Session:
    """Somebody who is signed in, for the length of one request.

    location: the one that the page's address names; None on pages that are of no location. role: theirs in it."""

    id: int
    visit: Visit
    access: Access
    user: UserView
    reader: Reader
    location: LocationView | None
    role: Role | None

    @property
    def site(self) -> Site:
        return self.visit.site

    @property
    def form_token(self) -> str:
        return self.visit.form_token

    @property
    def here(self) -> Access:
        """Who asks, seeing this location alone: on its pages the ids of another one of theirs name nothing."""
        assert self.location is not None, "the page is of a location"
        assert self.role is not None, "who sees a location has a role there"
        return Access(self.access.user_id, {self.location.id: self.role})

    @cached_property
    def initials(self) -> str:
        words = self.user.settings.name.split()
        return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper()


# As in gateway/web/asking.py: the database is opened inside the endpoint, in its one thread.
@contextmanager
def signed_in(visit: Visit, location_id: int | None = None, at_least: Role = Role.USER) -> Iterator[Session]:
    """A database connection for the block, and who asks.

    location_id: as the page's address says. Whoever runs the installation sees no location either, unless a member.
    Raises: Unauthenticated (a page's route answers with the way to sign in), NotFound, Forbidden, StoreUnavailable."""
    with connected():
        signed = web_sessions.by_token(visit.secret, now_ms=visit.now_ms)
        access = signed.access
        location = None
        if location_id is not None:
            location = locations.get(access, access.reader_of(location_id, at_least))
        user = users.get(access, access.user_id)
        own, theirs = user.settings, location.settings if location else None
        zone = zone_of(own.time_zone, theirs.time_zone if theirs else None)
        reader = Reader(own.locale or visit.language, zone, visit.now_ms)
        role = access.roles[location_id] if location_id is not None else None
        yield Session(signed.session_id, visit, access, user, reader, location, role)
