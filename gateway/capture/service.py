"""The capture worker as a process."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Sequence
from threading import Event

import structlog

from crm_store import capture_work, drafts, queue_digests, retention
from crm_store.bell import Bell, of_capture_worker
from crm_store.blobs import erasure
from crm_store.blobs.store import BlobStore, blob_store
from crm_store.clock import now_ms
from crm_store.database import engine
from crm_store.database.session import connected
from crm_store.digest_links import DigestLinks
from crm_store.errors import StoreUnavailable
from crm_store.process.service import Context
from crm_store.queue_digests import Links
from crm_store.search import filling
from crm_store.settings import Settings
from gateway.capture.worker import CaptureWorker

log = structlog.get_logger()

# On one machine the drainer rings. What other machines drained is found by looking this often.
LOOK_EVERY_S = 0.5
AFTER_FAILURE_S = 1.0
RETENTION_EVERY_S = 60.0
DIGESTS_EVERY_S = 60.0
UNFINISHED_EVERY_S = 10.0
SEARCH_EVERY_S = 60.0


def run(context: Context) -> None:
    """Until SIGTERM: settle what is due, then sleep until the bell rings or something becomes due."""
    stopping = Event()
    signal.signal(signal.SIGTERM, lambda *_: stopping.set())
    engine.configure(context.settings)
    blobs = blob_store(context.settings)
    worker = CaptureWorker(context.settings, blobs)
    regular = sweeps(context.settings, blobs)
    with Bell(of_capture_worker(context.settings.data)) as bell:
        context.ready()
        while not stopping.is_set():
            context.alive()
            bell.wait(_one_round(worker, blobs, regular))


def sweeps(settings: Settings, blobs: BlobStore) -> list[Regular]:
    """All that is done every so often beside the captures."""
    links = Links(settings.base_url, off=DigestLinks.of(settings).address)
    return [
        Regular(RETENTION_EVERY_S, "captures_ended_by_retention", lambda: retention.sweep(now_ms=now_ms())),
        Regular(RETENTION_EVERY_S, "drafts_erased", lambda: drafts.sweep(now_ms=now_ms())),
        Regular(SEARCH_EVERY_S, "search_filled", lambda: filling.sweep(now_ms=now_ms())),
        Regular(DIGESTS_EVERY_S, "digests_settled", lambda: queue_digests.sweep(blobs, links, now_ms=now_ms())),
        Regular(UNFINISHED_EVERY_S, "unfinished_blobs_cleared", blobs.clear_unfinished),
    ]


class Regular:
    """A sweep that is due every so often: a slice a round until nothing is left for it."""

    def __init__(self, every_s: float, event: str, sweep: Callable[[], int]) -> None:
        self._every_s = every_s
        self._event = event
        self._sweep = sweep
        self._next_s = 0.0

    def sweep(self) -> int:
        """How much was done."""
        if time.monotonic() < self._next_s:
            return 0
        done = self._sweep()
        if done:
            log.info(self._event, count=done)
        else:
            self._next_s = time.monotonic() + self._every_s
        return done


def _one_round(worker: CaptureWorker, blobs: BlobStore, regular: Sequence[Regular]) -> float:
    """Work one batch; how many seconds there is nothing to do for."""
    try:
        with connected():
            taken = worker.work()
            swept = sum(one.sweep() for one in regular) + erasure.sweep(blobs)
            if taken or swept:
                return 0.0
            due_in_ms = capture_work.due_in_ms(now_ms=now_ms())
    except StoreUnavailable:
        log.warning("capture_worker_waits_for_store", exc_info=True)
        return AFTER_FAILURE_S
    return LOOK_EVERY_S if due_in_ms is None else min(LOOK_EVERY_S, due_in_ms / 1000)
