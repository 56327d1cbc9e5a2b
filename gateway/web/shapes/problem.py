"""Errors as RFC 9457 tells them."""

from pydantic import Field

from gateway.web.shapes.fields import Shape


class FieldError(Shape):
    field: str = Field(description="its name, dots for nesting: addresses.0")
    message: str


class Problem(Shape):
    """application/problem+json"""

    type: str = "about:blank"
    title: str
    status: int
    detail: str = Field(description="what happened, and what to do next")
    errors: list[FieldError] | None = Field(None, description="the fields that can't be taken as they are")
