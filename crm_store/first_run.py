"""An installation that has no user yet gets its first one by a link that whoever starts it reads off the terminal."""

import secrets
from dataclasses import dataclass

from peewee import fn

from crm_store import locations, members, users
from crm_store.access import hash_token
from crm_store.database.session import writing
from crm_store.errors import NotFound
from crm_store.locations import LocationSettings
from crm_store.models.people import User
from crm_store.models.web import FirstRunLink, InstallationAdmin
from crm_store.rules.states import Role
from crm_store.users import UserSettings


@dataclass(frozen=True, slots=True)
class FirstPeople:
    """location_name and name as people read them; email: the login. password_hash: users.hash_password()."""

    location_name: str
    name: str
    email: str
    password_hash: str
    locale: str
    time_zone: str


def new_link(*, now_ms: int) -> str | None:
    """The token of a new link, in place of an older one; None where there is a user already."""
    token = secrets.token_urlsafe(32)
    with writing():
        FirstRunLink.delete().execute()
        if _has_users():
            return None
        FirstRunLink.create(token_hash=hash_token(token), created_at_ms=now_ms)
    return token


def is_awaited() -> bool:
    """Nobody can sign in yet."""
    return not _has_users()


def check(token: str) -> None:
    """Raises: NotFound for a link that is over."""
    if _has_users() or not FirstRunLink.select().where(FirstRunLink.token_hash == hash_token(token)).exists():
        raise NotFound("this link is used, or was replaced")


def finish(token: str, said: FirstPeople, *, domain: str, now_ms: int) -> int:
    """Make the location and its admin, who also runs the installation; the user's id. domain: of BCC addresses.

    Of two at once one wins. Raises: NotFound for a link that is over; Invalid, and then the link stays."""
    with writing():
        # The row is whose turn it is: who comes second finds it gone.
        if not FirstRunLink.delete().where(FirstRunLink.token_hash == hash_token(token)).execute() or _has_users():
            raise NotFound("this link is used, or was replaced")
        about = UserSettings(said.name, locale=said.locale)
        user = users.add(said.email, about, password_hash=said.password_hash, by=None, now_ms=now_ms)
        InstallationAdmin.create(user_id=user.id, created_at_ms=now_ms)
        place = LocationSettings(said.location_name, locale=said.locale, time_zone=said.time_zone)
        location_id = locations.add(place, by=user.id, now_ms=now_ms).id
        members.put(location_id, user.id, Role.ADMIN, domain=domain, by=user.id, now_ms=now_ms)
    return user.id


def _has_users() -> bool:
    return User.select(fn.MAX(User.id)).scalar() is not None
