"""Mail of the product that may still wait, by what it is about: who makes it needless withdraws it."""

from crm_store.blobs import erasure
from crm_store.database.rows import tuples
from crm_store.models.notices import WaitingNotice
from crm_store.models.outbox import Delivery, Email
from crm_store.outbox_steps import steps
from crm_store.rules.notices import NoticeTopic
from crm_store.rules.outbox import OVER, OutboxStep


def latest(topic: NoticeTopic, subject_id: int) -> WaitingNotice | None:
    """The latest mail about it; None where there was none, or it was withdrawn."""
    row: WaitingNotice | None = WaitingNotice.get_or_none(
        WaitingNotice.topic == topic, WaitingNotice.subject_id == subject_id
    )
    return row


def withdraw(topic: NoticeTopic, subject_id: int) -> None:
    """It is over: what waits is not sent. Call in the transaction that ends it, after the lock of a lane, if any."""
    row = latest(topic, subject_id)
    if row is not None:
        _take_back(row.email_id)
        WaitingNotice.delete().where(WaitingNotice.id == row.id).execute()


def remember(topic: NoticeTopic, subject_id: int, email_id: int, *, now_ms: int) -> None:
    """This mail tells it anew: one from before is withdrawn. Call in the transaction that queued it."""
    withdraw(topic, subject_id)
    WaitingNotice.create(topic=topic, subject_id=subject_id, email_id=email_id, at_ms=now_ms)


def _take_back(email_id: int) -> None:
    """Nothing is kept of what is over, however it ended: it may hold a link that opens something."""
    columns = (Delivery.id, Delivery.blob_sha256)
    deliveries = list(tuples(Delivery.select(*columns).where(Delivery.email_id == email_id).order_by(Delivery.id)))
    steps([delivery_id for delivery_id, _ in deliveries], OutboxStep.CANCEL)
    if Email.delete().where(Email.id == email_id, Email.state.in_(OVER)).execute():
        erasure.mark(bytes(sha256) for _, sha256 in deliveries if sha256 is not None)
