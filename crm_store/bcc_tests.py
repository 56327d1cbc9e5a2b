"""The self-test of a BCC address: begun on the settings page, answered by the next mail that comes in there (C1).

Nothing is written when that mail comes: which capture answers a test can be read from what is there. So no crash and no
two mails at once can leave a test that says something else than the captures do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from crm_store import audit
from crm_store.database.rows import tuples
from crm_store.database.session import lock_location, writing
from crm_store.errors import Conflict
from crm_store.models.bcc import BccAddress, BccTest
from crm_store.models.captures import Capture, CaptureRecipient
from crm_store.rules.states import CaptureState

WAITS_MS = 3_600_000
SHOWN_MS = 86_400_000
_LOOKED_AT = 200  # captures of the owner since the test began; at their other addresses there may be any number


class TestState(StrEnum):
    WAITING = "waiting"
    ARRIVED = "arrived"
    MISSED = "missed"  # an hour went by, and nothing came

    __test__ = False  # pytest takes any class of this name for one of its own


@dataclass(frozen=True, slots=True)
class BccTestView:
    """What became of the mail that came in is in outcome, rule and reason; None before anything came, and rule and
    reason None while nothing is decided about it."""

    state: TestState
    since_ms: int
    arrived_at_ms: int | None = None
    outcome: CaptureState | None = None
    rule: str | None = None
    reason: str | None = None


def start(location_id: int, user_id: int, *, by: int | None, now_ms: int) -> None:
    """Wait for the next mail at the member's current address; a test before this one is over.

    Raises: Conflict where the address is switched off."""
    with writing():
        lock_location(location_id)  # nobody replaces the address meanwhile
        current = (
            BccAddress.select(BccAddress.id)
            .where(
                BccAddress.location_id == location_id,
                BccAddress.user_id == user_id,
                BccAddress.works_until_ms.is_null(),
            )
            .first()
        )
        if current is None:
            raise Conflict("the BCC address is switched off: replacing it switches it on")
        began = {BccTest.after_capture_id: _newest_capture(location_id, user_id), BccTest.started_at_ms: now_ms}
        BccTest.insert({BccTest.bcc_address_id: current.id, **began}).on_conflict(
            conflict_target=[BccTest.bcc_address_id], update=began
        ).execute()
        audit.write("bcc_address.test", f"user {user_id}", by=by, now_ms=now_ms, location_id=location_id)


def of_address(address_id: int, *, now_ms: int) -> BccTestView | None:
    """None where there was none in the last day."""
    test = BccTest.get_or_none(BccTest.bcc_address_id == address_id)
    if test is None or now_ms - test.started_at_ms >= SHOWN_MS:
        return None
    answer_id = _answer(test)
    if answer_id is None:
        waits = now_ms - test.started_at_ms < WAITS_MS
        return BccTestView(TestState.WAITING if waits else TestState.MISSED, test.started_at_ms)
    answer = Capture.get_by_id(answer_id)
    return BccTestView(
        TestState.ARRIVED,
        test.started_at_ms,
        answer.received_at_ms,
        CaptureState(answer.state),
        answer.rule,
        answer.reason,
    )


def is_answered_by(capture_id: int, *, received_at_ms: int) -> bool:
    """Whether a test waited for this very mail: one mail a test, so that nothing else is ever taken for it."""
    waited = (
        BccTest.select()
        .join(CaptureRecipient, on=(CaptureRecipient.bcc_address_id == BccTest.bcc_address_id))
        .where(
            CaptureRecipient.capture_id == capture_id,
            BccTest.started_at_ms <= received_at_ms,
            BccTest.started_at_ms > received_at_ms - WAITS_MS,
        )
    )
    return any(_answer(test) == capture_id for test in list(waited))


def _newest_capture(location_id: int, user_id: int) -> int:
    newest = CaptureRecipient.select(CaptureRecipient.capture_id).where(
        CaptureRecipient.user_id == user_id, CaptureRecipient.location_id == location_id
    )
    return next((row for (row,) in tuples(newest.order_by(CaptureRecipient.capture_id.desc()).limit(1))), 0)


def _answer(test: BccTest) -> int | None:
    """The id of the capture that answers it, None while none does."""
    address = BccAddress.get_by_id(test.bcc_address_id)
    later = (
        CaptureRecipient.select(CaptureRecipient.capture_id, CaptureRecipient.bcc_address_id)
        .where(
            CaptureRecipient.user_id == address.user_id,
            CaptureRecipient.location_id == address.location_id,
            CaptureRecipient.capture_id > test.after_capture_id,
        )
        .order_by(CaptureRecipient.capture_id)
        .limit(_LOOKED_AT)
    )
    return next((capture_id for capture_id, at in tuples(later) if at == address.id), None)
