"""The Date field, as mail programs write it, to UTC milliseconds."""

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_tz

EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
LATEST = datetime(2200, 1, 1, tzinfo=UTC)
_MAX_CHARS = 200
# Programs that write in the user's language; stdlib knows only the English names of RFC 5322 §3.3.
_INDONESIAN_MONTHS = {
    "januari": "jan", "pebruari": "feb", "februari": "feb", "peb": "feb", "maret": "mar", "mei": "may", "juni": "jun",
    "juli": "jul", "agustus": "aug", "agu": "aug", "agt": "aug", "ags": "aug", "september": "sep", "oktober": "oct",
    "okt": "oct", "november": "nov", "nopember": "nov", "nop": "nov", "desember": "dec", "des": "dec",
}  # fmt: skip
_INDONESIAN_DAYS = {
    "senin", "sen", "selasa", "sel", "rabu", "rab", "kamis", "kam", "jumat", "jum'at", "jum", "sabtu", "sab",
    "minggu", "min",
}  # fmt: skip
_OFFSET = re.compile(r"(?:(?<=\s)|(?<=\d))([+-])([0-9]{2}):?([0-9]{2})(?![0-9])")
_MOST_OFFSET_S = 14 * 3600
_ZONES = {"wib": "+0700", "wita": "+0800", "wit": "+0900"}


def sent_at_ms(value: str) -> int | None:
    """UTC, milliseconds since 1970; None for what is no time, or lies outside 1970 to 2200.

    A wrong weekday is not looked at; without a zone, with -0000 or an unknown zone it is UTC (RFC 5322 §4.3)."""
    words = value[:_MAX_CHARS].split()
    try:
        moment = _rfc5322(words) or _iso8601(words)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    if moment is None or not EARLIEST <= moment < LATEST:
        return None
    return (moment - EARLIEST) // timedelta(milliseconds=1)


def utc_offset_s(value: str) -> int:
    """The zone that a Date field names, seconds east of UTC; 0 for UTC and where it names none."""
    if found := _OFFSET.findall(value[:_MAX_CHARS]):
        sign, hours, minutes = found[-1]
        seconds = int(hours) * 3600 + int(minutes) * 60
        return 0 if seconds > _MOST_OFFSET_S else -seconds if sign == "-" else seconds
    zone = next((_ZONES[word] for word in value[:_MAX_CHARS].casefold().split() if word in _ZONES), "+0000")
    return int(zone[1:3]) * 3600


def _rfc5322(words: list[str]) -> datetime | None:
    if words and words[0].rstrip(",.").casefold() in _INDONESIAN_DAYS:
        words = words[1:]
    parts = parsedate_tz(" ".join(_english(word) for word in words))
    if parts is None:
        return None
    year, month, day, hour, minute, second, *_, offset_s = parts
    local = datetime(year, month, day, hour, minute, min(second, 59), tzinfo=UTC)  # 60 is a leap second
    return local - timedelta(seconds=offset_s or 0)


def _english(word: str) -> str:
    key = word.rstrip(".,").casefold()
    return _INDONESIAN_MONTHS.get(key) or _ZONES.get(key) or word


def _iso8601(words: list[str]) -> datetime | None:
    """RFC 3339, which scripts write; not RFC 5322."""
    if not words or not words[0][:4].isdecimal():
        return None
    moment = datetime.fromisoformat(" ".join(words[:2]))
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
