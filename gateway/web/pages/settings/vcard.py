"""The BCC address as a contact of the user's own address book (RFC 6350)."""

import re
from hashlib import sha256
from uuid import UUID

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\u2028\u2029]")
_LINE_OCTETS = 75  # RFC 6350 §3.2, without the line break


def vcard(name: str, note: str, address: str) -> bytes:
    """A card of version 4.0. name, note: as people typed them; what they hold can't end a line or a value."""
    lines = [
        "BEGIN:VCARD",
        "VERSION:4.0",
        f"FN:{_text(name)}",
        f"EMAIL:{_text(address)}",
        f"NOTE:{_text(note)}",
        f"UID:{_uid(address).urn}",  # saved again, it is the same contact
        "END:VCARD",
    ]
    return b"".join(map(_folded, lines))


def _text(value: str) -> str:
    """RFC 6350 §3.4: separators and line breaks are escaped; other control characters are dropped."""
    escaped = value.replace("\\", "\\\\").replace(",", "\\,").replace(";", "\\;")
    return _CONTROL.sub("", re.sub(r"\r\n|\r|\n", r"\\n", escaped))


def _uid(address: str) -> UUID:
    return UUID(bytes=sha256(address.encode()).digest()[:16], version=4)


def _folded(line: str) -> bytes:
    """Long lines go on after a line break and a blank, never inside of a character (§3.2)."""
    pieces, piece = [], b""
    for character in line:
        octets = character.encode()
        if len(piece) + len(octets) > _LINE_OCTETS:
            pieces.append(piece)
            piece = b" "
        piece += octets
    return b"\r\n".join([*pieces, piece]) + b"\r\n"
