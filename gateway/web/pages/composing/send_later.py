"""E7: when an e-mail is to go, as people say it: a time on their own clock."""

from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from typing import NamedTuple

from gateway.web.pages.reader import Reader, say

_MORNING = time(8)
_MONDAY = 0
_TOMORROW_MORNING = say("Tomorrow at 08:00")
_MONDAY_MORNING = say("Monday at 08:00")


class NotATime(Exception):
    """What was typed names no time."""


class Preset(NamedTuple):
    """value: as the form sends it."""

    title: str
    value: str


def presets(reader: Reader) -> list[Preset]:
    """The usual ones, as the reader's clock has them."""
    today = reader.local(reader.now_ms).date()
    monday = today + timedelta(days=(_MONDAY - today.weekday()) % 7 or 7)
    days = {_TOMORROW_MORNING: today + timedelta(days=1), _MONDAY_MORNING: monday}
    return [
        Preset(reader.gettext(title), datetime.combine(day, _MORNING).isoformat(timespec="minutes"))
        for title, day in days.items()
    ]


def at_ms(form: Mapping[str, str], reader: Reader) -> int:
    """The form's time on the reader's clock, as UTC milliseconds. Of an hour that a clock has twice, the first.

    Raises: NotATime, also for one that is over."""
    try:
        said = datetime.fromisoformat(form.get("send_at", "").strip())
    except ValueError as error:
        raise NotATime from error
    if said.tzinfo is not None:
        raise NotATime
    try:
        told_ms = int(said.replace(tzinfo=reader.zone).astimezone(UTC).timestamp() * 1000)
    except OverflowError as error:  # the year 1, west of Greenwich
        raise NotATime from error
    if told_ms <= reader.now_ms:
        raise NotATime
    return told_ms
