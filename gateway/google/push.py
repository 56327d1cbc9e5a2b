"""What Pub/Sub posts: whether it is Google's for us, and which mailbox it tells of (facts/gmail.md 1.5)."""

import base64
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from google.auth import jwt
from google.auth.exceptions import GoogleAuthError
from pydantic import BaseModel, Field, ValidationError

from crm_store.errors import Forbidden, Unauthenticated
from crm_store.rules.connection import padded_cursor
from crm_store.settings import Settings
from gateway.google.signing_keys import SigningKeys

PUSH_PATH = "/push/gmail"
MAX_BODY_BYTES = 32_768  # Gmail's have some 400
_MAX_TOKEN_CHARACTERS = 8_192
_ISSUERS = ("https://accounts.google.com", "accounts.google.com")
# A token lives for an hour. To take it somewhat longer costs nothing, as a push that is replayed does nothing new; and
# a machine whose clock is wrong by minutes must not lose its pushes for good.
_CLOCK_SKEW_S = 15 * 60


@dataclass(frozen=True, slots=True)
class Notice:
    """The mailbox of this address has changed. history_id: 20 digits."""

    email: str
    history_id: str


class PushGuard:
    """Who may push: the one service account of the settings, with a token that Google signed for us."""

    def __init__(self, settings: Settings, keys: SigningKeys) -> None:
        self._keys = keys
        self._account = settings.google_pubsub_account
        self._audience = settings.google_pubsub_audience or settings.base_url + PUSH_PATH

    async def admit(self, authorization: str) -> None:
        """Raises: Unauthenticated, Forbidden, KeysUnavailable.

        Source: docs.cloud.google.com/pubsub/docs/authenticate-push-subscriptions."""
        claims = await self._claims(authorization)
        if claims.get("iss") not in _ISSUERS:
            raise Unauthenticated("the token was issued by somebody else")
        if claims.get("aud") != self._audience:
            raise Forbidden("the token is for somebody else")
        if claims.get("email_verified") is not True or not _same(claims.get("email"), self._account):
            raise Forbidden("the token is of another account")

    async def _claims(self, authorization: str) -> Mapping[str, Any]:
        """Any: JSON. Raises: Unauthenticated, KeysUnavailable."""
        kind, _, token = authorization.partition(" ")
        token = token.strip()
        if kind.lower() != "bearer" or not token or len(token) > _MAX_TOKEN_CHARACTERS:
            raise Unauthenticated("a push comes with a token")
        try:
            header = jwt.decode_header(token)  # type: ignore[no-untyped-call]  # google-auth types only part of itself
            kid = header.get("kid")
            # Google signs with RS256 alone, and names the key.
            if header.get("alg") != "RS256" or not isinstance(kid, str):
                raise ValueError("another kind of token")
            keys = await self._keys.keys(kid)
            claims: Mapping[str, Any] = jwt.decode(  # type: ignore[no-untyped-call]
                token, certs=keys, clock_skew_in_seconds=_CLOCK_SKEW_S
            )
        # What a stranger can write in there makes google-auth raise more than it says.
        except (GoogleAuthError, ValueError, TypeError, RecursionError) as error:
            raise Unauthenticated("the token is not one that Google signed, or its time is over") from error
        return claims


def _same(told: object, known: str) -> bool:
    return isinstance(told, str) and hmac.compare_digest(told.lower().encode(), known.lower().encode())


class _Message(BaseModel):
    data: str = Field("", max_length=MAX_BODY_BYTES)


class _Envelope(BaseModel):
    message: _Message


class _Told(BaseModel):
    email: str = Field(alias="emailAddress", min_length=3, max_length=320)
    history_id: str | int = Field(alias="historyId")  # facts/gmail.md 0.4: a string, or a number


def notice_of(body: bytes) -> Notice | None:
    """None where the topic told of something that is no mailbox's change: to be answered with success all the same, or
    it comes again and again. Raises: ValueError where it is no push at all."""
    try:
        data = _Envelope.model_validate_json(body).message.data
    except ValidationError as error:
        raise ValueError("no push") from error
    try:
        # base64url in Gmail's own guide, base64 in Pub/Sub's.
        told = _Told.model_validate(json.loads(base64.b64decode(data.replace("-", "+").replace("_", "/") + "==")))
        return Notice(told.email, padded_cursor(told.history_id))
    except (ValueError, RecursionError):  # a ValidationError is a ValueError
        return None
