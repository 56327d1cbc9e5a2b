"""Users and the addresses that are theirs."""

from collections.abc import Iterable
from typing import Any, Literal, NotRequired

from pydantic import StrictBool, StrictInt, with_config
from typing_extensions import TypedDict

from crm_store.identities import PendingView
from crm_store.users import UserSettings, UserView
from gateway.web.shapes.fields import Body, Line, Shape, Text, Time, shown_time


class _Options(TypedDict, total=False):
    locale: Line | None
    time_zone: Line | None
    signature: Text
    undo_s: StrictInt
    queue_digest: StrictBool


@with_config(extra="forbid")
class NewUser(_Options):
    """What is not given has the defaults of UserSettings."""

    name: Line
    email: Line
    password: NotRequired[Line | None]


@with_config(extra="forbid")
class UserChanges(_Options, total=False):
    """Only what is given changes; locale and time_zone go back to the browser's and the location's with null."""

    name: Line


def settings_of(new: NewUser) -> UserSettings:
    said: dict[str, Any] = {field: value for field, value in new.items() if field not in ("email", "password")}
    return UserSettings(**said)  # Any: field by field checked by NewUser


class Identity(Shape):
    address: str
    origin: Literal["login", "alias", "gmail", "send_as"]


class NewIdentity(Body):
    address: Line


class PendingIdentity(Shape):
    """An address that was mailed, and has not answered. ends_at: until when its link works."""

    address: str
    asked_at: Time
    ends_at: Time


class User(Shape):
    id: str
    name: str
    email: str
    locale: str | None
    time_zone: str | None
    signature: str
    undo_s: int
    queue_digest: bool
    identities: list[Identity]
    pending_identities: list[PendingIdentity]


def pending_identity(view: PendingView) -> PendingIdentity:
    return PendingIdentity(
        address=view.address, asked_at=shown_time(view.asked_at_ms), ends_at=shown_time(view.ends_at_ms)
    )


def user(view: UserView, pending: Iterable[PendingView]) -> User:
    settings = view.settings
    return User(
        id=str(view.id),
        name=settings.name,
        email=view.email,
        locale=settings.locale,
        time_zone=settings.time_zone,
        signature=settings.signature,
        undo_s=settings.undo_s,
        queue_digest=settings.queue_digest,
        identities=[Identity(address=one.address, origin=one.origin.value) for one in view.identities],
        pending_identities=[pending_identity(one) for one in pending],
    )
