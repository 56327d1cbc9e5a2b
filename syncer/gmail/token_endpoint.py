"""The token endpoint, as google-auth asks it: bounded in time and size, and no redirect is followed with a secret."""

from collections.abc import Mapping
from dataclasses import dataclass

import requests
from google.auth.exceptions import TransportError
from urllib3.exceptions import HTTPError

from syncer.gmail.bounded import pieces_of

_MAX_ANSWER_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class _Answer:
    """As google.auth.transport.Response."""

    status: int
    headers: Mapping[str, str]
    data: bytes


class TokenEndpoint:
    """A google.auth.transport.Request. timeout_s: of each read, and of the whole answer."""

    def __init__(self, session: requests.Session, timeout_s: float) -> None:
        self._session, self._timeout_s = session, timeout_s

    def __call__(
        self,
        url: str,
        method: str = "GET",
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        **_: object,
    ) -> _Answer:
        """Raises: TransportError."""
        try:
            with self._session.request(
                method, url, data=body, headers=headers, timeout=self._timeout_s, allow_redirects=False, stream=True
            ) as answer:
                data = b"".join(pieces_of(answer, self._timeout_s, _MAX_ANSWER_BYTES))
                return _Answer(answer.status_code, answer.headers, data)
        except (requests.RequestException, HTTPError, OSError) as error:
            raise TransportError(type(error).__name__) from error  # type: ignore[no-untyped-call]  # google-auth's
