"""How calls travel: for google-api-python-client it is an httplib2.Http.

httplib2 itself sends a POST again when the other side closes without an answer, and reads whole answers into memory
(facts/gmail.md 1.9). This one sends again only what changes nothing, and gives raw mail in pieces."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.cookiejar import DefaultCookiePolicy
from typing import Any

import httplib2
import requests
from urllib3.exceptions import HTTPError, NewConnectionError

from crm_store.errors import ProductError
from syncer.errors import MayBeDone, Unreachable
from syncer.gmail.bounded import pieces_of
from syncer.gmail.credentials import AccessToken

_TIMEOUTS_S = (10.0, 30.0)  # to connect, and to be answered
# The first is for the whole body's way, too (urllib3 and socket.sendall have it so).
_LONG_BODY_BYTES, _LONG_BODY_TIMEOUTS_S = 64 * 1024, (60.0, 60.0)
_ANSWER_WITHIN_S, _MAIL_WITHIN_S = 60.0, 300.0
_MAX_ANSWER_BYTES = 32 * 1024 * 1024
_OF_THREAD = threading.local()  # a session of requests is not for two threads


class Transport:
    """Signed in to one account; for one thread."""

    def __init__(self, token: AccessToken) -> None:
        self._token = token
        self._session = _session()

    def request(
        self, uri: str, method: str = "GET", body: Any = None, headers: Mapping[str, str] | None = None, **_: object
    ) -> tuple[httplib2.Response, bytes]:
        """As httplib2.Http.request. Any: what the client serialised.

        Raises: Unreachable (of what changes something MayBeDone, once it had begun), AccessLost, Refused."""
        with self._sent(method, uri, body, headers or {}) as response:
            content = b"".join(pieces_of(response, _ANSWER_WITHIN_S, _MAX_ANSWER_BYTES))
            return _as_httplib2(response), content

    @contextmanager
    def stream(
        self, uri: str, headers: Mapping[str, str], failed: Callable[[httplib2.Response, bytes], ProductError]
    ) -> Iterator[Iterator[bytes]]:
        """The pieces of a GET's answer. failed: what to raise where it is no success."""
        with self._sent("GET", uri, None, headers) as response:
            if response.status_code != 200:
                said = b"".join(pieces_of(response, _ANSWER_WITHIN_S, _MAX_ANSWER_BYTES))
                raise failed(_as_httplib2(response), said)
            yield pieces_of(response, _MAIL_WITHIN_S, None)

    @contextmanager
    def _sent(self, method: str, uri: str, body: Any, headers: Mapping[str, str]) -> Iterator[requests.Response]:
        try:
            response = self._send(method, uri, body, headers, self._token.current(self._session))
            if response.status_code == 401:  # it did nothing, so even a POST may go again
                response.close()
                response = self._send(method, uri, body, headers, self._token.renewed(self._session))
            with response:
                yield response
        except (requests.RequestException, HTTPError, OSError) as error:
            text = f"{method}: {type(error).__name__}"
            if method == "GET" or _never_began(error):
                raise Unreachable(text) from error
            raise MayBeDone(text, answered=False) from error

    def _send(self, method: str, uri: str, body: Any, headers: Mapping[str, str], token: str) -> requests.Response:
        is_long = isinstance(body, bytes) and len(body) > _LONG_BODY_BYTES

        def once() -> requests.Response:
            return self._session.request(
                method,
                uri,
                data=body,
                headers={**headers, "authorization": f"Bearer {token}"},
                timeout=_LONG_BODY_TIMEOUTS_S if is_long else _TIMEOUTS_S,
                allow_redirects=False,
                stream=True,
            )

        try:
            return once()
        except requests.ConnectionError:
            # Most likely a kept connection that was closed meanwhile.
            if method != "GET":
                raise
            return once()


def _never_began(error: Exception) -> bool:
    """No connection came about, so nothing was asked."""
    if isinstance(error, requests.ConnectTimeout):
        return True
    reason = getattr(error.args[0], "reason", None) if error.args else None
    return isinstance(error, requests.ConnectionError) and isinstance(reason, NewConnectionError)


def _session() -> requests.Session:
    """The thread's own: connections stay open from one mailbox to the next."""
    session: requests.Session | None = getattr(_OF_THREAD, "session", None)
    if session is None:
        session = requests.Session()
        session.auth = _as_it_is
        # What one account is given to remember is not for the next one.
        session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        _OF_THREAD.session = session
    return session


def _as_it_is(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Without it requests would take a .netrc's password in place of our token."""
    return request


def _as_httplib2(response: requests.Response) -> httplib2.Response:
    headers = {name.lower(): value for name, value in response.headers.items()}
    return httplib2.Response({**headers, "status": str(response.status_code)})
