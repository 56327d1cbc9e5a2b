"""The lists of senders as people keep them: a location's three, and a user's never-log list."""

from collections.abc import Sequence
from dataclasses import dataclass

from peewee import Expression, Field

from crm_store import audit, typed_address, users
from crm_store.access import Access
from crm_store.database.session import lock_location, writing
from crm_store.errors import Forbidden, Invalid, NotFound
from crm_store.facts import STAYS_INTERNAL_MS, internal_among
from crm_store.models.people import Identity, Membership
from crm_store.models.sender_lists import ListedSender
from crm_store.paging import Order, Page, PageRequest, page
from crm_store.rules.address import GMAIL_DOMAINS, domain_of, fold_identity
from crm_store.rules.states import Role, SenderList

# Who may change a location's list; operators may read all of them.
_KEEPERS = {
    SenderList.ALLOWED: Role.OPERATOR,
    SenderList.BLOCKED: Role.OPERATOR,
    SenderList.NEVER_LOG: Role.ADMIN,
}


class ShutsOutMember(Invalid):
    """A block that would be of a member, or of all in a member's domain (D2)."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """What somebody typed. shown: an address, or "@" and a domain; normal: the form in which it is compared."""

    shown: str
    normal: str


@dataclass(frozen=True, slots=True)
class PatternView:
    id: int
    pattern: str
    created_at_ms: int


def typed(pattern: str, field: str = "pattern") -> Pattern:
    """An address, or a domain with or without "@" before it. Raises: Invalid."""
    bare = pattern.strip()
    local, at, domain = bare.rpartition("@")
    if at and local not in ("", "*"):
        return Pattern(*typed_address.check(bare, field))
    try:
        shown, normal = typed_address.check(f"anybody@{domain}", field)
    except Invalid as error:
        raise Invalid(field, "is neither an e-mail address nor a domain (@example.com)") from error
    return Pattern(f"@{domain_of(shown)}", f"@{domain_of(normal)}")


def list_for(access: Access, location_id: int, kind: SenderList, request: PageRequest) -> Page[PatternView]:
    """A location's list, in the order of their making. Raises: NotFound, Forbidden."""
    access.reader_of(location_id, Role.OPERATOR)
    return _page((ListedSender.location_id, location_id), kind, request)


def add(access: Access, location_id: int, kind: SenderList, pattern: str, *, now_ms: int) -> PatternView:
    """Put a pattern on a location's list; one that is there stays as it is.

    Raises: NotFound, Forbidden; Invalid, also for a block that would shut out a member (D2)."""
    require_keeper(access, location_id, kind)
    checked = typed(pattern)
    with writing():
        lock_location(location_id)
        row, _ = put(location_id, kind, checked, by=access.user_id, now_ms=now_ms)
    return _views([row])[0]


def remove(access: Access, location_id: int, kind: SenderList, pattern: str, *, now_ms: int) -> None:
    """Raises: NotFound, Forbidden, Invalid."""
    require_keeper(access, location_id, kind)
    with writing():
        lock_location(location_id)
        row = _find(ListedSender.location_id == location_id, kind, typed(pattern))
        take_back(row.id, by=access.user_id, now_ms=now_ms)


def list_own(access: Access, user_id: int, request: PageRequest) -> Page[PatternView]:
    """A user's never-log list: asked of that user's paths only (B13). Raises: NotFound, Forbidden."""
    require_own(access, user_id)
    return _page((ListedSender.user_id, user_id), SenderList.NEVER_LOG, request)


def add_own(access: Access, user_id: int, pattern: str, *, now_ms: int) -> PatternView:
    """Raises: NotFound, Forbidden, Invalid."""
    require_own(access, user_id)
    with writing():
        row, _ = _insert(None, user_id, SenderList.NEVER_LOG, typed(pattern), by=access.user_id, now_ms=now_ms)
    return _views([row])[0]


def remove_own(access: Access, user_id: int, pattern: str, *, now_ms: int) -> None:
    """Raises: NotFound, Forbidden, Invalid."""
    require_own(access, user_id)
    with writing():
        row = _find(ListedSender.user_id == user_id, SenderList.NEVER_LOG, typed(pattern))
        take_back(row.id, by=access.user_id, now_ms=now_ms)


def put(
    location_id: int, kind: SenderList, pattern: Pattern, *, by: int | None, now_ms: int, field: str = "pattern"
) -> tuple[ListedSender, bool]:
    """The pattern's row, and whether it is new. Call in a transaction that holds the location's lock.

    Raises: Invalid for a block that would shut out a member."""
    if kind is SenderList.BLOCKED and shuts_out_a_member(location_id, pattern.normal, now_ms=now_ms):
        raise ShutsOutMember(field, "is an address of a member of this location, and members are never blocked")
    return _insert(location_id, None, kind, pattern, by=by, now_ms=now_ms)


def take_back(row_id: int, *, by: int | None, now_ms: int) -> None:
    """Off the list, if it is still on it. Call in a transaction."""
    row = ListedSender.get_or_none(ListedSender.id == row_id)
    if row is not None:
        ListedSender.delete().where(ListedSender.id == row_id).execute()
        action, subject = f"{row.kind}_senders.remove", f"pattern {row_id}"
        audit.write(action, subject, by=by, now_ms=now_ms, location_id=row.location_id)


def shuts_out_a_member(location_id: int, normal: str, *, now_ms: int) -> bool:
    """Whether an address, or somebody in a domain, is internal to the location."""
    local, _, domain = normal.rpartition("@")
    if local:
        return bool(internal_among(location_id, [fold_identity(normal)], now_ms=now_ms))
    if domain in GMAIL_DOMAINS:
        domain = domain_of(fold_identity(f"anybody@{domain}"))
    here = Identity.folded.endswith(f"@{domain}")
    if "." in domain:  # a top-level domain is nobody's parent (sender_lists.parent_domains)
        here |= Identity.folded.endswith(f".{domain}")
    among_members = (
        Membership.select(Membership.id)
        .join(Identity, on=(Identity.user_id == Membership.user_id))
        .where(
            Membership.location_id == location_id,
            Membership.left_at_ms.is_null() | (Membership.left_at_ms > now_ms - STAYS_INTERNAL_MS),
            here,
        )
    )
    return among_members.exists()


def require_keeper(access: Access, location_id: int, kind: SenderList) -> None:
    """Raises: NotFound, Forbidden to who may not change this list."""
    access.reader_of(location_id, _KEEPERS[kind])


def may_keep(access: Access, location_id: int, kind: SenderList) -> bool:
    """Whether the asker, who may read this list, may change it too."""
    return access.roles[location_id].rank >= _KEEPERS[kind].rank


def require_own(access: Access, user_id: int) -> None:
    """Raises: NotFound, Forbidden to who is neither this user nor an admin of the installation."""
    users.get(access, user_id)
    if not (user_id == access.user_id or access.installation_admin):
        raise Forbidden("only they themselves may see and change this")


def _page(owner: "tuple[Field[int | None], int]", kind: SenderList, request: PageRequest) -> Page[PatternView]:
    order = Order([owner, (ListedSender.kind, kind)], [ListedSender.id])
    return page(ListedSender.select(), order, request, _views)


def _find(owner: Expression, kind: SenderList, pattern: Pattern) -> ListedSender:
    row: ListedSender | None = ListedSender.get_or_none(
        owner & (ListedSender.kind == kind) & (ListedSender.normal == pattern.normal)
    )
    if row is None:
        raise NotFound("this pattern is not on the list")
    return row


def _insert(
    location_id: int | None, user_id: int | None, kind: SenderList, pattern: Pattern, *, by: int | None, now_ms: int
) -> tuple[ListedSender, bool]:
    made = (
        ListedSender.insert(
            location_id=location_id,
            user_id=user_id,
            kind=kind,
            pattern=pattern.shown,
            normal=pattern.normal,
            created_at_ms=now_ms,
        )
        .on_conflict(action="NOTHING")
        .as_rowcount()
        .execute()
    )
    owner = ListedSender.user_id == user_id if location_id is None else ListedSender.location_id == location_id
    row = _find(owner, kind, pattern)
    if made:
        audit.write(f"{kind}_senders.add", f"pattern {row.id}", by=by, now_ms=now_ms, location_id=location_id)
    return row, bool(made)


def _views(rows: Sequence[ListedSender]) -> list[PatternView]:
    return [PatternView(row.id, row.pattern, row.created_at_ms) for row in rows]
