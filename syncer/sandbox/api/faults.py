"""Faults on demand: which call goes wrong, and how. Kept in memory."""

from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Literal

from syncer.sandbox.json_value import Json

When = Literal["before", "after"]


@dataclass(slots=True)
class Fault:
    """account: an address, or "*". method: a discovery id ("gmail.users.messages.get"), "oauth.token", …, with * and ?.

    nth: the first matching call that it strikes, from 1; times: how many it strikes, 0 for all that follow.
    when: before the effect or after it (the mail is sent, and the client never hears so).
    Then, in this order: delay_ms; drop the connection without a status line; or reply with status and body. Without
    status and drop the call itself goes on after the delay. message: for a status without a body."""

    account: str = "*"
    method: str = "*"
    nth: int = 1
    times: int = 1
    when: When = "before"
    delay_ms: int = 0
    drop: bool = False
    status: int = 0
    reason: str = "backendError"
    message: str = "Backend Error"
    body: Json = None
    headers: dict[str, str] = field(default_factory=dict)
    id: int = 0
    seen: int = 0
    struck: int = 0

    def strikes(self, account: str, method: str) -> bool:
        """Whether this call, which it counts, is one of those."""
        if not (fnmatchcase(method, self.method) and fnmatchcase(account, self.account)):
            return False
        self.seen += 1
        if self.seen < self.nth or (self.times and self.struck >= self.times):
            return False
        self.struck += 1
        return True


class Faults:
    """In the order they were made; of those that strike one call, the first counts."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._made = 0

    def add(self, fault: Fault) -> Fault:
        self._made += 1
        fault.id = self._made
        self._faults.append(fault)
        return fault

    def every(self) -> list[Fault]:
        return list(self._faults)

    def clear(self) -> None:
        self._faults.clear()

    def striking(self, account: str, method: str) -> Fault | None:
        """All count the call."""
        hits = [fault for fault in self._faults if fault.strikes(account, method)]
        return hits[0] if hits else None
