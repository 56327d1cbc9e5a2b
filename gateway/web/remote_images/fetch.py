"""One picture from elsewhere, by a connection that goes where we looked and nowhere else.

Each step of a redirect is asked about anew: the name's addresses are looked up here, all of them must be reachable for
everybody (rules/provider.py), and the connection is made to one of them, whatever the name says a moment later."""

import http.client
import socket
import ssl
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from ipaddress import ip_address
from urllib.parse import SplitResult, urljoin, urlsplit

from crm_store.errors import Permanent
from crm_store.rules.provider import all_reachable
from gateway.web.remote_images.kinds import picture_type

MAX_BYTES = 5_000_000
WITHIN_S = 5.0
MAX_REDIRECTS = 3
_CHUNK_BYTES = 65_536
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_HEADERS = {"Accept": "image/png, image/jpeg, image/gif, image/webp", "User-Agent": "Mozilla/5.0 (image proxy)"}


class NoPicture(Permanent):
    """It can't be had, or it may not, or it is none."""


@dataclass(frozen=True, slots=True)
class Picture:
    content: bytes
    content_type: str


@cache
def _public_trust() -> ssl.SSLContext:
    return ssl.create_default_context()


@dataclass(frozen=True, slots=True)
class Way:
    """private_allowed: whether pictures may be in a private network, or here: for tests alone. trust: whose
    certificates are believed."""

    private_allowed: bool = False
    trust: Callable[[], ssl.SSLContext] = _public_trust
    within_s: float = WITHIN_S
    max_bytes: int = MAX_BYTES


def fetch(url: str, way: Way) -> Picture:
    """Raises: NoPicture."""
    until_s = time.monotonic() + way.within_s
    for _ in range(MAX_REDIRECTS + 1):
        found = _ask(_checked(url), way, until_s)
        if isinstance(found, Picture):
            return found
        url = _joined(url, found)
    raise NoPicture("it leads on and on")


def _joined(url: str, location: str) -> str:
    """Where a redirect leads to. Raises: NoPicture."""
    try:
        return urljoin(url, location)
    except ValueError as error:
        raise NoPicture("it leads nowhere") from error


def _checked(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise NoPicture("its address can't be read") from error
    if parts.scheme not in ("http", "https") or not parts.hostname or port == 0:
        raise NoPicture("its address is of another kind")
    if parts.username is not None or parts.password is not None:
        raise NoPicture("its address has a password")
    return parts


def _ask(parts: SplitResult, way: Way, until_s: float) -> Picture | str:
    """The picture, or where it leads to. Raises: NoPicture."""
    connection = _connect(parts, way, until_s)
    # A server that says an octet now and then would keep every single read within its time.
    watchdog = threading.Timer(max(0.0, until_s - time.monotonic()), _cut, [connection])
    watchdog.daemon = True
    watchdog.start()
    try:
        connection.putrequest("GET", _target(parts))
        for name, value in _HEADERS.items():
            connection.putheader(name, value)
        connection.endheaders()
        answer = connection.getresponse()
        if answer.status in _REDIRECTS and (location := answer.getheader("Location")):
            return location
        if answer.status != 200:
            raise NoPicture(f"it answers {answer.status}")
        return _picture(_content(answer, way.max_bytes))
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise NoPicture("it does not answer as it should") from error
    finally:
        watchdog.cancel()
        connection.close()


def _cut(connection: http.client.HTTPConnection) -> None:
    with suppress(OSError, AttributeError):  # it may have ended this moment
        connection.sock.shutdown(socket.SHUT_RDWR)


def _target(parts: SplitResult) -> str:
    """As the request line has it: ASCII without blanks, or http.client refuses it."""
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return "".join(char if "!" <= char <= "~" else "".join(f"%{octet:02X}" for octet in char.encode()) for char in path)


def _connect(parts: SplitResult, way: Way, until_s: float) -> http.client.HTTPConnection:
    """Raises: NoPicture."""
    assert parts.hostname is not None, "it is checked"
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        found = socket.getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)
        addresses = [str(sockaddr[0]).partition("%")[0] for *_, sockaddr in found]
        if not addresses or not all_reachable(map(ip_address, addresses), private_allowed=way.private_allowed):
            raise NoPicture("it is where nobody outside may look")
        left_s = max(0.1, until_s - time.monotonic())
        sock = socket.create_connection((addresses[0], port), left_s)
        try:
            if parts.scheme == "https":
                sock = way.trust().wrap_socket(sock, server_hostname=parts.hostname)
        except BaseException:
            sock.close()
            raise
    except (OSError, UnicodeError) as error:
        raise NoPicture("it can't be reached") from error
    connection = http.client.HTTPConnection(_host(parts), port)
    connection.default_port = 443 if parts.scheme == "https" else 80  # which Host does not say
    connection.sock = sock  # so it never looks the name up by itself
    return connection


def _host(parts: SplitResult) -> str:
    """As it is said in Host; http.client adds the port where it is not 80."""
    assert parts.hostname is not None, "it is checked"
    return parts.hostname.encode("idna").decode() if not parts.hostname.isascii() else parts.hostname


def _content(answer: http.client.HTTPResponse, most: int) -> bytes:
    """Raises: NoPicture for more than most; OSError, HTTPException."""
    told = answer.getheader("Content-Length", "0")
    if told.isdecimal() and int(told) > most:
        raise NoPicture("it is too large")
    pieces, size = [], 0
    while piece := answer.read1(_CHUNK_BYTES):
        size += len(piece)
        if size > most:
            raise NoPicture("it is too large")
        pieces.append(piece)
    return b"".join(pieces)


def _picture(content: bytes) -> Picture:
    kind = picture_type(content)
    if kind is None:
        raise NoPicture("it is no picture")
    return Picture(content, kind)
