"""Tells Google to forget a grant (facts/gmail.md 1.8)."""

import requests

from crm_store.settings import Settings
from syncer.errors import Unreachable

_TIMEOUT_S = 4  # the dispatcher waits for it, and is to be heard every 5 s


def revoke(settings: Settings, token: str) -> None:
    """Returns where Google knows; a token that it does not know any more is as good. Raises: Unreachable."""
    try:
        # What it says beside its status nobody reads, so that it cannot be said for ever.
        with requests.post(
            settings.google_revoke_url, data={"token": token}, timeout=_TIMEOUT_S, allow_redirects=False, stream=True
        ) as answer:
            status = answer.status_code
    except requests.RequestException as error:
        raise Unreachable(f"revoke: {type(error).__name__}") from error
    if status not in (200, 400):
        raise Unreachable(f"revoke: {status}")
