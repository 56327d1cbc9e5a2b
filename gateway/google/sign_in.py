"""Signing in with Google (OpenID Connect): who is it, and whose account is that here?

What has to be remembered until the person comes back is in a cookie of their browser, sealed: so the way back is bound
to that browser, and whoever only begins costs us nothing."""

import hmac
import json
import secrets
from dataclasses import dataclass

import structlog

from crm_store import google_logins
from crm_store.clock import now_ms
from crm_store.database.session import connected
from crm_store.rules.address import GMAIL_DOMAINS, domain_of, normalise
from crm_store.rules.oauth_flow import STATE_LIVES_MS
from crm_store.rules.permissions import SIGN_IN
from crm_store.sealing import SealedAt, Sealer, Unopenable
from crm_store.settings import Settings
from gateway.google.client import GoogleClient
from gateway.google.consent import CALLBACK_PATH, Return
from gateway.google.ending import Word
from gateway.google.errors import GoogleRefused, GoogleUnavailable
from gateway.google.replies import Person

_STATE_PREFIX = "sign-in."  # tells it from a consent's: both come back to the one address that is registered
_COOKIE = SealedAt("cookie", "google_sign_in", 0)

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Begun:
    """Where the person goes, and what their browser keeps until they are back."""

    url: str
    kept: str


@dataclass(frozen=True, slots=True)
class SignedIn:
    """next_path: where the person was going, as it was given."""

    user_id: int
    next_path: str


class GoogleSignIn:
    """One for the whole process; safe to share between threads."""

    def __init__(self, settings: Settings) -> None:
        self._sealer = Sealer.of(settings)
        self._google = GoogleClient(settings)
        self._redirect_uri = settings.base_url + CALLBACK_PATH

    def begin(self, next_path: str) -> Begun:
        state, verifier = _STATE_PREFIX + secrets.token_urlsafe(32), secrets.token_urlsafe(48)
        kept = {"state": state, "verifier": verifier, "next": next_path, "until_ms": now_ms() + STATE_LIVES_MS}
        url = self._google.authorization_url(state, verifier, self._redirect_uri, scopes=SIGN_IN)
        return Begun(url, self._sealer.seal(json.dumps(kept), _COOKIE))

    def come_back(self, returned: Return, kept: str) -> SignedIn | Word:
        """kept: the browser's cookie, "" for none. A word says why nobody is signed in."""
        try:
            memory = json.loads(self._sealer.open(kept, _COOKIE))
        except Unopenable:
            return Word.SIGN_IN_LOST
        if not hmac.compare_digest(memory["state"].encode(), returned.state.encode("utf-8", "replace")):
            return Word.SIGN_IN_LOST
        if now_ms() >= memory["until_ms"]:
            return Word.SIGN_IN_LOST
        if returned.error is not None or returned.code is None:
            return Word.CANCELLED if returned.error == "access_denied" else Word.GOOGLE_REFUSED
        try:
            tokens = self._google.exchange(returned.code, memory["verifier"], self._redirect_uri)
            person = self._google.who(tokens.access_token.get_secret_value())
        except GoogleRefused as refused:
            log.info("google_refused_sign_in", error=refused.error)
            return Word.GOOGLE_REFUSED
        except GoogleUnavailable:
            return Word.GOOGLE_AWAY
        with connected():
            user_id = google_logins.user_of(person.sub, vouched_email(person), now_ms=now_ms())
        return Word.NO_SUCH_USER if user_id is None else SignedIn(user_id, memory["next"])


def is_of_sign_in(state: str) -> bool:
    return state.startswith(_STATE_PREFIX)


def vouched_email(person: Person) -> str:
    """The address, where Google itself answers for it: Gmail's, or one of a Workspace (hd). "" for any other: it was
    theirs when they made the account, and may be another person's by now."""
    if not person.email_verified:
        return ""
    domain = domain_of(normalise(person.email))
    return person.email if domain in GMAIL_DOMAINS or (person.hd and domain == person.hd.casefold()) else ""
