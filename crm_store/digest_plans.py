"""Who is told what waits in which capture queue, and when next: a row for each member who decides about captures."""

from dataclasses import dataclass

from crm_store.database.prepared import PreparedInsert
from crm_store.database.rows import tuples
from crm_store.models.notices import QueueDigest
from crm_store.models.people import Location, User
from crm_store.rules.states import Role

NOT_PLANNED = 0

_PLANS = PreparedInsert(QueueDigest)


@dataclass(frozen=True, slots=True)
class DueDigest:
    """time_zone: the user's, else the location's. is_wanted: they have not switched it off. planned_at_ms: what the
    row says, NOT_PLANNED for a time that nobody has set. last_day: see models.notices.QueueDigest."""

    id: int
    location_id: int
    user_id: int
    planned_at_ms: int
    last_day: str | None
    time_zone: str
    is_wanted: bool


def member_became(location_id: int, user_id: int, role: Role | None) -> None:
    """role: None for who left. Call in the transaction that makes them so."""
    if role is not None and role.rank >= Role.OPERATOR.rank:
        _PLANS.insert_new(location_id=location_id, user_id=user_id)
        return
    QueueDigest.delete().where(QueueDigest.user_id == user_id, QueueDigest.location_id == location_id).execute()


def user_moved(user_id: int) -> None:
    """Their clock is another one. Call in the transaction that changes it."""
    QueueDigest.update(next_at_ms=NOT_PLANNED).where(QueueDigest.user_id == user_id).execute()


def location_moved(location_id: int) -> None:
    """As user_moved()."""
    QueueDigest.update(next_at_ms=NOT_PLANNED).where(QueueDigest.location_id == location_id).execute()


def due(*, now_ms: int, limit: int) -> list[DueDigest]:
    """The longest due first."""
    rows = (
        QueueDigest.select(
            QueueDigest.id,
            QueueDigest.location_id,
            QueueDigest.user_id,
            QueueDigest.next_at_ms,
            QueueDigest.last_day,
            User.time_zone,
            Location.time_zone,
            User.digest_off_at_ms,
        )
        .join(User, on=(User.id == QueueDigest.user_id))
        .join(Location, on=(Location.id == QueueDigest.location_id))
        .where(QueueDigest.next_at_ms <= now_ms)
        .order_by(QueueDigest.next_at_ms, QueueDigest.id)
        .limit(limit)
    )
    return [
        DueDigest(plan_id, location_id, user_id, at_ms, last_day, own or theirs, off_at_ms is None)
        for plan_id, location_id, user_id, at_ms, last_day, own, theirs, off_at_ms in tuples(rows)
    ]


def move_on(one: DueDigest, next_at_ms: int, told_day: str | None) -> bool:
    """False where somebody else has done this one. told_day: None where nothing is told. Call in the transaction that
    mails it: whoever is second waits for it, and then finds another time."""
    last_day = told_day or one.last_day
    mine = (QueueDigest.id == one.id) & (QueueDigest.next_at_ms == one.planned_at_ms)
    return bool(QueueDigest.update(next_at_ms=next_at_ms, last_day=last_day).where(mine).execute())
