"""What is done next with a delivery, and what a look at the mailbox means. Pure."""

from dataclasses import dataclass

from crm_store.rules.outbox import Ambiguity, OutboxState, proof_at_ms, proves_absence
from syncer.schedule import pause_ms

MOST_AT_ONCE = 16
_SWIFT_S, _SLOW_S = 0.25, 1.0
LOOK_SOON_MS = 2_000  # most often the mail is there, and only its answer was lost
_LOOK_AFTER_MS, _LOOK_EVERY_MS = 5_000, 3_600_000


@dataclass(frozen=True, slots=True)
class Look:
    """It may have left: nothing of it is repeated before the mailbox was looked at (E6)."""


@dataclass(frozen=True, slots=True)
class Begin:
    """It goes now."""


@dataclass(frozen=True, slots=True)
class WaitUntil:
    """E3: the mailbox may send no more before."""

    at_ms: int


@dataclass(frozen=True, slots=True)
class GoesAgain:
    """It is proven that nothing left. pause_ms: 0 the first time: it keeps its place in the line."""

    pause_ms: int


@dataclass(frozen=True, slots=True)
class LookAgain:
    at_ms: int


def next_at_once(before: int, took_s: float) -> int:
    """How many mails are begun in one commit for a relay that can be asked nothing afterwards. before, took_s: of those
    that were last.

    What is begun when we die is unknown until its user says what became of it; so that is never more than 16 mails,
    and of a slow relay not more than it takes in a second, and one."""
    if took_s > _SLOW_S:
        return max(1, before // 2)
    return min(MOST_AT_ONCE, before * 2) if took_s < _SWIFT_S else before


def first_step(state: OutboxState, room_at_ms: int | None) -> Look | Begin | WaitUntil:
    """room_at_ms: when the mailbox may send again; None where it may now, or where nobody asked."""
    if state is not OutboxState.WAITING:
        return Look()
    return Begin() if room_at_ms is None else WaitUntil(room_at_ms)


def not_found(
    ambiguity: Ambiguity,
    ambiguous_at_ms: int,
    *,
    attempt: int,
    looked_everywhere: bool,
    began_at_ms: int,
    now_ms: int,
) -> GoesAgain | LookAgain:
    """The mailbox does not show it. began_at_ms: of the look. looked_everywhere: whatever was sent since was seen.

    attempt: how often it was begun. One that never arrives goes more and more seldom, and holds up nobody else."""
    if looked_everywhere and proves_absence(ambiguity, ambiguous_at_ms, began_at_ms):
        return GoesAgain(0 if attempt == 1 else pause_ms(attempt, jitter=0))
    return look_again(ambiguity, ambiguous_at_ms, now_ms=now_ms)


def look_again(ambiguity: Ambiguity, ambiguous_at_ms: int, *, now_ms: int) -> LookAgain:
    """As soon as a look proves something; after that in pauses as long as all the time that it has been unknown."""
    wait_ms = min(max(now_ms - ambiguous_at_ms, _LOOK_AFTER_MS), _LOOK_EVERY_MS)
    proof_ms = proof_at_ms(ambiguity, ambiguous_at_ms)
    return LookAgain(proof_ms if proof_ms > now_ms else now_ms + wait_ms)
