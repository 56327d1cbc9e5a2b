"""The form in which two spellings of an address are the same (RFC 5321 §2.4, RFC 5891)."""

import re
import unicodedata

GMAIL_DOMAINS = frozenset({"gmail.com", "googlemail.com"})
MAX_OCTETS = 320  # RFC 3696 errata 1690 says 254; mail in the wild has longer ones, nothing has 64 + 1 + 255
_CONTROL = re.compile(r"[\x00-\x20\x7f]")


def normalise(address: str) -> str:
    """Case folded, NFC, domain as A-labels. "" for what can't be an address (no @, blanks, too long).

    RFC 5321 §2.4 lets a host tell `Ani@` from `ani@`; no host that our users write to does."""
    local, at, domain = address.strip().rpartition("@")
    if not at or not local or not domain or _CONTROL.search(local + domain):
        return ""
    domain = domain.rstrip(".").casefold()
    if not domain.isascii():
        try:
            domain = domain.encode("idna").decode("ascii").rstrip(".")
        except UnicodeError:
            domain = unicodedata.normalize("NFC", domain)
    if "@" in domain or _CONTROL.search(domain):  # what some letters turn into: "´" into a blank and a mark (RFC 3491)
        return ""
    normal = f"{unicodedata.normalize('NFC', local).casefold()}@{domain}"
    return normal if domain and len(normal.encode("utf-8", "replace")) <= MAX_OCTETS else ""


def fold_identity(address: str) -> str:
    """The identity behind an address: normalised, without +tag, without dots at Gmail (Words: identity).

    Contacts are never folded: ani+shop@ may be another mailbox at a customer's host."""
    local, at, domain = normalise(address).rpartition("@")
    if not at:
        return ""
    bare = local.split("+", 1)[0] or local
    if domain in GMAIL_DOMAINS:
        bare, domain = bare.replace(".", "") or bare, "gmail.com"
    return f"{bare}@{domain}"


def domain_of(address: str) -> str:
    """The part behind the last @; "" where there is none."""
    return address.rpartition("@")[2] if "@" in address else ""
