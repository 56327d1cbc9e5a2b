"""The methods and schemas of Gmail and People, out of the discovery documents that Google's client ships."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from syncer.sandbox.json_value import Json, JsonObject, inner, text, texts

DOCUMENTS = ("gmail.v1", "people.v1")
_PLACEHOLDER = re.compile(r"\{(\+?)([A-Za-z.]+)\}")
_EVERYWHERE = frozenset(  # query parameters that every method takes
    {
        "alt",
        "fields",
        "key",
        "prettyPrint",
        "quotaUser",
        "userIp",
        "access_token",
        "oauth_token",
        "uploadType",
        "upload_id",
        "upload_protocol",
        "$.xgafv",
        "callback",
    }
)


@dataclass(frozen=True, slots=True)
class Method:
    """upload_max_bytes: 0 where it takes no media. request, response: names of schemas, "" for none."""

    id: str
    verb: str
    pattern: re.Pattern[str]
    scopes: frozenset[str]
    parameters: Mapping[str, JsonObject]
    request: str
    response: str
    upload_pattern: re.Pattern[str] | None
    upload_max_bytes: int

    @property
    def service(self) -> str:
        """gmail or people."""
        return self.id.partition(".")[0]


@cache
def document(name: str) -> JsonObject:
    """name: one of DOCUMENTS."""
    found: JsonObject = json.loads(
        (files("googleapiclient.discovery_cache") / "documents" / f"{name}.json").read_text("utf-8")
    )
    return found


@cache
def methods() -> tuple[Method, ...]:
    """All of both APIs, whether the sandbox has them or not."""
    return tuple(method for name in DOCUMENTS for method in _methods(document(name)))


def _methods(resource: Mapping[str, Json]) -> Iterator[Method]:
    for value in inner(resource, "methods").values():
        assert isinstance(value, dict)
        yield _method(value)
    for value in inner(resource, "resources").values():
        assert isinstance(value, dict)
        yield from _methods(value)


def _method(value: JsonObject) -> Method:
    parameters = {name: spec for name, spec in inner(value, "parameters").items() if isinstance(spec, dict)}
    upload = inner(value, "mediaUpload")
    path = text(inner(inner(upload, "protocols"), "simple"), "path").lstrip("/")
    return Method(
        id=text(value, "id"),
        verb=text(value, "httpMethod"),
        pattern=_pattern("/" + text(value, "path"), parameters),
        scopes=frozenset(texts(value, "scopes")),
        parameters=parameters,
        request=text(inner(value, "request"), "$ref"),
        response=text(inner(value, "response"), "$ref"),
        # Both protocols of the document; its client sends resumable uploads to the simple path as well.
        upload_pattern=_pattern("(?:/resumable)?/" + path, parameters) if path else None,
        upload_max_bytes=int(text(upload, "maxSize") or 0),
    )


def _pattern(path: str, parameters: Mapping[str, JsonObject]) -> re.Pattern[str]:
    def group(match: re.Match[str]) -> str:
        form = text(parameters.get(match[2], {}), "pattern").strip("^$") if match[1] else r"[^/]+"
        return f"(?P<{match[2]}>{form})"

    return re.compile(_PLACEHOLDER.sub(group, path))


def takes_everywhere(name: str) -> bool:
    """Whether every method has this query parameter."""
    return name in _EVERYWHERE
