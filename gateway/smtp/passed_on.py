"""Whom a proxy in front speaks for: PROXY v2 (HAProxy), XCLIENT and XFORWARD (Postfix)."""

import re
import struct
from collections.abc import Mapping
from ipaddress import ip_address

PROXY_SIGNATURE = b"\r\n\r\n\x00\r\nQUIT\n"
_PROXY_HEAD = struct.Struct("!12sBBH")
PROXY_HEAD_BYTES = _PROXY_HEAD.size
_LOCAL, _PROXY = 0x20, 0x21  # version 2 and the command
_TCP4, _TCP6 = 0x11, 0x21
_ADDRESS_BYTES: Mapping[int, int] = {_TCP4: 4, _TCP6: 16}
_ENCODED = re.compile(r"\+([0-9A-Fa-f]{2})")  # xtext: RFC 3461 §4
_MAX_PROXY_BYTES = 4096

XCLIENT = ("NAME", "ADDR", "PORT", "PROTO", "HELO", "LOGIN", "DESTADDR", "DESTPORT")
XFORWARD = ("NAME", "ADDR", "PORT", "PROTO", "HELO", "IDENT", "SOURCE")


def proxy_body_bytes(head: bytes) -> int | None:
    """How many octets follow the first PROXY_HEAD_BYTES of a header; None where it is none, or one that we refuse."""
    signature, command, _, length = _PROXY_HEAD.unpack(head)
    if signature != PROXY_SIGNATURE or command not in (_LOCAL, _PROXY) or length > _MAX_PROXY_BYTES:
        return None
    return int(length)


def proxied_address(head: bytes, body: bytes) -> str | None:
    """The client's IP address; None where the proxy speaks for itself (a health check) or does not say.

    Raises: ValueError where the body is too short."""
    _, command, family, _ = _PROXY_HEAD.unpack(head)
    size = _ADDRESS_BYTES.get(family)
    if command == _LOCAL or size is None:
        return None
    if len(body) < 2 * size + 4:  # two addresses, two ports; TLVs may follow
        raise ValueError("PROXY header too short")
    return plain(str(ip_address(body[:size])))


def attributes(argument: str, known: tuple[str, ...]) -> dict[str, str] | None:
    """NAME=value …, decoded; "" for what the proxy does not know. None where they are not to be understood."""
    found = {}
    for word in argument.split():
        name, equals, value = word.partition("=")
        if not equals or name.upper() not in known:
            return None
        value = _ENCODED.sub(lambda code: chr(int(code[1], 16)), value)
        found[name.upper()] = "" if value.upper() in ("[UNAVAILABLE]", "[TEMPUNAVAIL]") else value
    if "ADDR" in found:
        try:
            found["ADDR"] = _address(found["ADDR"])
        except ValueError:
            return None
    return found or None


def plain(host: str) -> str:
    """An IP address without zone; IPv4 for an IPv4 client of a socket that serves both. Raises: ValueError."""
    if ":" not in host:
        return host
    v6 = ip_address(host.partition("%")[0])
    return str(getattr(v6, "ipv4_mapped", None) or v6)


def _address(value: str) -> str:
    """Raises: ValueError."""
    if not value:
        return ""
    if value.upper().startswith("IPV6:"):
        value = value[5:]
    return plain(str(ip_address(value)))
