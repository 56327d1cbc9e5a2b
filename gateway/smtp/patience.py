"""How long a client may take: for its next word, for a mail, for a session. Times are a monotonic clock's seconds."""

from gateway.smtp import replies
from gateway.smtp.limits import Limits

_CROWDED_IDLE_S = 10.0  # where connections run out, who says nothing or hardly anything gives its place to others


class Patience:
    """One session's. What we take for our own work never counts."""

    def __init__(self, limits: Limits, now_s: float) -> None:
        self._limits = limits
        self._began_s = now_s
        self._heard_s = now_s
        self._mail_began_s: float | None = None
        self._mail_bytes = 0
        self._ours_since_s: float | None = None

    def heard(self, now_s: float, mail_bytes: int = 0) -> None:
        """Something came. mail_bytes: how much of a mail."""
        self._heard_s = now_s
        self._mail_bytes += mail_bytes

    def mail_begins(self, now_s: float) -> None:
        self._mail_began_s, self._mail_bytes = now_s, 0
        if self._ours_since_s is not None:
            self._ours_since_s = now_s

    def mail_ends(self) -> None:
        self._mail_began_s = None

    def our_turn(self, now_s: float) -> None:
        """From here until their_turn() it is we who are waited for."""
        self._ours_since_s = now_s

    def their_turn(self, now_s: float) -> None:
        if self._ours_since_s is not None:
            if self._mail_began_s is not None:
                self._mail_began_s += now_s - self._ours_since_s
            self._ours_since_s = None
        self._heard_s = now_s

    def left_s(self, now_s: float, *, crowded: bool) -> tuple[float, str]:
        """Until it is over, and what to say then. 0 or less: now. crowded: connections run out."""
        if self._ours_since_s is not None:
            return self._limits.idle_s, replies.TOO_QUIET
        ends = [(self._heard_s + self._idle_s(crowded), replies.TOO_QUIET), *self._mail_ends(crowded)]
        if self._mail_began_s is None:
            ends.append((self._began_s + self._limits.session_s, replies.SESSION_TOO_LONG))
        at_s, reply = min(ends)
        return at_s - now_s, reply

    def _idle_s(self, crowded: bool) -> float:
        return min(self._limits.idle_s, _CROWDED_IDLE_S) if crowded else self._limits.idle_s

    def _mail_ends(self, crowded: bool) -> list[tuple[float, str]]:
        if self._mail_began_s is None:
            return []
        slowest_s = self._idle_s(crowded) + self._mail_bytes / self._limits.min_bytes_per_s
        return [(self._mail_began_s + min(slowest_s, self._limits.mail_s), replies.TOO_SLOW)]
