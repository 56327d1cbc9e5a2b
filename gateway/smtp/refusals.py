"""How often each limit was reached: for the log, and for /metrics, which another process answers."""

from collections import Counter
from collections.abc import Mapping
from typing import Final, Literal

import structlog

from gateway.smtp import replies

Limit = Literal[
    "connections",
    "connections_per_network",
    "connection_rate",
    "recipients",
    "unknown_recipients_per_network",
    "unknown_recipients",
    "errors",
    "commands",
    "idle",
    "session_time",
    "mail_pace",
    "mail_size",
    "room",
    "loop",
]

_BY_REPLY: Final[Mapping[str, Limit]] = {
    replies.TOO_MANY_CONNECTIONS: "connections",
    replies.TOO_MANY_FROM_NETWORK: "connections_per_network",
    replies.TOO_OFTEN_FROM_NETWORK: "connection_rate",
    replies.TOO_MANY_GUESSES: "unknown_recipients_per_network",
    replies.TOO_MANY_RECIPIENTS: "recipients",
    replies.TOO_MANY_UNKNOWN: "unknown_recipients",
    replies.TOO_MANY_ERRORS: "errors",
    replies.TOO_MANY_COMMANDS: "commands",
    replies.TOO_QUIET: "idle",
    replies.SESSION_TOO_LONG: "session_time",
    replies.TOO_SLOW: "mail_pace",
    replies.TOO_LARGE: "mail_size",
    replies.NEARLY_FULL: "room",
    replies.LOOPED: "loop",
}

log = structlog.get_logger()


class Refusals:
    """One of a process. Which client it was is not told: addresses stay out of logs."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._told: Counter[str] = Counter()

    @property
    def counts(self) -> dict[str, int]:
        """Since the start, by Limit."""
        return dict(self._counts)

    def note(self, reply: str) -> None:
        """Counts where the reply tells of a limit."""
        if limit := _BY_REPLY.get(reply):
            self._counts[limit] += 1

    def log_news(self) -> None:
        """One line for all since the last call: a flood of refusals must not become a flood of lines."""
        if news := self._counts - self._told:
            log.info("smtp_limits_reached", **news)
            self._told = self._counts.copy()
