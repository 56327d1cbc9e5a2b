"""The `fields` parameter: a part of the reply (Google's partial responses): `a,b/c,d(e,f/*)`."""

import re
from collections.abc import Iterator

from syncer.sandbox.api.errors import bad_request
from syncer.sandbox.json_value import Json

Mask = dict[str, "Mask"]
_TOKEN = re.compile(r"\s*([A-Za-z0-9_.*-]+|[(),/])")
_MOST_DEPTH = 20


def partial(value: Json, fields: str) -> Json:
    """Raises: ApiError 400 for what can't be read."""
    return _kept(value, _mask(fields)) if fields and fields != "*" else value


def _mask(fields: str) -> Mask:
    tokens = list(_tokens(fields))
    mask, rest = _group(tokens, 0, 0)
    if rest != len(tokens):
        raise _unreadable(fields)
    return mask


def _tokens(fields: str) -> Iterator[str]:
    at = 0
    while at < len(fields.rstrip()):
        match = _TOKEN.match(fields, at)
        if not match:
            raise _unreadable(fields)
        yield match[1]
        at = match.end()


def _group(tokens: list[str], at: int, depth: int) -> tuple[Mask, int]:
    """One list with commas, up to its end or a bracket."""
    mask: Mask = {}
    while True:
        at = _path(tokens, at, mask, depth)
        if at >= len(tokens) or tokens[at] != ",":
            return mask, at
        at += 1


def _path(tokens: list[str], at: int, mask: Mask, depth: int) -> int:
    """One name with what follows it: /more, (a,b). An empty mask below a name means all of it."""
    if at >= len(tokens) or tokens[at] in "(),/" or depth > _MOST_DEPTH:
        raise _unreadable(" ".join(tokens))
    below = mask.setdefault(tokens[at], {})
    at += 1
    if at < len(tokens) and tokens[at] == "/":
        return _path(tokens, at + 1, below, depth + 1)
    if at < len(tokens) and tokens[at] == "(":
        inner, at = _group(tokens, at + 1, depth + 1)
        below.update(inner)
        if at >= len(tokens) or tokens[at] != ")":
            raise _unreadable(" ".join(tokens))
        at += 1
    return at


def _kept(value: Json, mask: Mask) -> Json:
    if not mask or ("*" in mask and not mask["*"]):
        return value
    if isinstance(value, list):
        return [_kept(item, mask) for item in value]
    if isinstance(value, dict):
        return {
            name: _kept(item, mask.get(name, mask.get("*", {})))
            for name, item in value.items()
            if name in mask or "*" in mask
        }
    return value


def _unreadable(fields: str) -> Exception:
    return bad_request(f"Invalid field selection {fields[:100]}", "invalidParameter")
