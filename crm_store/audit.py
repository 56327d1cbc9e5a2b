"""The audit log: every change of state by a person (F4)."""

from collections.abc import Sequence
from dataclasses import dataclass

from crm_store.access import Access
from crm_store.models.captures import AuditRow
from crm_store.models.people import User
from crm_store.paging import Order, Page, PageRequest, along, page
from crm_store.rules.states import Role


@dataclass(frozen=True, slots=True)
class Actor:
    user_id: int
    name: str


@dataclass(frozen=True, slots=True)
class AuditView:
    """who: None for the command line. what: the action, as "contact.merge". subject: kind and id. why: "" if unsaid.

    location_id: None for what is the installation's, such as a new user."""

    who: Actor | None
    what: str
    subject: str
    why: str
    at_ms: int
    location_id: int | None


def write(
    action: str, subject: str, *, by: int | None, now_ms: int, location_id: int | None = None, why: str = ""
) -> None:
    """Note a change in the transaction that makes it.

    by: the user's id; None for the command line. subject: kind and id ("contact 17"), never content."""
    AuditRow.create(location_id=location_id, user_id=by, action=action, subject=subject, why=why, at_ms=now_ms)


def list_for(access: Access, location_id: int, request: PageRequest) -> Page[AuditView]:
    """What was changed in a location, the latest first, for its admins. Raises: NotFound, Forbidden."""
    access.reader_of(location_id, Role.ADMIN)
    order = Order([(AuditRow.location_id, location_id)], [AuditRow.id], newest_first=True)
    return page(AuditRow.select(), order, request, _views)


def of_subject(location_id: int, subject: str, limit: int) -> list[AuditView]:
    """What was done with one thing of a location, the latest first. subject: as write() was told. Who asks has looked
    whether the asker may see it."""
    order = Order([(AuditRow.location_id, location_id), (AuditRow.subject, subject)], [AuditRow.id], newest_first=True)
    return _views(list(along(AuditRow.select(), order, limit=limit)))


def latest(location_id: int | None, limit: int) -> list[AuditView]:
    """The latest changes of a location, or of all and of the installation too: for who runs it, at its command line."""
    query = AuditRow.select().order_by(AuditRow.id.desc()).limit(limit)
    return _views(list(query if location_id is None else query.where(AuditRow.location_id == location_id)))


def _views(rows: Sequence[AuditRow]) -> list[AuditView]:
    actors = {row.user_id for row in rows if row.user_id is not None}
    names = {user.id: user.name for user in User.select(User.id, User.name).where(User.id.in_(actors))}
    return [
        AuditView(
            who=None if row.user_id is None else Actor(row.user_id, names[row.user_id]),
            what=row.action,
            subject=row.subject,
            why=row.why,
            at_ms=row.at_ms,
            location_id=row.location_id,
        )
        for row in rows
    ]
