"""Google's endpoints for consent and for who somebody is. Calls are bounded in time and size, and follow no redirect.

Who the account is, userinfo says, asked with the token that came by TLS from the token endpoint; so there is no
id_token to verify (OpenID Connect Core §3.1.3.7), and PKCE is what ties the code to us (RFC 9700 §2.1.1)."""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, TypeVar
from urllib.parse import urlencode

import requests
from pydantic import ValidationError
from urllib3.exceptions import HTTPError

from crm_store.http_date import http_date_ms
from crm_store.rules.permissions import REQUESTED, SIGN_IN
from crm_store.settings import Settings
from gateway.google.errors import GoogleRefused, GoogleUnavailable, NoMailbox
from gateway.google.replies import ApiFault, Person, Profile, Reply, SendAsList, Tokens

R = TypeVar("R", bound=Reply)
_CONNECT_S, _READ_S = 3.05, 8.0
_MAX_REPLY_BYTES = 1_000_000
_TRIES = 2  # of what only reads: a connection that was dropped would cost the person their consent
# facts/gmail.md 1.7: in other words than those of an account without a mailbox it is only for now.
_NOT_NOW = frozenset({"failedPrecondition", "FAILED_PRECONDITION"})
_LATER = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS})


class GoogleClient:
    """Safe to share between threads."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def authorization_url(
        self,
        state: str,
        verifier: str,
        redirect_uri: str,
        *,
        scopes: Sequence[str] = REQUESTED,
        login_hint: str | None = None,
    ) -> str:
        """Where the person consents. login_hint: the address to sign in again as; None: they choose an account.

        scopes: SIGN_IN alone asks for no lasting access."""
        challenge = hashlib.sha256(verifier.encode()).digest()
        query = {
            "client_id": self._settings.google_client_id,
            "redirect_uri": redirect_uri,
            "response_type": "code",
            "scope": " ".join(scopes),
            "state": state,
            "prompt": "select_account",
            "code_challenge": base64.urlsafe_b64encode(challenge).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
        }
        if scopes != SIGN_IN:
            # Both, or a second consent brings no refresh token (facts/gmail.md 1.8).
            query |= {"access_type": "offline", "prompt": "consent" if login_hint else "consent select_account"}
        if login_hint:
            query["login_hint"] = login_hint
        root = self._settings.google_auth_url
        return f"{root}{'&' if '?' in root else '?'}{urlencode(query)}"

    def exchange(self, code: str, verifier: str, redirect_uri: str) -> Tokens:
        """Once: a code is good for one. Raises: GoogleRefused, GoogleUnavailable."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "code_verifier": verifier,
            "redirect_uri": redirect_uri,
            "client_id": self._settings.google_client_id,
            "client_secret": self._settings.google_client_secret.get_secret_value(),
        }
        return _read(Tokens, _ask("POST", self._settings.google_token_url, form=form))

    def who(self, access_token: str) -> Person:
        """Raises: GoogleRefused, GoogleUnavailable."""
        return self._get(Person, self._settings.google_userinfo_url, access_token)[0]

    def profile(self, access_token: str) -> Profile:
        """The address and the history id of this moment. Raises: NoMailbox, GoogleRefused, GoogleUnavailable."""
        profile, answer = self._get(Profile, self._gmail("profile"), access_token)
        return profile.model_copy(update={"at_ms": http_date_ms(answer.date)})

    def send_as(self, access_token: str) -> SendAsList:
        """Raises: GoogleRefused, GoogleUnavailable."""
        return self._get(SendAsList, self._gmail("settings/sendAs"), access_token)[0]

    def stop_watch(self, refresh_token: str) -> None:
        """Call before revoking, where no live connection of the account is left: it ends the one watch of the mailbox,
        whoever began it (facts/gmail.md 1.5). Raises: GoogleRefused, GoogleUnavailable."""
        form = {
            "grant_type": "refresh_token",
            "refresh_token": refresh_token,
            "client_id": self._settings.google_client_id,
            "client_secret": self._settings.google_client_secret.get_secret_value(),
        }
        tokens = _read(Tokens, _ask("POST", self._settings.google_token_url, form=form))
        _ask("POST", self._gmail("stop"), bearer=tokens.access_token.get_secret_value())

    def revoke(self, token: str) -> None:
        """Google takes the whole grant away. Raises: GoogleUnavailable where it is to be tried again."""
        status = _ask("POST", self._settings.google_revoke_url, form={"token": token}).status
        # 400: it knows no such token (any more), which is as good.
        if status not in (HTTPStatus.OK, HTTPStatus.BAD_REQUEST):
            raise GoogleUnavailable(f"revoke answered {status}")

    def _gmail(self, path: str) -> str:
        return f"{self._settings.google_gmail_url}/gmail/v1/users/me/{path}"

    def _get(self, kind: type[R], url: str, access_token: str) -> tuple[R, "_Answer"]:
        for tries_left in reversed(range(_TRIES)):
            try:
                answer = _ask("GET", url, bearer=access_token)
                return _read(kind, answer), answer
            except GoogleUnavailable:
                if not tries_left:
                    raise
        raise AssertionError("it returns or raises")


@dataclass(frozen=True, slots=True)
class _Answer:
    """date: its Date, "" where it has none."""

    status: int
    body: bytes = field(repr=False)
    date: str


def _ask(method: str, url: str, *, bearer: str | None = None, form: Mapping[str, str] | None = None) -> _Answer:
    """Raises: GoogleUnavailable."""
    try:
        with requests.request(
            method,
            url,
            data=form,
            headers={"Accept": "application/json"},
            auth=_Bearer(bearer),
            timeout=(_CONNECT_S, _READ_S),
            allow_redirects=False,  # a token goes where the settings say, and nowhere else
            stream=True,
        ) as reply:
            body = reply.raw.read(_MAX_REPLY_BYTES, decode_content=True)
            return _Answer(reply.status_code, body, reply.headers.get("Date", ""))
    except (requests.RequestException, HTTPError, OSError) as error:
        raise GoogleUnavailable(f"no answer ({type(error).__name__})") from None  # its text has the URL


class _Bearer(requests.auth.AuthBase):
    """Says who asks. In any case: without an auth of ours requests would look for one in ~/.netrc."""

    def __init__(self, token: str | None) -> None:
        self._token = token

    def __call__(self, request: Any) -> Any:  # Any: requests has no types
        if self._token is not None:
            request.headers["Authorization"] = f"Bearer {self._token}"
        return request


def _read(kind: type[R], answer: _Answer) -> R:
    """Raises: GoogleRefused, GoogleUnavailable."""
    status, body = answer.status, answer.body
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status in _LATER:
        raise GoogleUnavailable(f"answered {status}")
    try:
        if status == HTTPStatus.OK:
            return kind.model_validate_json(body)
        fault = ApiFault.model_validate_json(body)
    except ValidationError:
        raise GoogleUnavailable(f"answered {status} in a way that is not Google's") from None  # its text has the body
    if fault.is_no_mailbox:
        raise NoMailbox(fault.word[:64])
    if fault.word in _NOT_NOW:
        raise GoogleUnavailable(f"answered {status} {fault.word}")
    raise GoogleRefused(fault.word[:64])
