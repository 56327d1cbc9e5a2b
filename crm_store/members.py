"""Who works in which location, and as what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from peewee import ModelSelect

from crm_store import audit, bcc_addresses, digest_plans, locations, outbox_endings, users
from crm_store.access import Access
from crm_store.database.session import lock_location, writing
from crm_store.errors import Conflict, Forbidden, NotFound
from crm_store.models.people import Membership, User
from crm_store.paging import Order, Page, PageRequest, page
from crm_store.rules.states import Role


@dataclass(frozen=True, slots=True)
class MemberView:
    user_id: int
    name: str
    email: str
    role: Role


def put(location_id: int, user_id: int, role: Role, *, domain: str, by: int | None, now_ms: int) -> MemberView:
    """Make the user a member, or change the role; a new member gets a BCC address at domain.

    Raises: NotFound; Conflict for taking the role from the last admin.
    Who may call it is the caller's to ask (Access.manager_of); the command line asks nobody."""
    locations.require(location_id)
    users.find(str(user_id))
    with writing():
        lock_location(location_id)
        if role is not Role.ADMIN and _is_last_admin(location_id, user_id):
            raise Conflict("a location keeps at least one admin: make somebody else admin first")
        Membership.insert(
            user_id=user_id, location_id=location_id, role=role, created_at_ms=now_ms, left_at_ms=None
        ).on_conflict(
            conflict_target=[Membership.user_id, Membership.location_id],
            update={Membership.role: role, Membership.left_at_ms: None},
        ).execute()
        bcc_addresses.ensure(location_id, user_id, domain, now_ms=now_ms)
        digest_plans.member_became(location_id, user_id, role)
        audit.write("member.put", f"user {user_id} as {role}", by=by, now_ms=now_ms, location_id=location_id)
        return _views(list(_current(location_id).where(Membership.user_id == user_id)))[0]


def remove(access: Access, location_id: int, user_id: int, *, now_ms: int) -> None:
    """G4: their BCC address dies at once, history stays; the last admin can't go.

    Raises: NotFound, Forbidden, Conflict."""
    access.manager_of(location_id)
    with writing():
        lock_location(location_id)  # two admins who remove each other
        row = _current(location_id).where(Membership.user_id == user_id).first()
        if row is None:
            raise NotFound("no such member")
        if _is_last_admin(location_id, user_id) and not access.installation_admin:
            raise Conflict("a location keeps at least one admin: make somebody else admin first")
        Membership.update(left_at_ms=now_ms).where(Membership.id == row.id).execute()
        outbox_endings.member_left(location_id, user_id)
        bcc_addresses.switch_off(location_id, user_id, by=access.user_id, now_ms=now_ms)
        digest_plans.member_became(location_id, user_id, None)
        audit.write("member.remove", f"user {user_id}", by=access.user_id, now_ms=now_ms, location_id=location_id)


def list_for(access: Access, location_id: int, request: PageRequest) -> Page[MemberView]:
    """Raises: NotFound."""
    if not access.installation_admin:
        access.reader_of(location_id)
    locations.require(location_id)
    order = Order([(Membership.location_id, location_id)], [Membership.id])
    return page(_all_current(), order, request, _views)


def get(access: Access, location_id: int, user_id: int) -> MemberView:
    """One member, for admins of the location. Raises: NotFound, Forbidden."""
    access.manager_of(location_id)
    row = _current(location_id).where(Membership.user_id == user_id).first()
    if row is None:
        raise NotFound("no such member")
    return _views([row])[0]


def require_own_or_managed(access: Access, location_id: int, user_id: int) -> None:
    """A member's own affairs in a location, or those that an admin looks after. Raises: NotFound, Forbidden."""
    if user_id != access.user_id or location_id not in access.roles:
        if (
            not access.installation_admin
            and location_id in access.roles
            and access.roles[location_id] is not Role.ADMIN
        ):
            raise Forbidden("only they themselves, or an admin of the location")
        access.manager_of(location_id)
    if not works_in(user_id, location_id):
        raise NotFound("no such member")


def works_in(user_id: int, location_id: int) -> bool:
    return _current(location_id).where(Membership.user_id == user_id).exists()


def _current(location_id: int) -> ModelSelect[Membership]:
    return _all_current().where(Membership.location_id == location_id)


def _all_current() -> ModelSelect[Membership]:
    return Membership.select().where(Membership.left_at_ms.is_null())


def _is_last_admin(location_id: int, user_id: int) -> bool:
    admins = _current(location_id).where(Membership.role == Role.ADMIN).limit(2)
    return [row.user_id for row in admins] == [user_id]


def _views(rows: Sequence[Membership]) -> list[MemberView]:
    people = {user.id: user for user in User.select().where(User.id.in_([row.user_id for row in rows]))}
    return [
        MemberView(row.user_id, people[row.user_id].name, people[row.user_id].email, Role(row.role)) for row in rows
    ]
