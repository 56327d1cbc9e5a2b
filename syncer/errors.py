"""What a mailbox at Google can answer instead of what was asked (facts/gmail.md 1.7).

Temporary
├── SlowDown        Google's limit for this user: .until_ms, None where it names no time
├── ProjectPaused   its limit for the whole installation, or a switch that its operator has to turn: .until_ms
└── Unreachable     it does not answer, or not as it should
Permanent
├── AccessLost      the credentials are taken no more: a person must sign in again. Only invalid_grant proves that
├── Refused         signed in, and yet the account may not be read: .problem. Signing in again would not help by itself
├── Gone            this message is not in the mailbox (any more)
├── NotWatched      it does not tell us of new mail: another program has its watch, or the topic is not ours
├── CursorExpired   not a failure: compare the mailbox with the ledger
└── Rejected        what was asked is wrong, and will be the next time: our fault"""

from crm_store.errors import Permanent, Temporary
from crm_store.rules.connection import ConnectionProblem


class SlowDown(Temporary):
    """until_ms: UTC, by our clock; None where Google names no time."""

    def __init__(self, message: str, until_ms: int | None) -> None:
        super().__init__(message)
        self.until_ms = until_ms


class ProjectPaused(Temporary):
    """until_ms: UTC, by our clock."""

    def __init__(self, message: str, until_ms: int) -> None:
        super().__init__(message)
        self.until_ms = until_ms


class Unreachable(Temporary):
    """Google does not answer, or not as it should."""


class AccessLost(Permanent):
    """The credentials are taken no more."""

    def __init__(self, message: str, problem: ConnectionProblem) -> None:
        super().__init__(message)
        self.problem = problem


class Refused(Permanent):
    """The account may not be read."""

    def __init__(self, message: str, problem: ConnectionProblem) -> None:
        super().__init__(message)
        self.problem = problem


class Gone(Permanent):
    """This message is not in the mailbox (any more)."""


class NotWatched(Permanent):
    """Google does not tell us of new mail."""


class CursorExpired(Permanent):
    """History does not reach back so far."""


class Rejected(Permanent):
    """What was asked is wrong."""
