"""Every error as an RFC 9457 problem document that tells what happened and what to do next."""

from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from crm_store.clock import now_ms
from crm_store.errors import (
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    ProductError,
    Temporary,
    TooOften,
    Unauthenticated,
)
from gateway.web.metrics import route_of
from gateway.web.pages import error_pages
from gateway.web.shapes.problem import FieldError, Problem

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_S = 3
_MAX_ERRORS = 50
_MAX_NAME_LENGTH = 100
_STATUS: tuple[tuple[type[ProductError], int], ...] = (
    (Unauthenticated, 401),
    (Forbidden, 403),
    (NotFound, 404),
    (Conflict, 409),
    (Invalid, 422),
    (TooOften, 429),
    (Temporary, 503),
)
_ADVICE = {
    400: "Check that the request is complete and well-formed.",
    401: "Send the header Authorization: Bearer TOKEN; sunnyday token create makes one.",
    403: "Ask somebody who may, or use another token.",
    404: "Check the id; what other locations have is not shown to this token.",
    405: "The header Allow lists what can be done here.",
    409: "Look at what is there now, then decide whether to try again.",
    413: "Send less at once.",
    422: "Correct what errors names, and send the request again.",
    429: "Wait until the time that Retry-After tells.",
    503: "Try again in a few seconds; a POST is safe to repeat under the same Idempotency-Key.",
}
_TEXT_500 = "Something went wrong on our side. It is in the log; try again, and tell the operator if it happens again."
_TEXT_422 = "a value can't be taken"
_NOT_AN_OBJECT = frozenset({"missing", "dict_type", "model_type", "model_attributes_type"})


def add_to(app: FastAPI) -> None:
    app.add_exception_handler(ProductError, _product_error)
    app.add_exception_handler(RequestValidationError, _validation_error)
    app.add_exception_handler(HTTPException, _http_error)


def problem(
    status: int, what: str, *, errors: list[FieldError] | None = None, headers: dict[str, str] | None = None
) -> Response:
    """what: what happened, as the beginning of a sentence."""
    document = _document(status, what, errors)
    return Response(document.model_dump_json(exclude_none=True), status, headers, media_type=MEDIA_TYPE)


def document_of(error: ProductError) -> Problem:
    """The same for one of many, which has no answer of its own."""
    status = _status_of(error)
    if isinstance(error, Invalid):
        return _document(status, _TEXT_422, [FieldError(field=error.field, message=str(error))])
    return _document(status, str(error) if status != 500 else _TEXT_500)


def _status_of(error: ProductError) -> int:
    return next((status for kind, status in _STATUS if isinstance(error, kind)), 500)


def _document(status: int, what: str, errors: list[FieldError] | None = None) -> Problem:
    detail = what[:1].upper() + what[1:].rstrip(".") + "."
    if status in _ADVICE:
        detail = f"{detail} {_ADVICE[status]}"
    return Problem(title=HTTPStatus(status).phrase, status=status, detail=detail, errors=errors)


async def unexpected(request: Request) -> Response:
    """An error of our own: nothing of it is told."""
    return await refused(request, 500, _TEXT_500)


async def refused(request: Request, status: int, what: str) -> Response:
    """To a person as a page, to a program as a problem; for who stands before the endpoints."""
    return await error_pages.of_status(request, status) if _is_for_a_person(request) else problem(status, what)


def _is_for_a_person(request: Request) -> bool:
    return error_pages.wants_page(request.scope["path"], request.headers.get("accept", ""))


async def _product_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, ProductError)
    status = _status_of(error)
    if status == 500:
        raise error  # e.g. a setting: nothing that the caller could mend
    if isinstance(error, Invalid):
        return problem(422, _TEXT_422, errors=[FieldError(field=error.field, message=str(error))])
    if isinstance(error, TooOften):
        wait_s = max(1, -(-(error.until_ms - now_ms()) // 1000))
        return problem(status, str(error), headers={"Retry-After": str(wait_s)})
    return problem(status, str(error), headers=_headers(request, status))


def _headers(request: Request, status: int) -> dict[str, str] | None:
    if status == 401:
        # RFC 6750 §3.1: without a token there is no error to name.
        sent = "authorization" in request.headers
        return {"WWW-Authenticate": 'Bearer error="invalid_token"' if sent else "Bearer"}
    return {"Retry-After": str(RETRY_AFTER_S)} if status == 503 else None


async def _validation_error(_request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    found = error.errors()
    if any(one["loc"][0] == "path" for one in found):
        return problem(404, "there is nothing under this address")  # what is no id names nothing
    errors = [_field_error(one) for one in found[:_MAX_ERRORS]]
    return problem(422, "the request can't be taken as it is", errors=errors)


def _field_error(error: dict[str, Any]) -> FieldError:
    place, *path = error["loc"]
    if error["type"] == "json_invalid":
        return FieldError(field="body", message=f"is not JSON, from character {path[0]} on")
    if not path and error["type"] in _NOT_AN_OBJECT:
        return FieldError(field=str(place), message="is to be a JSON object, sent with Content-Type: application/json")
    message = str(error["msg"]).removeprefix("Value error, ")
    return FieldError(
        field=".".join(map(str, path or [place]))[:_MAX_NAME_LENGTH], message=message
    )  # unknown ones have any length


async def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if _is_for_a_person(request):
        return await error_pages.page_of(request, error)
    headers = dict(error.headers or {})
    if error.status_code == 405:
        # The router names the methods of one of the routes; RFC 9110 §15.5.6 wants those of the address.
        operations = request.app.openapi()["paths"].get(route_of(request.scope), {})
        headers |= {"Allow": ", ".join(sorted(map(str.upper, operations)))} if operations else {}
    what = {
        400: "the request can't be read",
        404: "there is nothing under this address",
        405: "this method can't be used on this address",
    }.get(error.status_code, error.detail)
    return problem(error.status_code, what, headers=headers)
