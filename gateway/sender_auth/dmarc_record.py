"""A DMARC record as text and as values. RFC 9989 §4.7, §4.8. Pure."""

import re
from dataclasses import dataclass
from typing import Final, Literal

Policy = Literal["none", "quarantine", "reject"]
_POLICIES: Final[dict[str, Policy]] = {"none": "none", "quarantine": "quarantine", "reject": "reject"}
_PSD: Final[dict[str, Literal["y", "n"]]] = {"y": "y", "n": "n"}

# RFC 9989 §4.8: "v" equals %s"DMARC1", then the end or a separator. The value is case sensitive, a tag's name is not.
_VERSION = re.compile(r"[vV][ \t]*=[ \t]*DMARC1[ \t]*(?:;|\Z)")
# RFC 3986 §3, as far as telling an address from a typing error needs it.
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[!-~]+")


@dataclass(frozen=True, slots=True)
class DmarcRecord:
    """policy: None where the record says nothing that can be applied (RFC 9989 §4.10.1), so DMARC is not applied.

    subdomain_policy, missing_policy: sp and np; None where p holds for those too."""

    policy: Policy | None = None
    subdomain_policy: Policy | None = None
    missing_policy: Policy | None = None
    strict_dkim: bool = False
    strict_spf: bool = False
    psd: Literal["y", "n", "u"] = "u"
    testing: bool = False


def parse_dmarc_record(text: bytes) -> DmarcRecord | None:
    """None for a TXT record that is no DMARC record. Unknown tags, pct among them, are ignored; what can't be read of
    the others is as if it was not there."""
    typed = text.decode("ascii", "replace")
    if (version := _VERSION.match(typed)) is None:
        return None
    tags = _tags(typed[version.end() :])
    policies = {name: _POLICIES.get(tags[name]) for name in ("p", "sp", "np") if name in tags}
    if policies.get("p") is None or None in policies.values():
        # RFC 9989 §4.10.1: who asks for reports is taken at p=none; nobody can tell what the others meant.
        policies = {"p": "none"} if _asks_for_reports(tags.get("rua", "")) else {}
    return DmarcRecord(
        policy=policies.get("p"),
        subdomain_policy=policies.get("sp"),
        missing_policy=policies.get("np"),
        strict_dkim=tags.get("adkim") == "s",
        strict_spf=tags.get("aspf") == "s",
        psd=_PSD.get(tags.get("psd", ""), "u"),
        testing=tags.get("t") == "y",
    )


def _tags(typed: str) -> dict[str, str]:
    """In lower case. RFC 6376 §3.2: a tag may stand there once; of one that stands there twice nothing is known."""
    tags: dict[str, str] = {}
    repeated: set[str] = set()
    for part in typed.split(";"):
        name, equals, value = part.partition("=")
        name = name.strip(" \t").lower()
        if equals and name in tags:
            repeated.add(name)
        elif equals:
            tags[name] = value.strip(" \t").lower()
    return {name: value for name, value in tags.items() if name not in repeated}


def _asks_for_reports(typed: str) -> bool:
    return any(_URI.fullmatch(uri.strip(" \t")) for uri in typed.split(","))
