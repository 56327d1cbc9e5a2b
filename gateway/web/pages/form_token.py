"""Forms that only our own pages can send."""

import hmac

from starlette.requests import Request

from gateway.web.pages.site import site_of

FIELD = "form_token"


def token_of(secret: str) -> str:
    """What a form of this browser carries. secret: its cookie's value, which the token does not give away."""
    return hmac.digest(secret.encode("utf-8", "replace"), b"form token", "sha256").hex()


def comes_from_our_page(request: Request, sent: str, secret: str) -> bool:
    """sent: the form's token. secret: the value of the cookie, "" for none."""
    if not secret or not hmac.compare_digest(sent.encode("utf-8", "replace"), token_of(secret).encode()):
        return False
    return _says_so_itself(request)


def _says_so_itself(request: Request) -> bool:
    """The browser's own word, where it gives one: Fetch Metadata, else Origin. Who gives none has shown the token."""
    fetched_from = request.headers.get("sec-fetch-site")
    if fetched_from is not None:
        return fetched_from in ("same-origin", "none")
    origin = request.headers.get("origin")
    if origin is None:
        return True
    # Browsers name the host that they speak to; behind a reverse proxy we are called something else than they say.
    return origin == site_of(request).origin or origin.partition("://")[2] == request.headers.get("host")
