"""The kinds of field that shapes share."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Annotated, Generic, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

from crm_store.paging import DEFAULT_LIMIT, MAX_LIMIT, Page, PageRequest

V = TypeVar("V")
S = TypeVar("S", bound="Shape")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# PostgreSQL keeps no NUL, UTF-8 no half of a pair, and a line break in a name ends in somebody's header.
_NOT_IN_A_LINE = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
_NOT_IN_A_TEXT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


def _parse_id(value: object) -> int:
    if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) <= 19:
        number = int(value)
        if number < 2**63 and str(number) == value:  # "007" is not another name of 7
            return number
    raise ValueError("is not an id")


def id_or_none(word: str) -> int | None:
    """What an id means inside; None for what is none: it names nothing."""
    try:
        return _parse_id(word)
    except ValueError:
        return None


def _without(forbidden: re.Pattern[str]) -> AfterValidator:
    def check(value: str) -> str:
        if forbidden.search(value):
            raise ValueError("has control characters")
        return value

    return AfterValidator(check)


# Opaque to those who use the API; only here they are numbers.
Id = Annotated[int, BeforeValidator(_parse_id), WithJsonSchema({"type": "string", "description": "an id, opaque"})]
Line = Annotated[str, _without(_NOT_IN_A_LINE)]
Text = Annotated[str, _without(_NOT_IN_A_TEXT)]
Time = Annotated[
    str,
    WithJsonSchema({"type": "string", "format": "date-time", "examples": ["2026-11-23T14:00:00.123Z"]}),
]


class Body(BaseModel):
    """What a request says. A field that nobody knows is a typing error, and is told."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class PageQuery(Body):
    """The query of every list."""

    limit: int = Field(DEFAULT_LIMIT, ge=1, le=MAX_LIMIT, description="how many items a page has at most")
    after: str | None = Field(None, description="`next` of the page before")

    def page_request(self) -> PageRequest:
        return PageRequest(self.limit, self.after)


class Shape(BaseModel):
    """What is answered."""

    model_config = ConfigDict(frozen=True, serialize_by_alias=True)


class Listing(Shape, Generic[S]):
    """One page of a list. It may have fewer items than its limit, even none, and a following page all the same."""

    items: list[S]
    next: str | None = Field(description="ask for the following page with `?after=`; null on the last")


def listing(page: Page[V], items: Iterable[S]) -> Listing[S]:
    """items: the page's, shaped."""
    return Listing(items=list(items), next=page.next)


def shown_id(value: int | None) -> str | None:
    return None if value is None else str(value)


def shown_time(at_ms: int) -> str:
    """RFC 3339 in UTC with milliseconds."""
    return (_EPOCH + timedelta(milliseconds=at_ms)).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def shown_time_or_none(at_ms: int | None) -> str | None:
    return None if at_ms is None else shown_time(at_ms)


def shown_message_id(bare: str | None) -> str | None:
    """With angle brackets (contract, "The command sunnyday")."""
    return None if bare is None else f"<{bare}>"
