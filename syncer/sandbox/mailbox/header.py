"""A mail's header fields in their order, and how Gmail rewrites them."""

import re
from collections.abc import Collection, Sequence

_FIELD = re.compile(rb"([!-9;-~]+)[ \t]*:[ \t]*((?:[^\r\n]*)(?:\r?\n[ \t]+[^\r\n]*)*)(?:\r?\n|\Z)")
_LIMIT_BYTES = 256 * 1024


def fields(raw: bytes) -> list[tuple[str, bytes]]:
    """Every field as (name, folded value), names as written. Ends where the header does, or at what is no field."""
    return [(match[1].decode("ascii"), match[2]) for match in _matches(raw)]


def without(raw: bytes, names: Collection[str]) -> bytes:
    """The mail without these fields; names in lower case."""
    kept: list[bytes] = []
    end = 0
    for match in _matches(raw):
        end = match.end()
        if match[1].decode("ascii").lower() not in names:
            kept.append(match[0])
    return b"".join(kept) + raw[end:]


def with_first(raw: bytes, added: Sequence[tuple[str, str]]) -> bytes:
    """The mail with these fields on top, in the line ends that it has."""
    line_end = b"\r\n" if b"\r\n" in raw[:_LIMIT_BYTES] else b"\n"
    top = b"".join(f"{name}: {value}".encode() + line_end for name, value in added)
    # A mail that begins with its body would otherwise lose its first line to our header.
    return top + (raw if _FIELD.match(raw) or raw[:1] in b"\r\n" else line_end + raw)


def _matches(raw: bytes) -> list[re.Match[bytes]]:
    found: list[re.Match[bytes]] = []
    at = 0
    while match := _FIELD.match(raw, at, _LIMIT_BYTES):
        found.append(match)
        at = match.end()
    return found
