"""Locations: making, reading and changing them."""

import zoneinfo
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from peewee import fn

from crm_store import audit, digest_plans
from crm_store.access import Access
from crm_store.database.session import writing
from crm_store.errors import Invalid, NotFound
from crm_store.models.people import Location
from crm_store.paging import Order, Page, PageRequest, page

LOCALES = ("en", "id")


@dataclass(frozen=True, slots=True)
class LocationSettings:
    """What an admin of the location may change. own_domains: whose list headers name the true author (Words)."""

    name: str
    locale: str = "en"
    time_zone: str = "UTC"
    retention_days: int = 30
    bcc_grace_days: int = 30
    own_domains: list[str] = field(default_factory=list)
    read_state_sync: bool = False
    own_provider_for_individual: bool = False


@dataclass(frozen=True, slots=True)
class LocationView:
    id: int
    settings: LocationSettings
    created_at_ms: int


def add(settings: LocationSettings, *, by: int | None, now_ms: int) -> LocationView:
    """Raises: Invalid."""
    checked = _checked(settings)
    with writing():
        row = Location.create(**asdict(checked), created_at_ms=now_ms)
        audit.write("location.add", f"location {row.id}", by=by, now_ms=now_ms, location_id=row.id)
    return LocationView(row.id, checked, now_ms)


def get(access: Access, location_id: int) -> LocationView:
    """Raises: NotFound."""
    if not access.installation_admin:
        access.reader_of(location_id)
    return _view(_row(location_id))


def change(access: Access, location_id: int, changes: dict[str, Any], *, now_ms: int) -> LocationView:
    """changes: fields of LocationSettings. Raises: NotFound, Forbidden, Invalid."""
    access.manager_of(location_id)
    with writing():
        before = _view(_row(location_id)).settings
        checked = _checked(replace(before, **changes))
        # Only these: somebody else may be changing other fields.
        changed = {field: value for field, value in asdict(checked).items() if field in changes}
        if changed:
            Location.update(**changed).where(Location.id == location_id).execute()
        if checked.time_zone != before.time_zone:
            digest_plans.location_moved(location_id)
        subject = f"location {location_id}"
        audit.write("location.change", subject, by=access.user_id, now_ms=now_ms, location_id=location_id)
        return _view(_row(location_id))


def list_for(access: Access, request: PageRequest) -> Page[LocationView]:
    """The asker's own locations; all of them for an installation admin."""
    query = Location.select()
    if not access.installation_admin:
        query = query.where(Location.id.in_(access.location_ids()))
    return page(query, Order([], [Location.id]), request, _views)


def count() -> int:
    return int(Location.select(fn.COUNT(Location.id)).scalar())


def require(location_id: int) -> None:
    """Raises: NotFound for a location that is not there."""
    _row(location_id)


def _row(location_id: int) -> Location:
    row = Location.get_or_none(Location.id == location_id)
    if row is None:
        raise NotFound(f"no location {location_id}")
    return row


def _views(rows: Sequence[Location]) -> list[LocationView]:
    return [_view(row) for row in rows]


def _view(row: Location) -> LocationView:
    settings = LocationSettings(
        name=row.name,
        locale=row.locale,
        time_zone=row.time_zone,
        retention_days=row.retention_days,
        bcc_grace_days=row.bcc_grace_days,
        own_domains=row.own_domains,
        read_state_sync=row.read_state_sync,
        own_provider_for_individual=row.own_provider_for_individual,
    )
    return LocationView(row.id, settings, row.created_at_ms)


def _checked(settings: LocationSettings) -> LocationSettings:
    name = settings.name.strip()
    if not 1 <= len(name) <= 200:
        raise Invalid("name", "has 1 to 200 characters")
    if settings.locale not in LOCALES:
        raise Invalid("locale", f"is one of {', '.join(LOCALES)}")
    check_time_zone(settings.time_zone)
    if not 1 <= settings.retention_days <= 3650:
        raise Invalid("retention_days", "is 1 to 3650")
    if not 0 <= settings.bcc_grace_days <= 3650:
        raise Invalid("bcc_grace_days", "is 0 to 3650")
    domains = [domain.strip().lower().rstrip(".") for domain in settings.own_domains]
    if len(domains) > 100 or not all(domain and "@" not in domain for domain in domains):
        raise Invalid("own_domains", "lists at most 100 domain names")
    return replace(settings, name=name, own_domains=domains)


def check_time_zone(name: str) -> None:
    """Raises: Invalid for what is not in the IANA database."""
    try:
        zoneinfo.ZoneInfo(name)
    except (ValueError, OSError) as error:  # ZoneInfoNotFoundError is a KeyError below ValueError only for odd keys
        raise Invalid("time_zone", f"{name!r} is not a time zone of the IANA database") from error
    except zoneinfo.ZoneInfoNotFoundError as error:
        raise Invalid("time_zone", f"{name!r} is not a time zone of the IANA database") from error
