"""Decisions: what was done with a sighting, and by which rule."""

from typing import Literal

from pydantic import Field

from crm_store.decisions import DecisionView
from gateway.web.shapes.fields import PageQuery, Shape, Time, shown_id, shown_message_id, shown_time


class DecisionQuery(PageQuery):
    """One of the two ids."""

    message_id: str | None = Field(None, description="with or without angle brackets")
    gmail_id: str | None = Field(None, description="what Gmail calls the message in one mailbox")


class Decision(Shape):
    path: Literal["bcc", "gmail", "crm"]
    rule: str
    reason: str
    outcome: Literal["received", "recorded", "held", "rejected", "ignored", "failed"]
    at: Time
    message_id: str | None
    location_id: str | None
    entry_id: str | None
    capture_id: str | None


def decision(view: DecisionView) -> Decision:
    return Decision(
        path=view.path.value,
        rule=view.rule,
        reason=view.reason,
        outcome=view.outcome.value,
        at=shown_time(view.at_ms),
        message_id=shown_message_id(view.message_id),
        location_id=shown_id(view.location_id),
        entry_id=shown_id(view.entry_id),
        capture_id=shown_id(view.capture_id),
    )
