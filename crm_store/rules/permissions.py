"""What is asked of Google, and what of it was granted. A person may untick any of it (facts/gmail.md 1.8).

Google's scopes overlap, so a permission is there when any scope that includes it was granted."""

from collections.abc import Iterable, Mapping
from enum import StrEnum

_ROOT = "https://www.googleapis.com/auth/"
_ALL_MAIL = "https://mail.google.com/"

# gmail.modify reads, sends and keeps the read state (B14) in one line of the consent page; it can't delete for good.
REQUESTED: tuple[str, ...] = ("openid", "email", _ROOT + "gmail.modify", _ROOT + "contacts.readonly")


class Permission(StrEnum):
    READ_MAIL = "read_mail"  # B1, B2
    SEND_MAIL = "send_mail"  # B3, E1
    CHANGE_MAIL = "change_mail"  # B14: read state
    READ_CONTACTS = "read_contacts"  # B15


_GRANTING: Mapping[Permission, frozenset[str]] = {
    Permission.READ_MAIL: frozenset({_ALL_MAIL, _ROOT + "gmail.modify", _ROOT + "gmail.readonly"}),
    Permission.SEND_MAIL: frozenset({_ALL_MAIL, _ROOT + "gmail.modify", _ROOT + "gmail.compose", _ROOT + "gmail.send"}),
    Permission.CHANGE_MAIL: frozenset({_ALL_MAIL, _ROOT + "gmail.modify"}),
    Permission.READ_CONTACTS: frozenset({_ROOT + "contacts.readonly", _ROOT + "contacts"}),
}


def granted(scope: str | None) -> frozenset[str]:
    """The scopes of a token's reply. None, where it does not say, means all that was asked for (RFC 6749 §5.1)."""
    return frozenset(REQUESTED if scope is None else scope.split())


def missing(scopes: Iterable[str]) -> tuple[Permission, ...]:
    """A2: what was not granted; empty where all was."""
    held = frozenset(scopes)
    return tuple(permission for permission, granting in _GRANTING.items() if not granting & held)
