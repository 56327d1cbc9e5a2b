"""Tenancy in one place: who is asking, and what they may see. Every query for a person or a token starts here (F3)."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from crm_store.errors import Forbidden, NotFound, Unauthenticated
from crm_store.models.people import ApiToken, Membership
from crm_store.rules.states import Role


@dataclass(frozen=True, slots=True)
class Access:
    """One asker for the length of one request.

    roles: by location, of current memberships. installation_admin: an --admin token; it also makes locations and users
    and says who is a member where, and sees the mail of no location that its user is not a member of."""

    user_id: int
    roles: Mapping[int, Role]
    installation_admin: bool = False

    def reader_of(self, location_id: int, at_least: Role = Role.USER) -> int:
        """The location, if the asker may see its mail and contacts in this role.

        Raises: NotFound to strangers, Forbidden to members of a lesser role."""
        role = self.roles.get(location_id)
        if role is None:
            raise NotFound("no such location")
        if role.rank < at_least.rank:
            raise Forbidden(f"this takes the role {at_least} in the location")
        return location_id

    def manager_of(self, location_id: int) -> int:
        """The location, if the asker may change its settings and members. Raises: as reader_of."""
        return location_id if self.installation_admin else self.reader_of(location_id, Role.ADMIN)

    def location_ids(self) -> list[int]:
        return sorted(self.roles)

    def require_installation_admin(self) -> None:
        """Raises: Forbidden."""
        if not self.installation_admin:
            raise Forbidden("this takes a token that was made with --admin")


def by_token(token: str) -> Access:
    """Who holds this bearer token. Raises: Unauthenticated."""
    row = (
        ApiToken.select(ApiToken.user_id, ApiToken.is_admin)
        .where(ApiToken.token_hash == hash_token(token), ApiToken.revoked_at_ms.is_null())
        .first()
    )
    if row is None:
        raise Unauthenticated("this token is not known")
    return Access(row.user_id, roles_of(row.user_id), row.is_admin)


def roles_of(user_id: int) -> dict[int, Role]:
    """The locations of which the user is a member now."""
    rows = Membership.select(Membership.location_id, Membership.role).where(
        Membership.user_id == user_id, Membership.left_at_ms.is_null()
    )
    return {row.location_id: Role(row.role) for row in rows}


def hash_token(token: str) -> bytes:
    """A token has 256 random bits: a plain hash is as good as a slow one, and is looked up by index."""
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()
