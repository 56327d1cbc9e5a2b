"""What a failure of Google's means for a whole lane: for how long nothing of it is begun, and why. Pure."""

from dataclasses import dataclass

from crm_store.rules.connection import ConnectionProblem
from crm_store.rules.outbox import OutboxReason
from syncer.errors import AccessLost, ProjectPaused, Refused, SendingLimit, SlowDown, Unreachable

SENDING_LIMIT_PAUSE_MS = 3_600_000  # "hours; queue, do not fail the mail" (facts/gmail.md 1.7)
SLOW_PAUSE_MS = 60_000
REFUSED_PAUSE_MS = 3_600_000  # an administrator or the user may change it
FAULT_PAUSE_MS = 300_000
_FIRST_PAUSE_MS, _LONGEST_PAUSE_MS = 16_000, 15 * 60_000


@dataclass(frozen=True, slots=True)
class LanePause:
    """until_ms: None: until its user signs in again (A5)."""

    reason: OutboxReason
    until_ms: int | None


def reason_of(error: Exception) -> OutboxReason:
    match error:
        case AccessLost():
            return OutboxReason.NEEDS_REAUTH
        case SendingLimit():
            return OutboxReason.SENDING_LIMIT
        case SlowDown() | ProjectPaused():
            return OutboxReason.RATE_LIMITED
        case Refused(problem=ConnectionProblem.NO_MAILBOX):
            return OutboxReason.NO_MAILBOX
        case Refused():
            return OutboxReason.PERMISSION_MISSING
    return OutboxReason.UNREACHABLE


def lane_pause(error: Exception, *, failures: int, now_ms: int, jitter: int) -> LanePause:
    """failures: in a row, this one included. jitter: 0 to 999. What is nothing of the other side's is our fault, and no
    reason to try all the time."""
    reason = reason_of(error)
    match error:
        case AccessLost():
            return LanePause(reason, None)
        case SendingLimit():
            return LanePause(reason, error.until_ms or now_ms + SENDING_LIMIT_PAUSE_MS)
        case SlowDown():
            return LanePause(reason, error.until_ms or now_ms + SLOW_PAUSE_MS)
        case ProjectPaused():
            return LanePause(reason, error.until_ms)
        case Refused():
            return LanePause(reason, now_ms + REFUSED_PAUSE_MS)
        case Unreachable():
            return LanePause(reason, now_ms + silence_pause_ms(failures, jitter=jitter))
    return LanePause(reason, now_ms + FAULT_PAUSE_MS)


def silence_pause_ms(failures: int, *, jitter: int) -> int:
    """Doubling, up to a quarter of an hour; up to half less, so that the lanes of one outage come back one by one."""
    pause_ms = min(_FIRST_PAUSE_MS << min(failures - 1, 20), _LONGEST_PAUSE_MS)
    return pause_ms - pause_ms * jitter // 2000
