"""What stands behind MAIL FROM: and RCPT TO:. One pass over the text, no pattern that backtracks."""

import re
from typing import NamedTuple

from crm_store.rules.address import MAX_OCTETS

# RFC 5321 §4.1.2, with UTF-8 (RFC 6531 §3.3). The classes on both sides of each border share no character.
_PATH = re.compile(
    r"""\s*<
    (?:@[^\s<>:]*:)?                # a source route is taken and ignored: RFC 5321 §4.1.1.3
    (?P<address>
        (?: "(?:[^"\\\x00-\x1f\x7f]|\\[^\x00-\x1f\x7f])*"
          | [^"\\\x00-\x20\x7f<>()\[\],;:@]+ )
        (?P<domain> @ [^"\\\x00-\x20\x7f<>(),;@]+ )?
    )?
    >(?:\s+(?P<parameters>.*))?""",
    re.VERBOSE | re.DOTALL,
)
_SIZE = re.compile(r"[0-9]{1,20}")  # RFC 1870 §5
_CHUNK = re.compile(r"([0-9]{1,20})(\s+LAST)?", re.IGNORECASE)


class Path(NamedTuple):
    """address: "" for <>. parameters: by name in capitals, "" where one has no value; unknown ones too."""

    address: str
    has_domain: bool
    parameters: dict[str, str]


def read_path(keyword: str, argument: str) -> Path | None:
    """keyword: "FROM:" or "TO:". None where the argument is not one, a path and parameters."""
    if argument[: len(keyword)].upper() != keyword:
        return None
    found = _PATH.fullmatch(argument, len(keyword))
    if found is None:
        return None
    address = found["address"] or ""
    if len(address.encode()) > MAX_OCTETS:
        return None
    parameters = (parameter.partition("=") for parameter in (found["parameters"] or "").split())
    return Path(address, found["domain"] is not None, {name.upper(): value for name, _, value in parameters})


def read_size(value: str) -> int | None:
    """Octets that SIZE= declares (RFC 1870); None where it is no number."""
    return int(value) if _SIZE.fullmatch(value) else None


def read_chunk(argument: str) -> tuple[int, bool] | None:
    """What stands behind BDAT (RFC 3030 §2): octets that follow, and whether they are the last; None: neither."""
    found = _CHUNK.fullmatch(argument)
    return (int(found[1]), found[2] is not None) if found else None
