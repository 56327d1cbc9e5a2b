"""What one session may try before it is sent away: errors, guesses at recipients, commands without a mail."""

from gateway.smtp import replies
from gateway.smtp.limits import Limits

_UNKNOWN = (replies.NO_SUCH_RECIPIENT, replies.NO_RELAYING)
_KEPT = replies.KEPT.rpartition("}")[2]


class Budget:
    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._errors = 0
        self._unknown = 0
        self._commands = 0

    def spend(self, reply: str) -> str | None:
        """reply: to one command. The one to give in its place, the session's last; None: the client may go on."""
        self._commands = 0 if reply.endswith(_KEPT) else self._commands + 1
        if reply in _UNKNOWN:
            self._unknown += 1
        elif reply.startswith("5"):
            self._errors += 1
        if self._errors > self._limits.errors:
            return replies.TOO_MANY_ERRORS
        if self._unknown > self._limits.unknown_recipients:
            return replies.TOO_MANY_UNKNOWN
        if self._commands > self._limits.commands:
            return replies.TOO_MANY_COMMANDS
        return None
