"""How Google's client is made for a root, asked, and understood when it fails. The same for Gmail and for contacts."""

import json
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import httplib2
from googleapiclient.discovery_cache import get_static_doc
from googleapiclient.errors import HttpError

from crm_store.clock import now_ms
from crm_store.errors import ProductError
from syncer.errors import Unreachable
from syncer.gmail.errors import Answer, Call, meaning
from syncer.gmail.transport import Transport

# What an answer that is no success means.
Failed = Callable[[httplib2.Response, bytes], ProductError]


def ask(call: Call, request: Any, transport: Transport, failed: Failed) -> dict[str, Any]:
    """Any: the client's request, and JSON. Raises: what syncer/errors.py lists."""
    try:
        answer = _execute(request, transport, failed)
    except (ValueError, RecursionError) as error:  # something in front of Google answers 200 and a page
        raise Unreachable(f"{call}: no JSON") from error
    if not isinstance(answer, dict):
        raise Unreachable(f"{call}: no object")
    return answer


def tell(request: Any, transport: Transport, failed: Failed) -> None:
    """As ask, for a call whose answer is empty. Any: the client's request. Raises: what syncer/errors.py lists."""
    _execute(request, transport, failed)


def _execute(request: Any, transport: Transport, failed: Failed) -> Any:
    try:
        return request.execute(http=transport, num_retries=0)
    except HttpError as error:
        raise failed(error.resp, error.content) from error


def failed(call: Call) -> Failed:
    def error(response: httplib2.Response, content: bytes) -> ProductError:
        return meaning(call, Answer(response.status, response, content, now_ms()))

    return error


@lru_cache(maxsize=8)
def document(service: str, version: str, root: str) -> dict[str, Any]:
    """The discovery document that the client ships, with every call at root: also batch and upload, which
    client_options.api_endpoint would leave with Google (facts/gmail.md 1.9). Any: it is JSON."""
    text = get_static_doc(service, version)
    assert text is not None, "google-api-python-client ships it"
    here = root.rstrip("/") + "/"
    return {**json.loads(text), "rootUrl": here, "baseUrl": here, "mtlsRootUrl": here}
