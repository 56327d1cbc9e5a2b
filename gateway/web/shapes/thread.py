"""Threads: messages that answer each other, inside one conversation."""

from pydantic import Field

from crm_store.threads import MAX_SPLIT_OFF, ThreadView
from gateway.web.shapes.fields import Body, Id, Shape, Time, shown_time


class Split(Body):
    entry_ids: list[Id] = Field(description=f"1 to {MAX_SPLIT_OFF} of the thread's entries, not all of them")


class ThreadMerge(Body):
    into: Id = Field(description="the thread that stays, of the same conversation")


class ThreadMove(Body):
    contact_id: Id = Field(description="whose conversation it goes to")


class Thread(Shape):
    id: str
    conversation_id: str
    subject: str
    last_entry_at: Time


def thread(view: ThreadView) -> Thread:
    return Thread(
        id=str(view.id),
        conversation_id=str(view.conversation_id),
        subject=view.subject,
        last_entry_at=shown_time(view.last_entry_at_ms),
    )
