"""What a way through Google's consent is for, and who may finish it."""

from enum import StrEnum

STATE_LIVES_MS = 600_000  # the contract's 10 minutes


class FlowKind(StrEnum):
    CONNECT = "connect"
    UPDATE = "update"  # A3: the same account signs in again, another one takes its place
    REAUTH = "reauth"  # A5: the same account, or nothing


class BegunBy(StrEnum):
    """How a flow began decides what its callback asks for."""

    SESSION = "session"  # on a page: the same session ends it
    TOKEN = "token"  # noqa: S105  # by a user's token: a page names the user and asks once more
    ADMIN = "admin"  # by an --admin token: ends at once
