"""The Date field."""

from datetime import datetime

import pytest

from crm_store.mail.dates import sent_at_ms, utc_offset_s


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param("Mon, 23 Nov 2026 10:00:00 +0700", "2026-11-23T03:00:00Z", id="Jakarta"),
        pytest.param("Sun, 23 Nov 2026 10:00:00 +0700", "2026-11-23T03:00:00Z", id="wrong weekday"),
        pytest.param("23 Nov 2026 10:00:00 +0700", "2026-11-23T03:00:00Z", id="no weekday"),
        pytest.param("Mon, 23 Nov 2026 10:00 +0700", "2026-11-23T03:00:00Z", id="no seconds"),
        pytest.param("Mon, 23 Nov 2026 10:00:00 -0000", "2026-11-23T10:00:00Z", id="-0000"),
        pytest.param("Mon, 23 Nov 2026 10:00:00", "2026-11-23T10:00:00Z", id="no zone"),
        pytest.param("Mon, 23 Nov 2026 10:00:00 EST", "2026-11-23T15:00:00Z", id="obsolete zone"),
        pytest.param("Mon, 23 Nov 2026 10:00:00 GMT", "2026-11-23T10:00:00Z", id="GMT"),
        pytest.param("Mon, 23 Nov 2026 10:00:00 WIB", "2026-11-23T03:00:00Z", id="WIB"),
        pytest.param("Mon, 23 Nov 2026 10:00:00 WITA", "2026-11-23T02:00:00Z", id="WITA"),
        pytest.param("Mon, 23 Nov 2026 10:00:00 XYZ", "2026-11-23T10:00:00Z", id="unknown zone"),
        pytest.param("Mon, 23 Nov 2026 10:00:00 +0545 (Kathmandu)", "2026-11-23T04:15:00Z", id="quarter of an hour, a comment"),
        pytest.param("Fri, 21 Nov 97 09:55:06 -0600", "1997-11-21T15:55:06Z", id="two-digit year"),
        pytest.param("Wed, 01 Jan 20 00:00:00 +0000", "2020-01-01T00:00:00Z", id="two-digit year of this century"),
        pytest.param("Sen, 17 Agu 2026 08:00:00 +0700", "2026-08-17T01:00:00Z", id="Indonesian, short"),
        pytest.param("Jumat, 1 Mei 2026 08:00:00 +0700", "2026-05-01T01:00:00Z", id="Indonesian, long"),
        pytest.param("Thu, 31 Dec 2026 23:59:60 +0000", "2026-12-31T23:59:59Z", id="leap second"),
        pytest.param("2026-11-23T10:00:00+07:00", "2026-11-23T03:00:00Z", id="RFC 3339"),
        pytest.param("2026-11-23T03:00:00Z", "2026-11-23T03:00:00Z", id="RFC 3339, Z"),
        pytest.param("Mon, 23 Nov 2026 25:00:00 +0700", None, id="no such hour"),
        pytest.param("Mon, 31 Feb 2026 10:00:00 +0700", None, id="no such day"),
        pytest.param("Wed, 31 Dec 1969 23:59:59 +0000", None, id="before 1970"),
        pytest.param("Wed, 01 Jan 2200 00:00:00 +0000", None, id="2200"),
        pytest.param("kemarin sore", None, id="words"),
        pytest.param("9" * 100_000, None, id="digits"),
        pytest.param("Mon, 1 Jan " + "9" * 180, None, id="a year of digits"),
        pytest.param("", None, id="nothing"),
    ],
)  # fmt: skip
def test_when_a_mail_was_sent(value, expected):
    assert sent_at_ms(value) == (expected and int(datetime.fromisoformat(expected).timestamp() * 1000))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("Mon, 23 Nov 2026 10:00:00 +0700", 7 * 3600),
        ("Mon, 23 Nov 2026 10:00:00 -0330 (NDT)", -(3 * 3600 + 1800)),
        ("2026-11-23T10:00:00+05:30", 5 * 3600 + 1800),
        ("23 Nov 2026 10.00 WIB", 7 * 3600),
        ("Mon, 23 Nov 2026 10:00:00 GMT", 0),
        ("Mon, 23 Nov 2026 10:00:00 +9900", 0),
        ("", 0),
    ],
)
def test_the_zone_of_a_date(value, expected):
    assert utc_offset_s(value) == expected
