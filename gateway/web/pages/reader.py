"""Whom a page is written for: their language, their clock."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime, format_time, format_timedelta
from babel.numbers import format_decimal

from gateway.web.pages import languages

_MOMENT_MS = 60_000


def say(message: str) -> str:
    """Marks a text that is translated where it is shown: constants are made before anybody reads."""
    return message


@dataclass(frozen=True, slots=True)
class Reader:
    """language: one of languages.LANGUAGES. now_ms: when the page is made."""

    language: str
    zone: ZoneInfo
    now_ms: int

    @property
    def locale(self) -> Locale:
        return languages.locale_of(self.language)

    def gettext(self, message: str, **values: object) -> str:
        """%(name)s in the message is replaced by a value."""
        text = languages.translations(self.language).gettext(message)
        return text % values if values else text

    def ngettext(self, one: str, many: str, count: int, **values: object) -> str:
        """%(count)s is written as the reader writes numbers."""
        text = languages.translations(self.language).ngettext(one, many, count)
        return text % {"count": self.number(count), **values}

    def number(self, value: int | float) -> str:
        return str(format_decimal(value, locale=self.locale))

    def number_up_to(self, value: int, most: int) -> str:
        """99+ where value is most, and so may be more."""
        return self.number(value) if value < most else f"{self.number(most - 1)}+"

    def size(self, count_bytes: int) -> str:
        """1.2 MB"""
        for unit, unit_bytes in (("MB", 1_000_000), ("kB", 1_000)):
            if count_bytes >= unit_bytes:
                return f"{self.number(round(count_bytes / unit_bytes, 1))} {unit}"
        return f"{self.number(count_bytes)} B"

    def day(self, at_ms: int) -> str:
        """23 Nov 2026"""
        return format_date(self.local(at_ms), "medium", locale=self.locale)

    def clock(self, at_ms: int) -> str:
        """21.05"""
        return format_time(self.local(at_ms), "short", locale=self.locale)

    def exactly(self, at_ms: int) -> str:
        """Day, time and zone."""
        return format_datetime(self.local(at_ms), "long", locale=self.locale)

    def ago(self, at_ms: int) -> str:
        """8 minutes ago; in 3 days; a moment ago for what is less than a minute old."""
        if 0 <= self.now_ms - at_ms < _MOMENT_MS:
            return self.gettext("a moment ago")
        return format_timedelta(
            timedelta(milliseconds=at_ms - self.now_ms), add_direction=True, threshold=1.0, locale=self.locale
        )

    def machine_time(self, at_ms: int) -> str:
        """For the attribute datetime."""
        return datetime.fromtimestamp(at_ms / 1000, UTC).isoformat(timespec="seconds")

    def local(self, at_ms: int) -> datetime:
        return datetime.fromtimestamp(at_ms / 1000, self.zone)


def zone_of(*names: str | None) -> ZoneInfo:
    """The first one that is said."""
    return ZoneInfo(next((name for name in names if name), "UTC"))
