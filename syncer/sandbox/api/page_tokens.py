"""Page tokens: opaque, and good only for the same question."""

import hashlib
import json
from collections.abc import Sequence

from syncer.sandbox.api.errors import bad_request
from syncer.sandbox.api.schema import base64url, base64url_bytes
from syncer.sandbox.json_value import Json


def page_token(question: Sequence[Json], place: Sequence[Json]) -> str:
    """question: the parameters that all pages share. place: where the next page begins."""
    return base64url(json.dumps([_digest(question), *place]).encode()).rstrip("=")


def place_of(token: str, question: Sequence[Json]) -> list[Json]:
    """Raises: ApiError 400 for a token that is broken or another question's."""
    try:
        told: Json = json.loads(base64url_bytes(token))
    except ValueError:
        told = None
    if not isinstance(told, list) or told[:1] != [_digest(question)]:
        raise bad_request("Invalid pageToken")
    return told[1:]


def _digest(question: Sequence[Json]) -> str:
    return hashlib.sha256(json.dumps(question).encode()).hexdigest()[:16]
