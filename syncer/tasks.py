"""The tasks: each calls one thing, and its arguments are ids. What a failure means is written into rows there."""

from collections.abc import Callable

import structlog
from huey import Huey

from crm_store import bell
from crm_store.contact_import_work import Turn
from crm_store.database.session import connected
from crm_store.errors import StoreUnavailable
from crm_store.mailboxes import Ring
from crm_store.outbox_turns import LaneRing
from syncer.contacts.import_contacts import import_contacts
from syncer.engine import Engine
from syncer.history.run import run
from syncer.sending import lane

log = structlog.get_logger()


def follow_mailbox(queue: Huey, engine: Engine) -> Callable[[Ring], None]:
    """What rings for a mailbox. Safe to ring twice; the row, not the queue, remembers that it is due."""

    @queue.task(name="follow_mailbox")  # type: ignore[untyped-decorator]  # huey has no types
    def follow(mailbox_id: int, rung_at_ms: int) -> None:
        try:
            with connected():
                run(engine, Ring(mailbox_id, rung_at_ms))
        except StoreUnavailable:
            log.warning("sync_waits_for_store", exc_info=True)
        bell.ring(bell.of_syncer(engine.settings.data))  # it may be due again, and the dispatcher waits for who has it

    def ring(for_mailbox: Ring) -> None:
        follow(for_mailbox.mailbox_id, for_mailbox.rung_at_ms)

    return ring


def follow_contacts(queue: Huey, engine: Engine) -> Callable[[Turn], None]:
    """What rings for an account's contacts; as above."""

    @queue.task(name="follow_contacts")  # type: ignore[untyped-decorator]  # huey has no types
    def follow(import_id: int, holder: str) -> None:
        try:
            with connected():
                import_contacts(engine, Turn(import_id, holder))
        except StoreUnavailable:
            log.warning("contact_import_waits_for_store", exc_info=True)

    def ring(turn: Turn) -> None:
        follow(turn.import_id, turn.holder)

    return ring


def send_from_lane(queue: Huey, engine: Engine) -> Callable[[LaneRing], None]:
    """What rings for a lane of the outbox; as above."""

    @queue.task(name="send_from_lane")  # type: ignore[untyped-decorator]  # huey has no types
    def send(lane_id: int, rung_at_ms: int) -> None:
        try:
            with connected():
                lane.run(engine, LaneRing(lane_id, rung_at_ms))
        except StoreUnavailable:
            log.warning("sending_waits_for_store", exc_info=True)

    def ring(for_lane: LaneRing) -> None:
        send(for_lane.lane_id, for_lane.rung_at_ms)

    return ring
