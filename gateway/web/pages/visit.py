"""What a request for a page says by itself, before anybody looks into the database."""

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from ipaddress import ip_address
from typing import Annotated

from fastapi import Depends, Request
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException

from crm_store.clock import now_ms
from gateway.web.pages import form_token, languages
from gateway.web.pages.reader import Reader, zone_of
from gateway.web.pages.site import Site, site_of

MAX_FIELDS = 200
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


@dataclass(frozen=True)
class Visit:
    """One request of a browser.

    secret: its cookie's value; of one that has none, a new one that it is to be given. form: what was sent, the last
    of each name. query: likewise, of the address. path: with its query. network: the address that it comes from. agent:
    what the browser says it is."""

    site: Site
    secret: str
    is_new: bool
    language: str
    method: str
    path: str
    query: Mapping[str, str]
    form: Mapping[str, str]
    network: str
    agent: str
    now_ms: int

    @cached_property
    def form_token(self) -> str:
        return form_token.token_of(self.secret)

    @cached_property
    def reader(self) -> Reader:
        """Of whom nothing is known but the browser."""
        return Reader(self.language, zone_of(), self.now_ms)

    def line(self, name: str) -> str:
        """A field of one line; "" where it was not sent."""
        return " ".join(self.form.get(name, "").split())

    def in_language(self, language: str) -> "Visit":
        return replace(self, language=language)


async def _visitor(request: Request) -> Visit:
    return visit_of(request, await form_of(request))


def visit_of(request: Request, form: Mapping[str, str]) -> Visit:
    """form: what form_of() read, or nothing, for who does not care."""
    site = site_of(request)
    secret = request.cookies.get(site.cookie_name, "")
    path = request.scope["path"]
    return Visit(
        site=site,
        secret=secret or secrets.token_urlsafe(32),
        is_new=not secret,
        language=_language(request),
        method=request.method,
        path=f"{path}?{request.url.query}" if request.url.query else path,
        query=dict(request.query_params),
        form=form,
        network=network_of(request),
        agent=request.headers.get("user-agent", ""),
        now_ms=now_ms(),
    )


Visitor = Annotated[Visit, Depends(_visitor)]


async def form_of(request: Request) -> dict[str, str]:
    """The fields of a form that was sent; files are no fields.

    Raises: HTTPException for control characters, which no browser types, and PostgreSQL can't keep."""
    if request.method in ("GET", "HEAD"):
        return {}
    form = await request.form(max_fields=MAX_FIELDS)
    fields = {name: value for name, value in form.items() if not isinstance(value, UploadFile)}
    if any(_CONTROL.search(value) for value in fields.values()):
        raise HTTPException(400)
    return fields


def network_of(request: Request) -> str:
    """Where a request comes from. Who speaks to us from this machine is its own reverse proxy, and is believed who it
    speaks for: the last of the addresses is the one that it saw itself."""
    peer = request.client.host if request.client else ""
    try:
        is_ours = ip_address(peer).is_loopback
    except ValueError:
        is_ours = not peer  # a Unix socket
    forwarded = request.headers.get("x-forwarded-for", "").rpartition(",")[2].strip()
    return forwarded if is_ours and forwarded else peer


def _language(request: Request) -> str:
    asked = request.query_params.get("lang", "")
    return asked if asked in languages.LANGUAGES else languages.of_browser(request.headers.get("accept-language", ""))
