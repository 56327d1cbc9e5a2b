"""What can go wrong with Google while somebody connects.

GoogleUnavailable  it does not answer, or not now: the person may try again
GoogleRefused      it says no: .error tells why in its own word
└── NoMailbox      the account has no Gmail"""

from crm_store.errors import Permanent, Temporary


class GoogleUnavailable(Temporary):
    """It does not answer in time, or with a fault of its own."""


class GoogleRefused(Permanent):
    """error: a constant word of RFC 6749 §5.2 or of Google's API, never its text."""

    def __init__(self, error: str) -> None:
        super().__init__(f"Google refused: {error}")
        self.error = error


class NoMailbox(GoogleRefused):
    """facts/gmail.md 1.7: 400 failedPrecondition, "Mail service not enabled"."""
