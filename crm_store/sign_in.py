"""Signing in by e-mail and password, and changing the password."""

import structlog

from crm_store import audit, passwords, sign_in_limits, users, web_sessions
from crm_store.access import Access
from crm_store.database.session import connected, writing
from crm_store.errors import Permanent
from crm_store.models.people import User
from crm_store.rules.address import normalise

log = structlog.get_logger()


class WrongPassword(Permanent):
    """There is no such account, or it has another password: which of the two is not told."""


def by_password(email: str, password: str, *, network: str, now_ms: int) -> int:
    """The user whose account this is. network: the address that the attempt comes from.

    Opens its own connections: none is held while the password is looked at, which takes long.
    Raises: WrongPassword, TooManyFailures, Busy, StoreUnavailable."""
    user_id = _prove(email, password, network, now_ms)
    log.info("signed_in", user_id=user_id)
    return user_id


def change_password(access: Access, session_id: int, old: str, new: str, *, network: str, now_ms: int) -> str:
    """Their own, who know the old one. All their other sessions end; what this one's cookie is to hold from now on.

    Opens its own connections, as by_password(). Raises: Invalid for the new one, and what by_password() raises."""
    with connected():
        email = User.get_by_id(access.user_id).email
    hashed = users.hash_password(new)
    _prove(email, old, network, now_ms)
    with connected(), writing():
        User.update(password_hash=hashed).where(User.id == access.user_id).execute()
        audit.write("user.password", f"user {access.user_id}", by=access.user_id, now_ms=now_ms)
        web_sessions.end_others(access, session_id, now_ms=now_ms)
        return web_sessions.renew(session_id, now_ms=now_ms)


def _prove(email: str, password: str, network: str, now_ms: int) -> int:
    account, from_network = sign_in_limits.account(email), sign_in_limits.network(network)
    with connected():
        sign_in_limits.count_as_failed([account, from_network], now_ms=now_ms)
        found = User.select(User.id, User.password_hash).where(User.email_normal == normalise(email)).first()
    hashed = found.password_hash if found else None
    if not passwords.is_right(password, hashed) or hashed is None:
        log.info("wrong_password", user_id=found.id if found else None)
        raise WrongPassword("the e-mail or the password is wrong")
    better = passwords.made_better(password, hashed)
    with connected():
        sign_in_limits.succeeded(account, from_network)
        if better:
            unchanged = (User.id == found.id) & (User.password_hash == hashed)
            with writing():
                User.update(password_hash=better).where(unchanged).execute()
    return int(found.id)
