"""Bodies with files in them: from people who are known, some at a time, and read away from the event loop."""

import re
from collections.abc import AsyncIterator
from typing import Annotated, Any, TypeVar

import anyio
import anyio.to_thread
from fastapi import Depends, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError
from starlette.exceptions import HTTPException

from gateway.web.asking import Token, asked_by
from gateway.web.guards import MAX_BODY_BYTES

B = TypeVar("B", bound=BaseModel)
# A body of the largest size is in memory about five times before it is answered.
AT_ONCE = 3
_READ_WITHIN_S = 300
_COLUMN = re.compile(r"column (\d+)")


async def _large_body(request: Request, token: Token) -> AsyncIterator[bytes]:
    told = request.headers.get("content-length")
    if told is not None and int(told) <= MAX_BODY_BYTES:
        yield await request.body()
        return
    await anyio.to_thread.run_sync(_require_known, token)
    async with request.app.state.large_bodies:
        with anyio.move_on_after(_READ_WITHIN_S) as reading:
            body = await request.body()
        if reading.cancelled_caught:
            raise HTTPException(408, "the body did not come in time")
        yield body


def _require_known(token: str) -> None:
    with asked_by(token):
        pass


# In front of whatever else reads the body.
LargeBody = Annotated[bytes, Depends(_large_body)]


def parsed(kind: type[B], body: bytes) -> B:
    """In the endpoint's own thread: parsing as much as this takes too long for the event loop.

    Raises: RequestValidationError, as FastAPI does."""
    try:
        return kind.model_validate_json(body)
    except ValidationError as error:
        errors = error.errors(include_url=False, include_context=False, include_input=False)
        told = [{**one, "loc": _place(one["type"], one["msg"], one["loc"])} for one in errors]
        raise RequestValidationError(told) from None


def _place(kind: str, said: str, place: tuple[int | str, ...]) -> tuple[int | str, ...]:
    """As FastAPI tells it: which character a document is no JSON from."""
    if kind != "json_invalid":
        return ("body", *place)
    column = _COLUMN.search(said)
    return ("body", int(column[1]) if column else 0)


def schema_of(kind: type[BaseModel]) -> dict[str, Any]:
    """For openapi_extra: FastAPI does not see what the body is. Any: JSON."""
    schema = kind.model_json_schema()
    parts = schema.pop("$defs", {})

    def whole(node: Any) -> Any:
        if isinstance(node, list):
            return [whole(one) for one in node]
        if not isinstance(node, dict):
            return node
        if "$ref" in node:
            return whole(parts[node["$ref"].rpartition("/")[2]])
        return {name: whole(value) for name, value in node.items()}

    return {"requestBody": {"required": True, "content": {"application/json": {"schema": whole(schema)}}}}
