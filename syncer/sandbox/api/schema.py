"""Is a JSON value what a discovery document's schema says? For requests when they come, for replies in the tests."""

import base64
import re
from collections.abc import Callable, Iterator, Mapping

from syncer.sandbox.api.discovery import document
from syncer.sandbox.json_value import Json, JsonObject, inner, text, texts

_WHOLE_NUMBER = re.compile(r"-?[0-9]{1,20}")
_BASE64URL = re.compile(r"[A-Za-z0-9_-]*={0,2}")
_RANGES = {
    "int32": (-(2**31), 2**31 - 1),
    "uint32": (0, 2**32 - 1),
    "int64": (-(2**63), 2**63 - 1),
    "uint64": (0, 2**64 - 1),
}


def faults_of(value: Json, schema: str, document_name: str) -> list[str]:
    """What is wrong with it, one sentence each, with the path: unknown fields, wrong types. [] if nothing is."""
    schemas = inner(document(document_name), "schemas")
    return list(_faults(value, inner(schemas, schema), "", schemas))


def _faults(value: Json, schema: JsonObject, path: str, schemas: Mapping[str, Json]) -> Iterator[str]:
    if reference := text(schema, "$ref"):
        schema = inner(schemas, reference)
    kind = text(schema, "type")
    if kind == "object":
        yield from _object_faults(value, schema, path, schemas)
    elif kind == "array":
        if not isinstance(value, list):
            yield f"{path}: not a list"
            return
        for number, item in enumerate(value):
            yield from _faults(item, inner(schema, "items"), f"{path}[{number}]", schemas)
    elif kind != "any" and not _CHECKS[kind](value, schema):
        yield f"{path}: not {kind} {text(schema, 'format')}".rstrip()


def _object_faults(value: Json, schema: JsonObject, path: str, schemas: Mapping[str, Json]) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{path}: not an object"
        return
    properties, others = inner(schema, "properties"), inner(schema, "additionalProperties")
    for name, item in value.items():
        known = inner(properties, name) or others
        if not known:
            yield f"Unknown name \"{name}\" at '{path}': Cannot find field."
        else:
            yield from _faults(item, known, f"{path}.{name}".lstrip("."), schemas)


def _is_text(value: Json, schema: JsonObject) -> bool:
    if not isinstance(value, str):
        return False
    form = text(schema, "format")
    if form in _RANGES:
        low, high = _RANGES[form]
        return _WHOLE_NUMBER.fullmatch(value) is not None and low <= int(value) <= high
    if form == "byte":
        return _is_base64url(value)
    allowed = texts(schema, "enum")
    return not allowed or value in allowed


def _is_base64url(value: str) -> bool:
    if not _BASE64URL.fullmatch(value.replace("+", "-").replace("/", "_")):
        return False
    return len(value.rstrip("=")) % 4 != 1


def _is_whole(value: Json, schema: JsonObject) -> bool:
    low, high = _RANGES[text(schema, "format") or "int32"]
    return isinstance(value, int) and not isinstance(value, bool) and low <= value <= high


_CHECKS: dict[str, Callable[[Json, JsonObject], bool]] = {
    "string": _is_text,
    "integer": _is_whole,
    "number": lambda value, _: isinstance(value, int | float) and not isinstance(value, bool),
    "boolean": lambda value, _: isinstance(value, bool),
}


def base64url_bytes(value: str) -> bytes:
    """With or without padding, in either alphabet. Raises: ValueError."""
    plain = value.replace("-", "+").replace("_", "/").rstrip("=")
    return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)


def base64url(data: bytes) -> str:
    """With padding, as Gmail sends it."""
    return base64.urlsafe_b64encode(data).decode("ascii")
