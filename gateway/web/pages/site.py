"""What all pages of one installation have in common."""

from dataclasses import dataclass
from typing import cast
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection

from crm_store.settings import Settings

_SESSION_COOKIE = "sunnyday"


@dataclass(frozen=True, slots=True)
class Site:
    """origin: scheme, host and port of SUNNYDAY_PUBLIC_URL; None where it is not set: the one that people came by.

    secure: people reach us by HTTPS."""

    settings: Settings
    origin: str | None
    secure: bool

    @property
    def cookie_name(self) -> str:
        """With the prefix, no other host of the domain can set it (RFC 6265bis §4.1.3.2)."""
        return f"__Host-{_SESSION_COOKIE}" if self.secure else _SESSION_COOKIE


def site(settings: Settings) -> Site:
    parts = urlsplit(settings.public_url)
    origin = f"{parts.scheme}://{parts.netloc}" if parts.netloc else None
    return Site(settings, origin, parts.scheme == "https")


def site_of(request: HTTPConnection) -> Site:
    """make_app() put it there."""
    return cast(Site, request.app.state.site)
