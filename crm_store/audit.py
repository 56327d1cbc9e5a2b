"""The audit log: every change of state by a person (F4)."""

from crm_store.models.captures import AuditRow


def write(
    action: str, subject: str, *, by: int | None, now_ms: int, location_id: int | None = None, why: str = ""
) -> None:
    """Note a change in the transaction that makes it.

    by: the user's id; None for the command line. subject: kind and id ("contact 17"), never content."""
    AuditRow.create(location_id=location_id, user_id=by, action=action, subject=subject, why=why, at_ms=now_ms)
