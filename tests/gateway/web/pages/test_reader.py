"""How times and numbers are written for a reader."""

import zoneinfo
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from gateway.web.pages.browsers import named
from gateway.web.pages.reader import Reader, zone_of

NOW_MS = 1_795_442_700_000  # 2026-11-23 14:05 UTC
ANI = Reader("id", ZoneInfo("Asia/Jakarta"), NOW_MS)
BO = Reader("en", ZoneInfo("Europe/Berlin"), NOW_MS)
S, MIN, DAY = 1000, 60_000, 86_400_000


@pytest.mark.parametrize(
    ("written", "indonesian", "english"),
    [
        pytest.param(lambda reader: reader.number(4812), "4.812", "4,812", id="a number"),
        pytest.param(lambda reader: reader.clock(NOW_MS), "21.05", "15:05", id="the time"),
        pytest.param(lambda reader: reader.day(NOW_MS), "23 Nov 2026", "23 Nov 2026", id="the day"),
        pytest.param(lambda reader: reader.ago(NOW_MS - 59 * S), "baru saja", "a moment ago", id="just now"),
        pytest.param(
            lambda reader: reader.ago(NOW_MS - 8 * MIN), "8 menit yang lalu", "8 minutes ago", id="some minutes ago"
        ),
        pytest.param(lambda reader: reader.ago(NOW_MS + 30 * S), "dalam 30 detik", "in 30 seconds", id="soon"),
        pytest.param(lambda reader: reader.ago(NOW_MS + 3 * DAY), "dalam 3 hari", "in 3 days", id="in days"),
        pytest.param(
            lambda reader: reader.exactly(NOW_MS),
            "23 November 2026 21.05.00 WIB",
            "23 November 2026, 15:05:00 CET",
            id="exactly",
        ),
        pytest.param(lambda reader: reader.gettext("Sign in"), "Masuk", "Sign in", id="a text"),
        pytest.param(
            lambda reader: reader.gettext("At least %(count)s characters.", count=10),
            "Sedikitnya 10 karakter.",
            "At least 10 characters.",
            id="a text with a value",
        ),
        pytest.param(lambda reader: reader.gettext("100 %"), "100 %", "100 %", id="a text that nobody translated"),
    ],
)
def test_the_same_in_two_languages(written, indonesian, english):
    assert (written(ANI), written(BO)) == (indonesian, english)


def test_zones_are_known_where_the_system_has_none():
    try:
        zoneinfo.reset_tzpath([])
        assert ZoneInfo.no_cache("Asia/Jakarta").utcoffset(datetime(2026, 11, 23, tzinfo=UTC)) == timedelta(hours=7)
    finally:
        zoneinfo.reset_tzpath()


def test_the_zone_is_the_first_that_somebody_chose():
    assert zone_of(None, "Asia/Jakarta").key == "Asia/Jakarta"
    assert zone_of("Asia/Makassar", "Asia/Jakarta").key == "Asia/Makassar"
    assert zone_of(None, None).key == "UTC"


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        pytest.param("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36", "Chrome, Linux", id="Chrome"),
        pytest.param("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/156.0.0.0 Safari/537.36 Edg/156.0", "Edge, Windows", id="Edge, which says Chrome too"),
        pytest.param("Mozilla/5.0 (Linux; Android 16) AppleWebKit/537.36 SamsungBrowser/30 Chrome/150 Mobile Safari/537.36", "Samsung Internet, Android", id="a phone, which says Linux too"),
        pytest.param("Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605 Version/19 Mobile Safari/604", "Safari, iPhone", id="an iPhone, which says Mac too"),
        pytest.param("Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox, Mac", id="Firefox"),
        pytest.param("", "Unknown browser", id="nothing"),
        pytest.param("<script>", "Unknown browser", id="something else"),
    ],
)  # fmt: skip
def test_what_a_browser_is_called(agent, name):
    assert named(agent, BO) == name
