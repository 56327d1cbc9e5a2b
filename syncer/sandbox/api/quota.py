"""Quota units per user and per project, and calls at once per user (facts/gmail.md 1.6). Kept in memory."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

from syncer.sandbox.api import errors
from syncer.sandbox.rfc3339 import rfc3339

_MINUTE_MS = 60_000


@dataclass(slots=True)
class Limits:
    """The defaults are those of a project that began after 1 May 2026. 0: no limit.

    refusal: how a user over the limit is told: a 403 rateLimitExceeded, or the 429 whose message names a time."""

    user_units_per_minute: int = 6_000
    project_units_per_minute: int = 1_200_000
    user_calls_at_once: int = 10
    user_sends_per_day: int = 2_000  # Workspace; 500 for consumers [U]
    refusal: Literal["403", "429"] = "403"
    json_bytes: int = 5_000_000  # JSON with `raw` in it breaks at some 5 MB (1.3 [F])
    media_bytes: int = 0  # 0: as the discovery document says


class Quota:
    """What was used in the minute that runs."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._minute = 0
        self._units: Counter[int] = Counter()
        self._running: Counter[int] = Counter()

    def take(self, account_id: int, units: int, now_ms: int) -> None:
        """Raises: ApiError 403 or 429 where they are used up; a refused call costs nothing."""
        if self._minute != now_ms // _MINUTE_MS:
            self._minute = now_ms // _MINUTE_MS
            self._units.clear()
        most, whole = self.limits.user_units_per_minute, self.limits.project_units_per_minute
        if most and self._units[account_id] + units > most:
            if self.limits.refusal == "429":
                raise errors.user_rate_limit(rfc3339((self._minute + 1) * _MINUTE_MS))
            raise errors.quota_exceeded("user")
        if whole and self._units.total() + units > whole:
            raise errors.quota_exceeded("project")
        self._units[account_id] += units

    def clear(self) -> None:
        """A new minute."""
        self._units.clear()

    @contextmanager
    def running(self, account_id: int) -> Iterator[None]:
        """One call under way. Raises: ApiError 429 for one too many."""
        most = self.limits.user_calls_at_once
        if most and self._running[account_id] >= most:
            raise errors.too_many_concurrent()
        self._running[account_id] += 1
        try:
            yield
        finally:
            self._running[account_id] -= 1
