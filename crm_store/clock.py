"""The one place that asks what time it is. Everything else is told."""

import time


def now_ms() -> int:
    """UTC, milliseconds since 1970."""
    return time.time_ns() // 1_000_000
