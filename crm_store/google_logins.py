"""Signing in with Google: whose account it is. It makes no users.

An account is a user's by its sub, once it is linked; an address may become somebody else's. It is linked
- at the first sign-in, where Google answers for the address, and the address is a user's login, or
- when the user, signed in here, connects the mailbox of that very address."""

import structlog

from crm_store import audit
from crm_store.database.prepared import PreparedInsert
from crm_store.database.session import writing
from crm_store.models.google_logins import GoogleLogin
from crm_store.models.people import User
from crm_store.rules.address import normalise

log = structlog.get_logger()
_LOGINS = PreparedInsert(GoogleLogin)


def user_of(google_sub: str, vouched_email: str, *, now_ms: int) -> int | None:
    """Who signs in with this account; None for nobody here.

    vouched_email: the account's address, where Google answers for it; "" where it does not."""
    linked: GoogleLogin | None = GoogleLogin.get_or_none(GoogleLogin.google_sub == google_sub)
    if linked is not None:
        return int(linked.user_id)
    user: User | None = User.get_or_none(User.email_normal == normalise(vouched_email)) if vouched_email else None
    return int(user.id) if user is not None and _link(user.id, google_sub, now_ms=now_ms) else None


def proved(user_id: int, google_sub: str, email: str, *, now_ms: int) -> None:
    """The user, signed in here, has just shown that the account is theirs. email: of its mailbox; another address than
    their login links nothing: a mailbox may be shared."""
    if User.get_by_id(user_id).email_normal == normalise(email):
        _link(user_id, google_sub, now_ms=now_ms)


def _link(user_id: int, google_sub: str, *, now_ms: int) -> bool:
    """False where the user has another account, or the account another user."""
    with writing():
        if _LOGINS.insert_new(user_id=user_id, google_sub=google_sub, linked_at_ms=now_ms) is None:
            return False
        audit.write("user.link_google", f"user {user_id}", by=user_id, now_ms=now_ms)
    log.info("google_account_linked", user_id=user_id)
    return True
