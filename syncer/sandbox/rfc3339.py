"""Times as Google's JSON has them."""

from datetime import UTC, datetime


def rfc3339(at_ms: int) -> str:
    """UTC, milliseconds, Z."""
    return datetime.fromtimestamp(at_ms / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
