"""GET /v1/userinfo (OpenID Connect Core §5.3). Identity is sub, not the address (facts/gmail.md 0.10)."""

from syncer.sandbox.api.errors import insufficient_scopes
from syncer.sandbox.json_value import JsonObject
from syncer.sandbox.oauth.grants import Access

_PICTURE = "https://lh3.googleusercontent.com/a/default-user"


def userinfo(access: Access) -> JsonObject:
    """Raises: ApiError 403 for a token without openid, email or profile."""
    account, scopes = access.account, access.scopes
    shown_email = any(scope.endswith("userinfo.email") for scope in scopes)
    shown_profile = any(scope.endswith("userinfo.profile") for scope in scopes)
    if "openid" not in scopes and not shown_email and not shown_profile:
        raise insufficient_scopes()
    claims: JsonObject = {"sub": account.sub}
    if shown_email:
        claims |= {"email": account.email, "email_verified": True}
    if shown_profile:
        claims |= {"name": account.name, "picture": _PICTURE}
    return claims
