"""Ends Google's watch over a mailbox."""

import requests
import structlog
from google.oauth2.credentials import Credentials

from crm_store.settings import Settings
from syncer.gmail.token_endpoint import TokenEndpoint

log = structlog.get_logger()

_TIMEOUT_S = 5  # who calls has mailboxes to hand out


def stop_watch(settings: Settings, refresh_token: str) -> None:
    """Call before the token is revoked, where no live connection of the account is left: it ends the one watch of the
    mailbox, whoever began it (facts/gmail.md 1.5). What can't be ended now ends by itself within 7 days."""
    if not settings.asks_for_pushes:
        return
    credentials = Credentials(  # type: ignore[no-untyped-call]  # google-auth types only part of itself
        token=None,
        refresh_token=refresh_token,
        token_uri=settings.google_token_url,
        client_id=settings.google_client_id,
        client_secret=settings.google_client_secret.get_secret_value(),
    )
    try:
        with requests.Session() as session:
            credentials.refresh(TokenEndpoint(session, _TIMEOUT_S))  # type: ignore[no-untyped-call]
            with session.post(
                f"{settings.google_gmail_url}/gmail/v1/users/me/stop",
                headers={"Authorization": f"Bearer {credentials.token}"},
                timeout=_TIMEOUT_S,
                allow_redirects=False,
                stream=True,
            ) as answer:
                if not answer.ok:
                    log.warning("watch_not_stopped", status=answer.status_code)
    except Exception as error:  # noqa: BLE001 - whatever google-auth makes of an odd answer; the watch ends by itself
        log.warning("watch_not_stopped", error=type(error).__name__)
