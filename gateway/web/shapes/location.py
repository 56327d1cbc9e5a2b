"""Locations."""

from pydantic import StrictBool, StrictInt, with_config
from typing_extensions import TypedDict

from crm_store.locations import LocationView
from gateway.web.shapes.fields import Line, Shape, Time, shown_time


class _Options(TypedDict, total=False):
    locale: Line
    time_zone: Line
    retention_days: StrictInt
    bcc_grace_days: StrictInt
    own_domains: list[Line]
    read_state_sync: StrictBool
    own_provider_for_individual: StrictBool


@with_config(extra="forbid")
class NewLocation(_Options):
    """What is not given has the defaults of LocationSettings."""

    name: Line


@with_config(extra="forbid")
class LocationChanges(_Options, total=False):
    """Only what is given changes."""

    name: Line


class Location(Shape):
    id: str
    name: str
    locale: str
    time_zone: str
    retention_days: int
    bcc_grace_days: int
    own_domains: list[str]
    read_state_sync: bool
    own_provider_for_individual: bool
    created_at: Time


def location(view: LocationView) -> Location:
    settings = view.settings
    return Location(
        id=str(view.id),
        name=settings.name,
        locale=settings.locale,
        time_zone=settings.time_zone,
        retention_days=settings.retention_days,
        bcc_grace_days=settings.bcc_grace_days,
        own_domains=settings.own_domains,
        read_state_sync=settings.read_state_sync,
        own_provider_for_individual=settings.own_provider_for_individual,
        created_at=shown_time(view.created_at_ms),
    )
