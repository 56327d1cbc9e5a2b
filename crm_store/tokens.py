"""Bearer tokens for the API. A token is told once, when it is made; only its hash is kept."""

import secrets

from crm_store import audit
from crm_store.access import hash_token, roles_of
from crm_store.database.session import writing
from crm_store.models.people import ApiToken

PREFIX = "sdm_"  # so that secret scanners, and people, know what they found


def create(user_id: int, *, installation_admin: bool, by: int | None, now_ms: int) -> str:
    """A new token of the user, with 256 random bits."""
    token = PREFIX + secrets.token_urlsafe(32)
    with writing():
        row = ApiToken.create(
            user_id=user_id, token_hash=hash_token(token), is_admin=installation_admin, created_at_ms=now_ms
        )
        why = "for the whole installation" if installation_admin else ""
        # Told to the admins of each location that it opens; of who is no member, at the command line alone.
        opened: list[int | None] = [*sorted(roles_of(user_id))]
        for location_id in opened or [None]:
            subject = f"token {row.id} of user {user_id}"
            audit.write("token.create", subject, by=by, now_ms=now_ms, location_id=location_id, why=why)
    return token
