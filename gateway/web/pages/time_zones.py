"""The time zones that people choose from."""

import zoneinfo
from functools import cache

_REGIONS = ("Africa", "America", "Antarctica", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")
_USUAL = {"id": "Asia/Jakarta"}


@cache
def all_names() -> tuple[str, ...]:
    """Named for places; UTC is the first."""
    named = sorted(name for name in zoneinfo.available_timezones() if name.partition("/")[0] in _REGIONS)
    return ("UTC", *named)


def usual_in(language: str) -> str:
    """A guess to begin with."""
    return _USUAL.get(language, "UTC")
