"""The OpenAPI document: FastAPI's own, with our errors in place of the ones that it supposes."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from gateway.web.json_route import ROOT
from gateway.web.problems import MEDIA_TYPE
from gateway.web.shapes.problem import Problem

URL = f"{ROOT}/openapi.json"
_REF = "#/components/schemas/{model}"
_DESCRIPTION = """Ids are opaque strings. Times are RFC 3339 in UTC with milliseconds. Lists are paged: `?limit=` and
`?after=` with the `next` of the page before. Errors are problem documents (RFC 9457); a wrong field is named. A POST
that makes something takes `Idempotency-Key`: a repetition gets the same answer, with `Idempotent-Replayed: true`."""


# Any: a JSON document.
def document(app: FastAPI) -> dict[str, Any]:
    """Made once; the routes do not change while we run."""
    if app.openapi_schema is None:
        made = get_openapi(
            title=app.title, version=app.version, description=_DESCRIPTION, routes=app.routes, tags=app.openapi_tags
        )
        schemas = made["components"]["schemas"]
        for unused in ("HTTPValidationError", "ValidationError"):
            schemas.pop(unused, None)
        problem = Problem.model_json_schema(ref_template=_REF, mode="serialization")
        schemas |= problem.pop("$defs")
        schemas["Problem"] = problem
        for path, operations in made["paths"].items():
            for method, operation in operations.items():
                _declare_problems(operation, path, method)
        app.openapi_schema = made
    return app.openapi_schema


def _declare_problems(operation: dict[str, Any], path: str, method: str) -> None:
    """What each kind of operation may answer besides what it is asked for."""
    problems = {"401": "No token, or none that we know", "503": "The database does not answer; try again"}
    if "{" in path:
        problems["404"] = "There is no such thing, or none that the token may see"
    if method != "get" or "/locations/" in path:
        problems["403"] = "The token's user may not do this"
    if method in ("post", "put", "delete"):
        problems["409"] = "Somebody was first, it exists already, or the key was used for another request"
    if "requestBody" in operation:
        problems["413"] = "The body is too large"
    if "422" in operation["responses"]:
        problems["422"] = "A field can't be taken; errors names it"
    content = {MEDIA_TYPE: {"schema": {"$ref": _REF.format(model="Problem")}}}
    if "422" in operation["responses"] and "422" not in problems:
        del operation["responses"]["422"]
    for status, description in sorted(problems.items()):
        operation["responses"][status] = {"description": description, "content": content}
