"""Dates as mail programs print them for people, in the words of any language of the tables."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from crm_store.mail.dates import EARLIEST, LATEST
from crm_store.mail.languages.tables import months

_MAX_CHARS = 200
_BUDDHIST_YEARS = 543  # Thai calendars count from there
_TIME = re.compile(
    r"(?<![\d.:])(?P<hour>\d{1,2}) ?(?:[:h：]|時|시|点|點) ?(?P<minute>\d{2})(?:[:.：分m] ?(?P<second>\d{2}))?(?!\d)|"
    r"(?<![\d.:])(?P<hour_>\d{1,2})\.(?P<minute_>\d{2})(?:[.:](?P<second_>\d{2}))?(?![\d.]|\.\d)"
)
_YEAR_FIRST = re.compile(r"(?<!\d)(\d{4}) ?[-./年년] ?(\d{1,2}) ?[-./月월] ?(\d{1,2})(?!\d)")
_NUMBERS = re.compile(r"(?<!\d)(\d{1,2}) ?([-./]) ?(\d{1,2}) ?[-./] ?(\d{4}|\d{2})(?!\d)")
_VIETNAMESE = re.compile(r"(?<!\d)(\d{1,2}) (?:tháng|thg) ?(\d{1,2}),?(?: năm)? (\d{4})(?!\d)")
_VIETNAMESE_MONTHS = (
    "một", "hai", "ba", "tư", "năm", "sáu", "bảy", "tám", "chín", "mười", "mười một", "mười hai",
)  # fmt: skip
_VIETNAMESE_MONTH = re.compile(rf"tháng ({'|'.join(sorted(_VIETNAMESE_MONTHS, key=len, reverse=True))})(?!\w)")
_NUMBER = re.compile(r"\d+")
# India's vowel signs are no letters to Python.
_WORD = re.compile(r"[^\W\d_]+(?:[^\s\d,()<>\"\[\]]*[^\W\d_.,])?[\u0900-\u0963\u0980-\u09e3\u0a00-\u0ddf]*")
_OFFSET = re.compile(r"(?:\b(?:gmt|utc|utc/gmt) ?)?([+-−]) ?(\d{1,2})(?::?(\d{2}))?(?!\d)")
_ZONES = {
    "utc": 0, "gmt": 0, "z": 0, "wet": 0, "west": 60, "bst": 60, "cet": 60, "mez": 60, "seč": 60,
    "cest": 120, "mesz": 120, "selč": 120,
    "eet": 120, "oez": 120, "sast": 120, "eest": 180, "oesz": 180, "msk": 180, "ist": 330, "wib": 420, "ict": 420,
    "wita": 480, "sgt": 480, "myt": 480, "hkt": 480, "pht": 480, "awst": 480, "wit": 540, "jst": 540, "kst": 540,
    "aest": 600, "aedt": 660, "nzst": 720, "nzdt": 780, "ast": -240, "edt": -240, "est": -300, "cdt": -300,
    "cst": -360, "mdt": -360, "mst": -420, "pdt": -420, "pst": -480, "brt": -180, "art": -180,
}  # fmt: skip
# Behind the time, or (in East Asia) before it; "Am 28. Oktober 2021" is no morning.
_AFTERNOON = re.compile(r" ?(?:p\.? ?m|μ\.?μ|ch|ptg|mlm|م)(?!\w)|.*(?:下午|午後|오후|晚上) ?$")
_MORNING = re.compile(r" ?(?:a\.? ?m|π\.?μ|sa|pg|ص)(?!\w)|.*(?:上午|午前|오전|凌晨|早上) ?$")


def written_at_ms(text: str, codes: Sequence[str], offset_s: int = 0) -> int | None:
    """UTC, milliseconds since 1970; None for what is no day with a time, or lies outside 1970 to 2200.

    codes: the languages it may be written in, the likeliest first; English always may. offset_s: east of UTC, for a
    time without a zone: programs print the time of whoever forwards, and do not say so."""
    text = " ".join(text[:_MAX_CHARS].casefold().split())
    times = list(_TIME.finditer(text))
    clock = next((found for found in times if found["hour"]), times[-1] if times else None)
    if clock is None:
        return None
    before, behind = text[: clock.start()], text[clock.end() :]
    afternoon, morning = (any(map(half.match, (behind, before[-8:]))) for half in (_AFTERNOON, _MORNING))
    day = _day(f"{before} , {behind}", codes, month_first=afternoon or morning)
    if day is None:
        return None
    try:
        local = datetime(*day, *_clock(clock, afternoon=afternoon, morning=morning), tzinfo=UTC)
    except ValueError:
        return None
    moment = local - timedelta(seconds=_offset_s(behind, offset_s))
    return (moment - EARLIEST) // timedelta(milliseconds=1) if EARLIEST <= moment < LATEST else None


def _clock(found: re.Match[str], *, afternoon: bool, morning: bool) -> tuple[int, int, int]:
    hour = int(found["hour"] or found["hour_"])
    if hour < 12 and afternoon:
        hour += 12
    elif hour == 12 and morning:
        hour = 0
    second = found["second"] or found["second_"] or "0"
    return hour, int(found["minute"] or found["minute_"]), min(int(second), 59)


def _day(text: str, codes: Sequence[str], *, month_first: bool) -> tuple[int, int, int] | None:
    if found := _YEAR_FIRST.search(text):
        year, month, day = map(int, found.groups())
        return _year(year), month, day
    if "tháng " in text:
        text = _VIETNAMESE_MONTH.sub(lambda month: f"tháng {_VIETNAMESE_MONTHS.index(month[1]) + 1}", text)
    if found := _VIETNAMESE.search(text):
        day, month, year = map(int, found.groups())
        return _year(year), month, day
    if found := _NUMBERS.search(text):
        one, other, year = int(found[1]), int(found[3]), int(found[4])
        # Who writes "2/10/2023 4:52 PM" puts the month first; nobody else does.
        american = other > 12 or (month_first and found[2] == "/" and one <= 12)
        day, month = (other, one) if american else (one, other)
        return _year(year), month, day
    return _with_month_name(text, codes)


def _with_month_name(text: str, codes: Sequence[str]) -> tuple[int, int, int] | None:
    month = _month(text, codes)
    numbers = [int(number) for number in _NUMBER.findall(text) if len(number) <= 4]
    year = next((number for number in numbers if number >= 1000), None)
    day = next((number for number in numbers if 0 < number <= 31), None)
    if month is None or day is None:
        return None
    if year is None:  # "28-okt-21"
        year = next((number for number in numbers[1:] if number < 100 and number != day), None)
    return None if year is None else (_year(year), month, day)


def _month(text: str, codes: Sequence[str]) -> int | None:
    """The last word that names one: "mar. 2 nov." is a Tuesday in November."""
    found = [word.rstrip(".'’") for word in _WORD.findall(text)]
    for code in dict.fromkeys((*codes, "en")):
        names = months(code)
        for word in reversed(found):
            if month := names.get(word) or names.get(word.replace(".", "")):
                return month
    return None


def _year(written: int) -> int:
    if written < 100:
        return 2000 + written
    return written - _BUDDHIST_YEARS if written >= 2400 else written


def _offset_s(behind: str, otherwise_s: int) -> int:
    """What stands behind the time: "-0400", "gmt+1", "eest"; a year or a day there is no zone."""
    if found := _OFFSET.search(behind):
        minutes = int(found[2]) * 60 + int(found[3] or 0)
        return minutes * 60 * (1 if found[1] == "+" else -1) if minutes <= 14 * 60 else otherwise_s
    zone = next((word for word in _WORD.findall(behind) if word in _ZONES), None)
    return otherwise_s if zone is None else _ZONES[zone] * 60
