"""States of a delivery, and the steps between them that are legal; what an e-mail of several deliveries is in; and when
a mailbox may send again (E3).

waiting ──BEGIN──▶ sending ──SENT──▶ sent
sending ──UNSURE──▶ unknown ──UNSURE──▶ unknown              it may have left, and nobody knows yet
sending, unknown ──PUT_BACK──▶ waiting                       it is proven, or its user said, that nothing left
waiting, sending, unknown ──FAIL──▶ failed ──RETRY──▶ waiting
waiting ──CANCEL──▶ cancelled ──RETRY──▶ waiting
waiting ──GIVE_UP──▶ failed                                  what it was to go through has ended
any other ──FOUND──▶ sent                                    the sent copy itself was seen"""

from collections.abc import Iterable, Mapping
from enum import StrEnum

WINDOW_MS = 86_400_000  # E3: the last 24 hours
# A look that finds nothing proves that nothing left, if it began so long after the ambiguous event.
ABSENT_AFTER_ANSWER_MS = 10_000  # a 5xx: whatever it did is done
ABSENT_AFTER_SILENCE_MS = 30_000  # a dropped connection, or our own death: Google may still be at it


class EmailKind(StrEnum):
    INDIVIDUAL = "individual"  # E1: through the user's Gmail, one message to all of its recipients
    BULK = "bulk"  # E2: through the location's provider, one message to each
    AUTOMATED = "automated"  # as bulk; a program asked for it
    NOTICE = "notice"  # from the product itself to its own users; it makes no entry, and no list shows it


class LaneKind(StrEnum):
    """What carries a delivery."""

    GMAIL = "gmail"
    PROVIDER = "provider"


class OutboxState(StrEnum):
    WAITING = "waiting"
    SENDING = "sending"  # an attempt is under way, or died
    SENT = "sent"
    UNKNOWN = "unknown"  # never repeated before its absence is proven, or its user said that it did not leave
    FAILED = "failed"  # its text is kept
    CANCELLED = "cancelled"  # by its user; its text is kept


class OutboxStep(StrEnum):
    BEGIN = "begin"
    SENT = "sent"
    UNSURE = "unsure"
    PUT_BACK = "put_back"
    FAIL = "fail"
    GIVE_UP = "give_up"
    CANCEL = "cancel"
    RETRY = "retry"
    FOUND = "found"


class Ambiguity(StrEnum):
    """Why nobody knows whether a message left."""

    ANSWER = "answer"  # a definite 5xx
    SILENCE = "silence"  # no answer: the connection dropped, or our process died


class OutboxReason(StrEnum):
    """Why a delivery is where it is. Constant words; pages and the API say them in the reader's language."""

    UNDO = "undo"  # E7: its user may still take it back
    SCHEDULED = "scheduled"  # E7: send later
    DAILY_LIMIT = "daily_limit"  # E3: our own count
    SENDING_LIMIT = "sending_limit"  # Google's 429 "(Mail sending)"
    RATE_LIMITED = "rate_limited"  # asked for a pause
    UNREACHABLE = "unreachable"  # does not answer, or not as it should; nothing left
    NEEDS_REAUTH = "needs_reauth"  # A5: its user has to sign in with Google again
    NOT_LEFT = "not_left"  # it was looked for and is not there: it goes again
    ANSWER_UNCLEAR = "answer_unclear"  # a 5xx, which may come after the effect
    NO_ANSWER = "no_answer"  # the connection dropped after the request had begun
    INTERRUPTED = "interrupted"  # our process died in the middle
    DISCONNECTED = "disconnected"  # E8
    ACCOUNT_REPLACED = "account_replaced"  # A3: another account has the connection's place
    LEFT_LOCATION = "left_location"  # G4
    PERMISSION_MISSING = "permission_missing"  # Google says that we may not send for this user
    NO_MAILBOX = "no_mailbox"  # the Google account has no Gmail
    REFUSED = "refused"  # for good, whatever the words
    RECIPIENTS_REFUSED = "recipients_refused"  # some or all of them
    SENDER_REFUSED = "sender_refused"
    TOO_LARGE = "too_large"
    NO_PROVIDER = "no_provider"  # the location has none (any more)
    PROVIDER_BUSY = "provider_busy"  # a 4xx: later
    PROVIDER_LOGIN = "provider_login"  # it does not take our name and password
    PROVIDER_TLS = "provider_tls"  # no encryption, or a certificate that is not its own
    RESOLVED = "resolved"  # its user said what became of it
    BOUNCED = "bounced"  # C7: it left, and came back


_S = OutboxState
_UNDER_WAY = (_S.SENDING, _S.UNKNOWN)
LEGAL_STEPS: Mapping[OutboxStep, Mapping[OutboxState, OutboxState]] = {
    OutboxStep.BEGIN: {_S.WAITING: _S.SENDING},
    OutboxStep.SENT: dict.fromkeys(_UNDER_WAY, _S.SENT),
    OutboxStep.UNSURE: dict.fromkeys(_UNDER_WAY, _S.UNKNOWN),
    OutboxStep.PUT_BACK: dict.fromkeys(_UNDER_WAY, _S.WAITING),
    OutboxStep.FAIL: dict.fromkeys((_S.WAITING, *_UNDER_WAY), _S.FAILED),
    OutboxStep.GIVE_UP: {_S.WAITING: _S.FAILED},
    OutboxStep.CANCEL: {_S.WAITING: _S.CANCELLED},
    OutboxStep.RETRY: dict.fromkeys((_S.FAILED, _S.CANCELLED), _S.WAITING),
    OutboxStep.FOUND: dict.fromkeys((state for state in _S if state is not _S.SENT), _S.SENT),
}

# Of several deliveries the first of these that one is in: the gravest that is not over, then what went wrong.
_TELLING = (_S.UNKNOWN, _S.SENDING, _S.WAITING, _S.FAILED, _S.CANCELLED, _S.SENT)
OVER = (_S.SENT, _S.FAILED, _S.CANCELLED)


def is_legal(step: OutboxStep, state: OutboxState) -> bool:
    return state in LEGAL_STEPS[step]


def told_state(counts: Mapping[OutboxState, int]) -> OutboxState:
    """What an e-mail is in. counts: how many of its deliveries are in each state; there is at least one."""
    return next(state for state in _TELLING if counts.get(state))


def proves_absence(ambiguity: Ambiguity, ambiguous_at_ms: int, look_began_at_ms: int) -> bool:
    """Whether a look that found nothing, and began then, says that nothing left."""
    return look_began_at_ms >= proof_at_ms(ambiguity, ambiguous_at_ms)


def proof_at_ms(ambiguity: Ambiguity, ambiguous_at_ms: int) -> int:
    """From when on a look proves something. ambiguous_at_ms: when the answer came, or the silence was noticed."""
    after_ms = ABSENT_AFTER_ANSWER_MS if ambiguity is Ambiguity.ANSWER else ABSENT_AFTER_SILENCE_MS
    return ambiguous_at_ms + after_ms


def room_at_ms(sent_at_ms: Iterable[int], daily_limit: int, *, now_ms: int) -> int | None:
    """E3: when the mailbox may send again; None where it may now.

    sent_at_ms: of what it sent, in any order; at least the newest daily_limit of them."""
    newest = sorted((at_ms for at_ms in sent_at_ms if at_ms > now_ms - WINDOW_MS), reverse=True)
    return newest[daily_limit - 1] + WINDOW_MS if len(newest) >= daily_limit else None
