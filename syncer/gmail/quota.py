"""What calls cost, and how much one user may spend (facts/gmail.md 1.6, since May 2026)."""

from collections import deque

PROFILE_UNITS = 1
HISTORY_UNITS = 2
LIST_UNITS = 5
GET_UNITS = 20  # whatever the format

WINDOW_S = 60.0
# Projects that are new get 6,000 units per user and minute. A tenth is left for what else the user's programs do.
USER_UNITS = 5_400


class Budget:
    """What one user has spent in the last minute. Only an estimate: other programs spend too, and Google has the say."""

    def __init__(self, units: int = USER_UNITS) -> None:
        self._units = units
        self._spent: deque[tuple[float, int]] = deque()
        self._sum = 0

    def wait_s(self, units: int, now_s: float) -> float:
        """Spend them: 0.0. Or where that is too much now, spend nothing: in how many seconds it is not."""
        while self._spent and self._spent[0][0] <= now_s - WINDOW_S:
            self._sum -= self._spent.popleft()[1]
        if self._sum + units <= self._units or not self._spent:
            self._spent.append((now_s, units))
            self._sum += units
            return 0.0
        excess = self._sum + units - self._units
        for at_s, spent in self._spent:
            excess -= spent
            if excess <= 0:
                break
        return max(0.001, at_s + WINDOW_S - now_s)
