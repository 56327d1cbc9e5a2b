"""What was called, how often, and what it cost. Kept in memory; benches and tests read it."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field


@dataclass(slots=True)
class Count:
    """units: what was charged; refused calls cost nothing. statuses: replies by HTTP status, "dropped" among them."""

    calls: int = 0
    units: int = 0
    statuses: Counter[str] = field(default_factory=Counter)


class Counters:
    """By account (an address; "" for who is not known) and method."""

    def __init__(self) -> None:
        self.counts: dict[tuple[str, str], Count] = defaultdict(Count)

    def call(self, account: str, method: str) -> Count:
        """The count that a call under way belongs to, raised by one."""
        count = self.counts[account, method]
        count.calls += 1
        return count

    def clear(self) -> None:
        self.counts.clear()
