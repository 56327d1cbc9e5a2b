"""What happened to a capture, and whose BCC addresses it came to: for pages that show it (D1)."""

from collections.abc import Collection

from crm_store import audit
from crm_store.audit import AuditView
from crm_store.capture_views import CaptureView
from crm_store.database.rows import tuples
from crm_store.models.captures import CaptureRecipient
from crm_store.models.people import User

MOST_SHOWN = 20


def steps(view: CaptureView) -> list[AuditView]:
    """What people did with it, the latest first. view: as the asker may see it."""
    if view.location_id is None:
        return []
    return audit.of_subject(view.location_id, f"capture {view.id}", MOST_SHOWN)


def owners(captures: Collection[CaptureView]) -> dict[int, list[str]]:
    """The names of those whose BCC addresses each was sent to, by capture. As one query for a page as for one."""
    named = (
        CaptureRecipient.select(CaptureRecipient.capture_id, User.name)
        .join(User, on=(User.id == CaptureRecipient.user_id))
        .where(CaptureRecipient.capture_id.in_([view.id for view in captures]))
        .order_by(CaptureRecipient.id)
    )
    found: dict[int, list[str]] = {}
    for capture_id, name in tuples(named):
        here = found.setdefault(capture_id, [])
        if name not in here:
            here.append(name)
    return found
