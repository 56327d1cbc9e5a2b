"""Domain names as text: one spelling for each, and which lies below which."""

import re

from crm_store.rules.address import normalise

MAX_OCTETS = 253  # RFC 1035 §2.3.4, without the root
_MAX_TYPED = 255  # what is longer is no name, and turning it into A-labels costs the square of its length
# RFC 8553 and RFC 6376 have names with underscores; the rest is RFC 1123 §2.1.
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")


def ascii_domain(typed: str) -> str:
    """Lower case, A-labels, no dot at its end; "" for what is no domain name. Never raises.

    The same mapping by which an author is told from another (rules/address.py), so that nobody is authenticated under
    one spelling and taken for another: "straße" is "strasse" there, as in IDNA2003, and so it has to be here."""
    if len(typed) > _MAX_TYPED:
        return ""
    name = normalise(f"x@{typed}").removeprefix(
        "x@"
    )  # an @ that the mapping makes of its wide form stays, and is no label
    if not name.isascii() or len(name) > MAX_OCTETS:
        return ""
    return name if all(_LABEL.fullmatch(label) for label in name.split(".")) else ""


def is_within(name: str, ancestor: str) -> bool:
    """Is it this name, or one below it?"""
    return name == ancestor or name.endswith(f".{ancestor}")


def shortened(name: str, labels: int) -> str:
    """Its last so many labels."""
    return ".".join(name.split(".")[-labels:])
