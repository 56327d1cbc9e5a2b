"""Whether a password is the one that was hashed, at a cost that does not tell whose account exists."""

from functools import cache
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from crm_store.errors import Temporary
from crm_store.users import MAX_PASSWORD_LENGTH

# Each takes 64 MiB and a core for some 50 ms: many at once help nobody, and are how one would bring us down.
AT_ONCE = 2
WAITS_AT_MOST_S = 10.0
_places = BoundedSemaphore(AT_ONCE)


class Busy(Temporary):
    """Too many passwords are being looked at."""


def is_right(password: str, hashed: str | None) -> bool:
    """hashed: None for an account that has none, or is none: it takes as long, and is never right.

    Slow on purpose: call it outside of transactions and without a connection. Raises: Busy."""
    if len(password) > MAX_PASSWORD_LENGTH:
        return False
    if not _places.acquire(timeout=WAITS_AT_MOST_S):
        raise Busy("too many people are signing in")
    try:
        return PasswordHasher().verify(hashed or _nobodys(), password.encode("utf-8", "replace")) and hashed is not None
    except (VerificationError, InvalidHashError):
        return False
    finally:
        _places.release()


def made_better(password: str, hashed: str) -> str | None:
    """The same password hashed as is usual by now; None where it is. password: the right one."""
    hasher = PasswordHasher()
    return hasher.hash(password) if hasher.check_needs_rehash(hashed) else None


@cache
def _nobodys() -> str:
    return PasswordHasher().hash("a password that nobody has")
