"""The access token of one connection: kept sealed, renewed when it is due or refused."""

from collections.abc import Callable
from datetime import UTC, datetime

import requests
from google.auth.exceptions import RefreshError
from google.oauth2.credentials import Credentials

from crm_store import connection_work
from crm_store.connection_work import MailboxAccess
from crm_store.sealing import Sealer
from crm_store.settings import Settings
from syncer.errors import Unreachable
from syncer.gmail.errors import refresh_meaning
from syncer.gmail.token_endpoint import TokenEndpoint

# Renewed so long before it ends. By our clock at both times, so that a clock that is wrong does no harm; should it have
# been set meanwhile, Google refuses the token, and it is renewed then.
_EARLY_MS = 60_000
_TIMEOUT_S = 20
_MAX_TOKEN_CHARACTERS = 8192


class AccessToken:
    """kept: writes what was renewed, for whoever opens the mailbox next."""

    def __init__(self, access: MailboxAccess, settings: Settings, sealer: Sealer, clock: Callable[[], int]) -> None:
        self._access, self._settings, self._sealer, self._clock = access, settings, sealer, clock
        self._token, self._until_ms = access.access_token, access.access_token_until_ms

    def current(self, session: requests.Session) -> str:
        """Raises: AccessLost, Refused, Unreachable."""
        if self._token is None or self._until_ms - _EARLY_MS <= self._clock():
            return self.renewed(session)
        return self._token

    def renewed(self, session: requests.Session) -> str:
        """Ask for another one. Raises: AccessLost, Refused, Unreachable."""
        credentials = Credentials(  # type: ignore[no-untyped-call]  # google-auth types only part of itself
            token=None,
            refresh_token=self._access.refresh_token,
            token_uri=self._settings.google_token_url,
            client_id=self._settings.google_client_id,
            client_secret=self._settings.google_client_secret.get_secret_value(),
        )
        try:
            credentials.refresh(TokenEndpoint(session, _TIMEOUT_S))  # type: ignore[no-untyped-call]
        except RefreshError as error:
            said = error.args[1] if len(error.args) > 1 and isinstance(error.args[1], dict) else {}
            raise refresh_meaning(str(said.get("error", "")), str(said.get("error_subtype", ""))) from error
        except Exception as error:
            raise Unreachable("the token endpoint does not answer") from error
        token = str(credentials.token)
        if not (token.isascii() and token.isprintable() and 0 < len(token) <= _MAX_TOKEN_CHARACTERS):
            raise Unreachable("a token that no header can hold")
        return self._keep(token, credentials.expiry)

    def _keep(self, token: str, expiry: datetime | None) -> str:
        """expiry: UTC without saying so; None where Google does not tell."""
        until_ms = int(expiry.replace(tzinfo=UTC).timestamp() * 1000) if expiry else self._clock() + _EARLY_MS
        self._token, self._until_ms = token, until_ms
        access = self._access
        connection_work.keep_access_token(access.connection_id, access.epoch, token, until_ms, self._sealer)
        return token
