"""The capture worker as a process."""

import signal
from pathlib import Path
from threading import Event

import structlog

from crm_store import capture_work
from crm_store.bell import Bell
from crm_store.blobs import erasure
from crm_store.blobs.store import BlobStore, blob_store
from crm_store.clock import now_ms
from crm_store.database import engine
from crm_store.database.session import connected
from crm_store.errors import StoreUnavailable
from crm_store.process.service import Context
from crm_store.settings import Settings
from gateway.capture.worker import CaptureWorker

log = structlog.get_logger()

# On one machine the drainer rings. What other machines drained is found by looking this often.
LOOK_EVERY_S = 0.5
AFTER_FAILURE_S = 1.0


def bell_path(settings: Settings) -> Path:
    return settings.data / "run" / "capture.bell"


def run(context: Context) -> None:
    """Until SIGTERM: settle what is due, then sleep until the bell rings or something becomes due."""
    stopping = Event()
    signal.signal(signal.SIGTERM, lambda *_: stopping.set())
    engine.configure(context.settings)
    blobs = blob_store(context.settings)
    worker = CaptureWorker(context.settings, blobs)
    with Bell(bell_path(context.settings)) as bell:
        context.ready()
        while not stopping.is_set():
            context.alive()
            bell.wait(_one_round(worker, blobs))


def _one_round(worker: CaptureWorker, blobs: BlobStore) -> float:
    """Work one batch; how many seconds there is nothing to do for."""
    try:
        with connected():
            taken = worker.work()
            swept = erasure.sweep(blobs)
            if taken or swept:
                return 0.0
            due_in_ms = capture_work.due_in_ms(now_ms=now_ms())
    except StoreUnavailable:
        log.warning("capture_worker_waits_for_store", exc_info=True)
        return AFTER_FAILURE_S
    return LOOK_EVERY_S if due_in_ms is None else min(LOOK_EVERY_S, due_in_ms / 1000)
