"""The syncer as a process: a dispatcher, and threads that do what it hands out."""

import logging
import signal
import time
from threading import Event

import structlog
from huey.consumer import Consumer

from crm_store import bell, contact_import_work, mailboxes, outbox_turns
from crm_store.database import engine as database
from crm_store.database.session import connected
from crm_store.errors import StoreUnavailable
from crm_store.process.service import Context
from syncer.composition import engine_of
from syncer.contacts.dispatcher import ContactsDispatcher
from syncer.dispatcher import Dispatcher
from syncer.engine import Engine
from syncer.queue import queue_of
from syncer.sending.dispatcher import OutboxDispatcher
from syncer.tasks import follow_contacts, follow_mailbox, send_from_lane

log = structlog.get_logger()

WORKERS = 8
WAITING_TASKS = 4  # rung and not begun, so that no thread waits for the dispatcher
DRAIN_WITHIN_S = 7
HEALTH_EVERY_S = 10.0
# Huey's own idle poll of SQLite backs off to 10 s (design.md 2).
FIRST_DELAY_S, LAST_DELAY_S = 0.05, 0.2


def run(context: Context) -> None:
    """Until SIGTERM. What is under way then ends after the message that it is at; the rest stays in its rows."""
    stopping = Event()
    signal.signal(signal.SIGTERM, lambda *_: stopping.set())
    logging.getLogger("huey").setLevel(logging.WARNING)  # or each look at each mailbox is two lines
    database.configure(context.settings)
    engine = engine_of(context.settings, role="service", stopping=stopping.is_set)
    queue = queue_of(context.settings)
    ring = follow_mailbox(queue, engine)
    ring_contacts = follow_contacts(queue, engine)
    ring_lane = send_from_lane(queue, engine)
    consumer = _Threads(
        queue,
        workers=WORKERS,
        periodic=False,
        initial_delay=FIRST_DELAY_S,
        max_delay=LAST_DELAY_S,
        shutdown_timeout=DRAIN_WITHIN_S,
    )

    def free_places() -> int:
        return WAITING_TASKS - int(queue.pending_count())

    dispatcher = Dispatcher(engine, ring, free_places)
    contacts = ContactsDispatcher(engine, ring_contacts, free_places)
    outbox = OutboxDispatcher(engine, ring_lane, free_places)
    consumer.start()
    context.ready()
    _take_over(engine, stopping)
    health_at_s = time.monotonic()
    with bell.Bell(bell.of_syncer(context.settings.data)) as pushes:
        while not stopping.is_set():
            context.alive()
            if time.monotonic() >= health_at_s:
                consumer.check_worker_health()
                health_at_s = time.monotonic() + HEALTH_EVERY_S
            outbox_wait_s = outbox.round()
            contacts.round()
            pushes.wait(min(outbox_wait_s, dispatcher.round()))
    consumer.stop(graceful=True)


class _Threads(Consumer):  # type: ignore[misc]  # huey has no types
    def _set_signal_handlers(self) -> None:
        """The process has its own."""


def _take_over(engine: Engine, stopping: Event) -> None:
    """What the process before this one had in its hands is done anew."""
    while not stopping.is_set():
        try:
            with connected():
                contact_import_work.free(engine.name, now_ms=engine.clock())
                outbox_turns.free(engine.name, now_ms=engine.clock())
                freed = mailboxes.free(engine.name, now_ms=engine.clock())
        except StoreUnavailable:
            stopping.wait(1.0)
            continue
        if freed:
            log.info("mailboxes_taken_over", count=freed)
        return
