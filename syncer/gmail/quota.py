"""What calls cost, and how much one user may spend (facts/gmail.md 1.6, since May 2026)."""

import threading
from collections import deque

PROFILE_UNITS = 1
ALIASES_UNITS = 1
HISTORY_UNITS = 2
LIST_UNITS = 5
WATCH_UNITS = 100
GET_UNITS = 20  # whatever the format
MODIFY_UNITS = 5
BATCH_MODIFY_UNITS = 50  # for up to a thousand messages
SEND_UNITS = 100

WINDOW_S = 60.0
# A user's units a minute, less a tenth for what else their programs do: of projects that were in use before May 2026,
# and of newer ones. Nothing tells which ours is but Google's refusal, and that costs a quarter of an hour.
OLDER_PROJECTS, NEWER_PROJECTS = 13_500, 5_400


# What a backfill leaves alone of them is for live mail.
BACKFILL_UNITS = 3_600


class Budget:
    """What one user has spent in the last minute. An estimate: other programs spend too, and Google has the say."""

    def __init__(self) -> None:
        self._spent: deque[tuple[float, int]] = deque()
        self._sum = 0

    def spend(self, units: int, now_s: float) -> None:
        """now_s: of a clock that never goes back."""
        self._forget(now_s)
        self._spent.append((now_s, units))
        self._sum += units

    def wait_s(self, units: int, now_s: float, *, limit: int) -> float:
        """In how many seconds so much may be spent; 0.0: now. Whoever has spent nothing never waits."""
        self._forget(now_s)
        excess = self._sum + units - limit
        wait_s = 0.0
        for at_s, spent in self._spent:
            if excess <= 0:
                break
            excess -= spent
            wait_s = at_s + WINDOW_S - now_s
        return wait_s

    def _forget(self, now_s: float) -> None:
        while self._spent and self._spent[0][0] <= now_s - WINDOW_S:
            self._sum -= self._spent.popleft()[1]


class Budgets:
    """The budget of each connection that this process has seen. Some hundred bytes for each call of the last minute."""

    def __init__(self) -> None:
        self._units = OLDER_PROJECTS
        self._lock = threading.Lock()
        self._by_connection: dict[int, Budget] = {}

    def spend(self, connection_id: int, units: int, now_s: float) -> None:
        with self._lock:
            self._by_connection.setdefault(connection_id, Budget()).spend(units, now_s)

    def wait_s(self, connection_id: int, units: int, now_s: float) -> float:
        with self._lock:
            budget = self._by_connection.get(connection_id)
            return budget.wait_s(units, now_s, limit=self._units) if budget else 0.0

    def backfill_wait_s(self, connection_id: int, units: int, now_s: float) -> float:
        """As wait_s, for what may take only a part, whatever else spent it."""
        with self._lock:
            budget = self._by_connection.get(connection_id)
            return budget.wait_s(units, now_s, limit=BACKFILL_UNITS) if budget else 0.0

    def refused(self) -> None:
        """Google asked somebody to slow down: what holds for one user of a project holds for all."""
        self._units = NEWER_PROJECTS
