"""The capture worker as a process."""

import signal
import time
from pathlib import Path
from threading import Event

import structlog

from crm_store import capture_work, retention
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
RETENTION_EVERY_S = 60.0


def bell_path(settings: Settings) -> Path:
    return settings.data / "run" / "capture.bell"


def run(context: Context) -> None:
    """Until SIGTERM: settle what is due, then sleep until the bell rings or something becomes due."""
    stopping = Event()
    signal.signal(signal.SIGTERM, lambda *_: stopping.set())
    engine.configure(context.settings)
    blobs = blob_store(context.settings)
    worker = CaptureWorker(context.settings, blobs)
    retention_sweep = RetentionSweep()
    with Bell(bell_path(context.settings)) as bell:
        context.ready()
        while not stopping.is_set():
            context.alive()
            bell.wait(_one_round(worker, blobs, retention_sweep))


class RetentionSweep:
    """Once a minute what nobody decided about in time (D4), a slice a round until nothing is left of it."""

    def __init__(self) -> None:
        self._next_s = 0.0

    def sweep(self) -> int:
        """How many captures were ended."""
        if time.monotonic() < self._next_s:
            return 0
        ended = retention.sweep(now_ms=now_ms())
        if ended:
            log.info("captures_ended_by_retention", count=ended)
        else:
            self._next_s = time.monotonic() + RETENTION_EVERY_S
        return ended


def _one_round(worker: CaptureWorker, blobs: BlobStore, retention_sweep: RetentionSweep) -> float:
    """Work one batch; how many seconds there is nothing to do for."""
    try:
        with connected():
            taken = worker.work()
            swept = retention_sweep.sweep() + erasure.sweep(blobs)
            if taken or swept:
                return 0.0
            due_in_ms = capture_work.due_in_ms(now_ms=now_ms())
    except StoreUnavailable:
        log.warning("capture_worker_waits_for_store", exc_info=True)
        return AFTER_FAILURE_S
    return LOOK_EVERY_S if due_in_ms is None else min(LOOK_EVERY_S, due_in_ms / 1000)
