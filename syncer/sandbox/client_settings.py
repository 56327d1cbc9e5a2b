"""Which settings make the product talk to the sandbox in place of Google."""

from syncer.sandbox.oauth.authorize import PATH
from syncer.sandbox.oauth.clients import DEFAULT_ID, DEFAULT_SECRET


def client_settings(url: str) -> dict[str, str]:
    """url: the sandbox's root, without a slash at its end. Names: the contract's table."""
    return {
        "SUNNYDAY_GOOGLE_CLIENT_ID": DEFAULT_ID,
        "SUNNYDAY_GOOGLE_CLIENT_SECRET": DEFAULT_SECRET,
        "SUNNYDAY_GOOGLE_AUTH_URL": url + PATH,
        "SUNNYDAY_GOOGLE_TOKEN_URL": f"{url}/token",
        "SUNNYDAY_GOOGLE_REVOKE_URL": f"{url}/revoke",
        "SUNNYDAY_GOOGLE_USERINFO_URL": f"{url}/v1/userinfo",
        "SUNNYDAY_GOOGLE_CERTS_URL": f"{url}/oauth2/v1/certs",
        "SUNNYDAY_GOOGLE_GMAIL_URL": url,
        "SUNNYDAY_GOOGLE_PEOPLE_URL": url,
    }
