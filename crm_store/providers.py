"""A location's own e-mail provider: kept by its admins, read by what sends (E2). Its password is sealed, and told to
nobody."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from ipaddress import ip_address

from crm_store import audit, locations, typed_address
from crm_store.access import Access
from crm_store.database.session import writing
from crm_store.errors import Invalid, NotFound
from crm_store.models.outbox import OutboxLane
from crm_store.models.providers import LocationProvider
from crm_store.rules.provider import MOST_PER_MINUTE, ProviderTls, is_reachable, next_slot_ms
from crm_store.sealing import SealedAt, Sealer

_HOST = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_-]{0,62})(\.[A-Za-z0-9_-]{1,63}){0,20}\.?")
_MOST_CHARS = 500


@dataclass(frozen=True, slots=True)
class ProviderSettings:
    """What an admin sets. user: None for a relay that asks for none. from_address: None for who the mail's user is."""

    host: str
    port: int
    tls: ProviderTls
    user: str | None = None
    per_minute: int | None = None
    from_address: str | None = None


@dataclass(frozen=True, slots=True)
class ProviderView:
    """problem: the reason (rules.outbox) for which its mail waits, None where it does not; detail: what it said."""

    settings: ProviderSettings
    has_password: bool
    problem: str | None
    detail: str


@dataclass(frozen=True, slots=True)
class Relay:
    """How it is signed in to. changed_at_ms: tells one that was changed since from one that was not."""

    location_id: int
    settings: ProviderSettings
    password: str | None = field(repr=False)
    changed_at_ms: int


def put(
    access: Access,
    location_id: int,
    settings: ProviderSettings,
    password: str | None,
    sealer: Sealer,
    *,
    private_allowed: bool,
    now_ms: int,
) -> ProviderView:
    """What waits for it is tried at once. password: None keeps the one there is, if host and user stay: else whoever
    may change the host could have it sent there. Raises: NotFound, Forbidden, Invalid."""
    access.manager_of(location_id)
    checked = _checked(settings, password, private_allowed=private_allowed)
    with writing():
        locations.require(location_id)
        row = LocationProvider.get_or_none(LocationProvider.location_id == location_id)
        kept = None if row is None else row.password
        stays = row is not None and (row.host, row.login) == (checked.host, checked.user)
        if checked.user is not None and password is None and not (stays and kept):
            raise Invalid("password", "is needed with this host and user")
        columns = {
            "host": checked.host,
            "port": checked.port,
            "tls": checked.tls,
            "login": checked.user,
            "per_minute": checked.per_minute,
            "from_address": checked.from_address,
            "free_from_ms": 0,
            "changed_at_ms": now_ms if row is None else max(now_ms, row.changed_at_ms + 1),
        }
        if row is None:
            row = LocationProvider.create(location_id=location_id, **columns)
        else:
            LocationProvider.update(**columns).where(LocationProvider.id == row.id).execute()
        if checked.user is None or password is not None:
            sealed = None if checked.user is None or password is None else sealer.seal(password, _sealed_at(row.id))
            LocationProvider.update(password=sealed).where(LocationProvider.id == row.id).execute()
        wake(location_id, now_ms=now_ms)
        _audit("provider.put", access, location_id, now_ms)
    return get(access, location_id)


def get(access: Access, location_id: int) -> ProviderView:
    """Raises: NotFound where there is none, Forbidden."""
    access.manager_of(location_id)
    row = _row(location_id)
    lane: OutboxLane | None = OutboxLane.get_or_none(
        OutboxLane.location_id == location_id, OutboxLane.connection_id.is_null()
    )
    return ProviderView(
        _settings(row),
        row.password is not None,
        None if lane is None else lane.reason,
        "" if lane is None else lane.detail,
    )


def remove(access: Access, location_id: int, *, now_ms: int) -> None:
    """What waits for it fails, and its text is kept (E8). Raises: NotFound, Forbidden."""
    access.manager_of(location_id)
    with writing():
        LocationProvider.delete().where(LocationProvider.id == _row(location_id).id).execute()
        wake(location_id, now_ms=now_ms)
        _audit("provider.remove", access, location_id, now_ms)


def is_set(location_id: int) -> bool:
    return LocationProvider.select(LocationProvider.id).where(LocationProvider.location_id == location_id).exists()


def sender_of(location_id: int) -> str | None:
    """Who its mail is from where nobody says; None for the mail's user, and where there is no provider."""
    row: LocationProvider | None = LocationProvider.get_or_none(LocationProvider.location_id == location_id)
    return None if row is None else row.from_address


def relay_of(location_id: int, sealer: Sealer) -> Relay | None:
    """None where the location has none. Raises: Unopenable."""
    row: LocationProvider | None = LocationProvider.get_or_none(LocationProvider.location_id == location_id)
    if row is None:
        return None
    password = None if row.password is None else sealer.open(row.password, _sealed_at(row.id))
    return Relay(location_id, _settings(row), password, row.changed_at_ms)


@dataclass(frozen=True, slots=True)
class Slots:
    """So many mails may go now by the provider's rate. free_at_ms: where none may, when the next one may."""

    count: int
    free_at_ms: int


def take_slots(location_id: int, most: int, *, now_ms: int) -> Slots:
    """At most so many. Over all processes. Raises: NotFound where the provider is gone."""
    row = _row(location_id)
    if row.per_minute is None:
        return Slots(most, now_ms)
    free_from_ms, count = int(row.free_from_ms), 0
    while count < most and free_from_ms <= now_ms:
        free_from_ms = next_slot_ms(free_from_ms, row.per_minute, now_ms=now_ms)
        count += 1
    if count:
        with writing():
            LocationProvider.update(free_from_ms=free_from_ms).where(LocationProvider.id == row.id).execute()
    return Slots(count, free_from_ms)


def _row(location_id: int) -> LocationProvider:
    row: LocationProvider | None = LocationProvider.get_or_none(LocationProvider.location_id == location_id)
    if row is None:
        raise NotFound("this location has no e-mail provider")
    return row


def _settings(row: LocationProvider) -> ProviderSettings:
    return ProviderSettings(row.host, row.port, ProviderTls(row.tls), row.login, row.per_minute, row.from_address)


def _sealed_at(row_id: int) -> SealedAt:
    return SealedAt("location_provider", "password", row_id)


def wake(location_id: int, *, now_ms: int) -> None:
    """What waits for it is tried at once, however long it was to be left alone. Call inside a transaction."""
    OutboxLane.update(reason=None, paused_until_ms=None, detail="", next_run_at_ms=now_ms).where(
        OutboxLane.location_id == location_id, OutboxLane.connection_id.is_null()
    ).execute()


def _audit(action: str, access: Access, location_id: int, now_ms: int) -> None:
    audit.write(action, f"location {location_id}", by=access.user_id, now_ms=now_ms, location_id=location_id)


def _checked(settings: ProviderSettings, password: str | None, *, private_allowed: bool) -> ProviderSettings:
    _check_host(settings.host, private_allowed=private_allowed)
    if not 1 <= settings.port <= 65535:
        raise Invalid("port", "is 1 to 65535")
    if settings.per_minute is not None and not 1 <= settings.per_minute <= MOST_PER_MINUTE:
        raise Invalid("per_minute", f"is 1 to {MOST_PER_MINUTE}")
    if password is not None and settings.user is None:
        raise Invalid("user", "is needed with a password")
    for name, value in (("user", settings.user), ("password", password)):
        if value is not None and not 1 <= len(value) <= _MOST_CHARS:
            raise Invalid(name, f"has 1 to {_MOST_CHARS} characters")
    if settings.from_address is None:
        return settings
    sender = typed_address.wire_form(settings.from_address, "from")
    return ProviderSettings(settings.host, settings.port, settings.tls, settings.user, settings.per_minute, sender)


def _check_host(host: str, *, private_allowed: bool) -> None:
    """What its name has for addresses is asked when it is connected to, each time."""
    try:
        address = ip_address(host)
    except ValueError:
        if len(host) > 253 or not _HOST.fullmatch(host):
            raise Invalid("host", "is a host's name or address, without a port") from None
        return
    if not is_reachable(address, private_allowed=private_allowed):
        raise Invalid("host", "is in a network that this installation does not let a provider be in")
