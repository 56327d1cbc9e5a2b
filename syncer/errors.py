"""What a mailbox at Google can answer instead of what was asked (facts/gmail.md 1.7).

Temporary
├── SlowDown        Google's limit for this user: .until_ms, None where it names no time
│   └── SendingLimit its limit of mails a day (E3): hours
├── ProjectPaused   its limit for the whole installation, or a switch that its operator has to turn: .until_ms
└── Unreachable     it does not answer, or not as it should
    └── MayBeDone   and what was asked may have been done, or may not: .answered
Permanent
├── AccessLost      the credentials are taken no more: a person must sign in again. Only invalid_grant proves that
├── Refused         signed in, and yet the account may not be read: .problem. Signing in again would not help by itself
├── Gone            this message is not in the mailbox (any more)
├── NotWatched      it does not tell us of new mail: another program has its watch, or the topic is not ours
├── CursorExpired   not a failure: compare the mailbox with the ledger
└── Rejected        what was asked is wrong, and will be the next time: .said
    └── TooLarge    more bytes than it takes"""

from crm_store.errors import Permanent, Temporary
from crm_store.rules.connection import ConnectionProblem


class SlowDown(Temporary):
    """until_ms: UTC, by our clock; None where Google names no time."""

    def __init__(self, message: str, until_ms: int | None) -> None:
        super().__init__(message)
        self.until_ms = until_ms


class SendingLimit(SlowDown):
    """So many mails a day, and no more."""


class ProjectPaused(Temporary):
    """until_ms: UTC, by our clock."""

    def __init__(self, message: str, until_ms: int) -> None:
        super().__init__(message)
        self.until_ms = until_ms


class Unreachable(Temporary):
    """Google does not answer, or not as it should."""


class MayBeDone(Unreachable):
    """A call that changes something had begun, and nobody knows whether it did.

    answered: by a definite failure, which may come after the effect (facts/gmail.md 1.7); else by silence."""

    def __init__(self, message: str, *, answered: bool) -> None:
        super().__init__(message)
        self.answered = answered


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
    """What was asked is wrong. said: Google's words, for its user's eyes and for no log: they may quote mail."""

    def __init__(self, message: str, said: str = "") -> None:
        super().__init__(message)
        self.said = said


class TooLarge(Rejected):
    """More bytes than Google takes."""
