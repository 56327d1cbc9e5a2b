"""What is asked of Google, and what of it was granted. A person may untick any of it (facts/gmail.md 1.8)."""

from collections.abc import Iterable, Mapping
from enum import StrEnum

_ROOT = "https://www.googleapis.com/auth/"


class Permission(StrEnum):
    """One line of Google's consent page."""

    MAIL = "mail"  # read, send, and the read state: B1–B3, B14
    CONTACTS = "contacts"  # B15


# Scopes overlap: a permission is there when any scope that includes it was granted. The first is what we ask for.
# gmail.modify is the smallest that has the read state, and cannot delete for good.
_GRANTING: Mapping[Permission, tuple[str, ...]] = {
    Permission.MAIL: (_ROOT + "gmail.modify", "https://mail.google.com/"),
    Permission.CONTACTS: (_ROOT + "contacts.readonly", _ROOT + "contacts"),
}
SIGN_IN = ("openid", "email")  # who it is; nobody can untick these
REQUESTED = (*SIGN_IN, *(scopes[0] for scopes in _GRANTING.values()))


def granted(scope: str | None) -> frozenset[str]:
    """The scopes of a token's reply. None, where it does not say, means all that was asked for (RFC 6749 §5.1)."""
    return frozenset(REQUESTED if scope is None else scope.split())


def missing(scopes: Iterable[str]) -> tuple[Permission, ...]:
    """A2: what was not granted; empty where all was."""
    held = frozenset(scopes)
    return tuple(permission for permission, granting in _GRANTING.items() if held.isdisjoint(granting))


def scope_of(permission: Permission) -> str:
    """What we ask for, without its root: for people who look it up."""
    return _GRANTING[permission][0].removeprefix(_ROOT)
