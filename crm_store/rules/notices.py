"""What the product mails to its own users, and when the daily one goes."""

from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

DIGEST_AT = time(8)


class NoticeTopic(StrEnum):
    """What a mail of the product is about, and of which table the id is that goes with it."""

    ACCESS = "access"  # A5, a connection: its user has to sign in with Google again
    IDENTITY = "identity"  # a pending identity: is the address its user's?
    DIGEST = "digest"  # a queue digest: what waits in the capture queue
    PROVIDER_TEST = "provider_test"  # a location: does its provider take mail?


def day_of(at_ms: int, zone: ZoneInfo) -> str:
    """As ISO 8601 writes it."""
    return _local(at_ms, zone).date().isoformat()


def next_digest_at_ms(now_ms: int, zone: ZoneInfo) -> int:
    """The next eight o'clock there, never now."""
    today = _local(now_ms, zone).date()
    for day in (today, today + timedelta(days=1)):
        at_ms = int(datetime.combine(day, DIGEST_AT, zone).timestamp() * 1000)
        if at_ms > now_ms:
            return at_ms
    raise AssertionError("eight o'clock of tomorrow is later than now")


def _local(at_ms: int, zone: ZoneInfo) -> datetime:
    return datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(zone)
