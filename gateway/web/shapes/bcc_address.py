"""BCC addresses and their self-tests."""

from typing import Literal

from pydantic import Field, StrictInt

from crm_store import wording
from crm_store.bcc_addresses import BccAddressView
from crm_store.bcc_tests import BccTestView
from crm_store.rules.states import CaptureState
from gateway.web.shapes.capture import StateWord
from gateway.web.shapes.fields import Body, Shape, Time, shown_time, shown_time_or_none


class Replacement(Body):
    grace_days: StrictInt | None = Field(
        None,
        description="how long the old address works on: 0 for one that leaked; null: the location's bcc_grace_days",
    )


class PreviousAddress(Shape):
    address: str
    until: Time


class BccTest(Shape):
    """The latest self-test: the next mail at the address answers it."""

    state: Literal["waiting", "arrived", "missed"] = Field(description="missed: an hour went by, and nothing came")
    since: Time
    arrived_at: Time | None
    outcome: StateWord | None = Field(description="what became of the mail; `ignored` for one that was only a test")
    reason: str | None = Field(description="one sentence with the rule, in the asker's language")


class BccAddress(Shape):
    address: str | None = Field(description="null while it is switched off")
    active: bool
    last_capture_at: Time | None
    previous: list[PreviousAddress] = Field(description="replaced, and working until the time named")
    test: BccTest | None = Field(description="begun in the last day; null where none was")


def bcc_address(view: BccAddressView, locale: str | None) -> BccAddress:
    """locale: of who asks; None for the default."""
    return BccAddress(
        address=view.address,
        active=view.active,
        last_capture_at=shown_time_or_none(view.last_capture_at_ms),
        previous=[PreviousAddress(address=one.address, until=shown_time(one.until_ms)) for one in view.previous],
        test=None if view.test is None else _test(view.test, locale),
    )


def reason_of_test(view: BccTestView, locale: str | None) -> str | None:
    """Why the test's mail became what it is, in one sentence; None while nothing is decided about it."""
    if view.outcome is CaptureState.FAILED:
        return wording.failed_sentence(locale)
    return wording.sentence(view.reason, view.rule, locale) if view.reason and view.rule else None


def _test(view: BccTestView, locale: str | None) -> BccTest:
    return BccTest(
        state=view.state.value,
        since=shown_time(view.since_ms),
        arrived_at=shown_time_or_none(view.arrived_at_ms),
        outcome=None if view.outcome is None else view.outcome.value,
        reason=reason_of_test(view, locale),
    )
