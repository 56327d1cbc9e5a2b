"""Tells Google to forget a grant (facts/gmail.md 1.8)."""

import requests

from crm_store.settings import Settings
from syncer.errors import Unreachable

_TIMEOUT_S = 4  # the dispatcher waits for it, and is to be heard every 5 s


def revoke(settings: Settings, token: str) -> None:
    """Returns where Google knows; a token that it does not know any more is as good. Raises: Unreachable."""
    try:
        answer = requests.post(settings.google_revoke_url, data={"token": token}, timeout=_TIMEOUT_S)
    except requests.RequestException as error:
        raise Unreachable(f"revoke: {type(error).__name__}") from error
    if answer.status_code not in (200, 400):
        raise Unreachable(f"revoke: {answer.status_code}")
