"""The audit log."""

from pydantic import Field

from crm_store.audit import AuditView
from gateway.web.shapes.fields import Shape, Time, shown_time


class Actor(Shape):
    id: str
    name: str


class AuditEntry(Shape):
    who: Actor | None = Field(description="null: the command line")
    what: str = Field(description="the action, as contact.merge")
    subject: str = Field(description="what it was done to: kind and id")
    when: Time
    why: str


def audit_entry(view: AuditView) -> AuditEntry:
    return AuditEntry(
        who=None if view.who is None else Actor(id=str(view.who.user_id), name=view.who.name),
        what=view.what,
        subject=view.subject,
        when=shown_time(view.at_ms),
        why=view.why,
    )
