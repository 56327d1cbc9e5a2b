"""When the daily mail goes: at eight o'clock of whoever reads it."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from crm_store.rules.notices import day_of, next_digest_at_ms


def ms(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp() * 1000)


@pytest.mark.parametrize(
    ("zone", "now", "expected"),
    [
        pytest.param("Asia/Jakarta", "2026-11-24T00:30:00Z", "2026-11-24T01:00:00Z", id="it is half past seven there"),
        pytest.param("Asia/Jakarta", "2026-11-24T01:00:00Z", "2026-11-25T01:00:00Z", id="it is eight there: never now"),
        pytest.param("Asia/Jakarta", "2026-11-24T18:00:00Z", "2026-11-25T01:00:00Z", id="their day has begun already"),
        pytest.param("UTC", "2026-12-31T23:59:59Z", "2027-01-01T08:00:00Z", id="at the end of a year"),
        pytest.param("Pacific/Honolulu", "2026-11-24T01:00:00Z", "2026-11-24T18:00:00Z", id="behind us"),
        pytest.param(
            "Europe/Berlin", "2026-03-28T07:00:00Z", "2026-03-29T06:00:00Z", id="the night is an hour shorter"
        ),
        pytest.param("Europe/Berlin", "2026-10-24T06:00:00Z", "2026-10-25T07:00:00Z", id="the night is an hour longer"),
    ],
)
def test_the_next_one_is_at_eight(zone: str, now: str, expected: str):
    assert next_digest_at_ms(ms(now), ZoneInfo(zone)) == ms(expected)


def test_a_day_is_the_readers():
    at_ms = ms("2026-11-24T18:00:00Z")
    assert [day_of(at_ms, ZoneInfo(zone)) for zone in ("UTC", "Asia/Jakarta")] == ["2026-11-24", "2026-11-25"]
