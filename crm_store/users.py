"""People who work here, and the addresses that are theirs."""

from dataclasses import asdict, dataclass, replace
from operator import attrgetter
from typing import Any

from argon2 import PasswordHasher
from peewee import IntegrityError

from crm_store import audit, digest_plans, locations, typed_address
from crm_store.access import Access, roles_of
from crm_store.database.session import writing
from crm_store.errors import Conflict, Forbidden, Invalid, NotFound
from crm_store.models.people import Identity, User
from crm_store.rules.address import fold_identity, normalise
from crm_store.rules.states import IdentityOrigin, Role

MIN_PASSWORD_LENGTH = 10
MAX_IDENTITIES = 200
MAX_PASSWORD_LENGTH = 1000  # argon2 hashes any length; a megabyte is somebody trying to keep us busy


@dataclass(frozen=True, slots=True)
class UserSettings:
    """What a user says of themselves. locale, time_zone: None for the browser's and the location's.

    queue_digest: a mail a day while something waits in a capture queue that they decide about."""

    name: str
    locale: str | None = None
    time_zone: str | None = None
    signature: str = ""
    undo_s: int = 10
    queue_digest: bool = True


@dataclass(frozen=True, slots=True)
class IdentityView:
    address: str
    origin: IdentityOrigin


@dataclass(frozen=True, slots=True)
class UserView:
    id: int
    email: str
    settings: UserSettings
    identities: list[IdentityView]


def add(email: str, settings: UserSettings, *, password_hash: str | None, by: int | None, now_ms: int) -> UserView:
    """Make a user; the login is their first identity. password_hash: None for one who can't sign in by password.

    Raises: Invalid, Conflict."""
    shown, normal = typed_address.check(email, "email")
    checked = _checked(settings)
    try:
        with writing():
            row = User.create(
                email=shown,
                email_normal=normal,
                password_hash=password_hash,
                created_at_ms=now_ms,
                **_columns(asdict(checked), now_ms),
            )
            Identity.create(
                user_id=row.id,
                address=shown,
                folded=fold_identity(shown),
                origin=IdentityOrigin.LOGIN,
                created_at_ms=now_ms,
            )
            audit.write("user.add", f"user {row.id}", by=by, now_ms=now_ms)
    except IntegrityError as error:
        raise Conflict(f"a user with the e-mail {shown} exists already") from error
    return _view(row)


def known(email: str) -> UserView | None:
    """Who signs in with this address; None where nobody does. Raises: Invalid."""
    _, normal = typed_address.check(email, "email")
    row: User | None = User.get_or_none(User.email_normal == normal)
    return None if row is None else _view(row)


def get(access: Access, user_id: int) -> UserView:
    """Oneself; anybody for an installation admin; members of a location for its admins. Raises: NotFound."""
    if not (user_id == access.user_id or access.installation_admin or _administers(access, user_id)):
        raise NotFound("no such user")
    return _view(_row(user_id))


def change(access: Access, user_id: int, changes: dict[str, Any], *, now_ms: int) -> UserView:
    """changes: fields of UserSettings. Raises: NotFound, Forbidden, Invalid."""
    get(access, user_id)
    if not (user_id == access.user_id or access.installation_admin):
        raise Forbidden("only they themselves may change this")
    with writing():
        before = _view(_row(user_id)).settings
        checked = _checked(replace(before, **changes))
        # Only these: somebody else may be changing other fields.
        changed = {field: value for field, value in asdict(checked).items() if field in changes}
        if changed:
            User.update(**_columns(changed, now_ms)).where(User.id == user_id).execute()
        if checked.time_zone != before.time_zone:
            digest_plans.user_moved(user_id)
        audit.write("user.change", f"user {user_id}", by=access.user_id, now_ms=now_ms)
        return _view(_row(user_id))


def of_link(user_id: int) -> UserView:
    """For whoever has a link that was made for this user alone. Raises: NotFound."""
    return _view(_row(user_id))


def end_digest(user_id: int, *, now_ms: int) -> UserView:
    """Whoever has the link that a digest holds may do this. Raises: NotFound."""
    with writing():
        User.update(digest_off_at_ms=now_ms).where(User.id == user_id, User.digest_off_at_ms.is_null()).execute()
        audit.write("user.change", f"user {user_id}", by=user_id, now_ms=now_ms, why="a digest's link")
    return _view(_row(user_id))


def find(reference: str) -> int:
    """The id of a user who is named by id or e-mail. Raises: NotFound."""
    if reference.isdecimal():
        return int(_row(int(reference)).id)
    row: User | None = User.get_or_none(User.email_normal == normalise(reference))
    if row is None:
        raise NotFound(f"no user {reference}")
    return int(row.id)


def hash_password(password: str) -> str:
    """Slow on purpose: call it before a transaction, never inside one. Raises: Invalid."""
    if not MIN_PASSWORD_LENGTH <= len(password) <= MAX_PASSWORD_LENGTH:
        raise Invalid("password", f"has at least {MIN_PASSWORD_LENGTH} characters")
    return PasswordHasher().hash(password)


def _administers(access: Access, user_id: int) -> bool:
    mine = {location_id for location_id, role in access.roles.items() if role is Role.ADMIN}
    return not mine.isdisjoint(roles_of(user_id))


def _row(user_id: int) -> User:
    row: User | None = User.get_or_none(User.id == user_id)
    if row is None:
        raise NotFound(f"no user {user_id}")
    return row


def _view(row: User) -> UserView:
    identities = Identity.select().where(Identity.user_id == row.id).limit(MAX_IDENTITIES)
    return UserView(
        id=row.id,
        email=row.email,
        settings=UserSettings(
            row.name, row.locale, row.time_zone, row.signature, row.undo_s, row.digest_off_at_ms is None
        ),
        identities=[
            IdentityView(identity.address, IdentityOrigin(identity.origin))
            for identity in sorted(identities, key=attrgetter("id"))
        ],
    )


# Any: columns' values.
def _columns(settings: dict[str, Any], now_ms: int) -> dict[str, Any]:
    columns = dict(settings)
    if "queue_digest" in columns:
        columns["digest_off_at_ms"] = None if columns.pop("queue_digest") else now_ms
    return columns


def _checked(settings: UserSettings) -> UserSettings:
    name = settings.name.strip()
    if not 1 <= len(name) <= 200:
        raise Invalid("name", "has 1 to 200 characters")
    if settings.locale is not None and settings.locale not in locations.LOCALES:
        raise Invalid("locale", f"is one of {', '.join(locations.LOCALES)}")
    if settings.time_zone is not None:
        locations.check_time_zone(settings.time_zone)
    if len(settings.signature) > 10_000:
        raise Invalid("signature", "has at most 10000 characters")
    if not 0 <= settings.undo_s <= 120:
        raise Invalid("undo_s", "is 0 to 120")
    return replace(settings, name=name)
