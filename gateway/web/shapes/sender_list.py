"""Lists of senders: allowed, blocked, never logged."""

from pydantic import Field

from crm_store.sender_list_changes import PatternView
from gateway.web.shapes.fields import Body, Line, Shape, Time, shown_time


class NewPattern(Body):
    pattern: Line = Field(description="an e-mail address, or a domain: @example.com")


class Pattern(Shape):
    id: str
    pattern: str
    created_at: Time


def pattern(view: PatternView) -> Pattern:
    return Pattern(id=str(view.id), pattern=view.pattern, created_at=shown_time(view.created_at_ms))
