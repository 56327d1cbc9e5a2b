"""How an endpoint's shape becomes an answer."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from fastapi import APIRouter, Response
from fastapi.routing import APIRoute

from gateway.web.shapes.fields import Shape

ROOT = "/api/v1"


class JsonRoute(APIRoute):
    """Writes the shape as JSON in the endpoint's own thread.

    FastAPI would validate it a second time and write it on the event loop, where a page of long mails holds up
    everybody. Any: what FastAPI's own signature says."""

    def __init__(self, path: str, endpoint: Callable[..., Any], *, status_code: int | None = None, **options: Any):
        super().__init__(path, _answering(endpoint, status_code or 200), status_code=status_code, **options)


def api_router(tag: str) -> APIRouter:
    """A router for one resource of the API."""
    return APIRouter(prefix=ROOT, tags=[tag], route_class=JsonRoute)


def _answering(endpoint: Callable[..., Any], status: int) -> Callable[..., Response]:
    @wraps(endpoint)
    def answer(*words: Any, **named: Any) -> Response:
        shape = endpoint(*words, **named)
        return (
            json_answer(shape.model_dump_json(), status)
            if isinstance(shape, Shape)
            else shape or Response(None, status)
        )

    return answer


def json_answer(text: str, status: int, headers: dict[str, str] | None = None) -> Response:
    return Response(text, status, headers, media_type="application/json")
