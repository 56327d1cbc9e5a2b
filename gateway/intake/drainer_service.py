"""The drainer as a process."""

import fcntl
import signal
from pathlib import Path
from threading import Event

import structlog

from crm_store.bell import Bell, of_capture_worker, ring
from crm_store.blobs.store import blob_store
from crm_store.database import engine
from crm_store.database.session import connected
from crm_store.errors import StoreUnavailable
from crm_store.process.service import Context
from gateway.intake.drainer import Drainer
from gateway.intake.segment import bell_path

log = structlog.get_logger()

# An acceptor rings after each commit; closed segments and dead acceptors are found by looking this often.
LOOK_EVERY_S = 0.5
AFTER_FAILURE_S = 1.0


def run(context: Context) -> None:
    """Until SIGTERM. Of several on one machine one works, the others stand by."""
    stopping = Event()
    signal.signal(signal.SIGTERM, lambda *_: stopping.set())
    engine.configure(context.settings)
    folder = context.settings.intake_folder
    folder.mkdir(parents=True, exist_ok=True)
    drainer = Drainer(context.settings, blob_store(context.settings))
    with (folder / "drainer.lock").open("ab") as lock, Bell(bell_path(folder)) as bell:
        context.ready()
        alone = False
        while not stopping.is_set():
            context.alive()
            alone = alone or _take(lock.fileno())
            bell.wait(_one_round(drainer, of_capture_worker(context.settings.data)) if alone else LOOK_EVERY_S)


def _take(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _one_round(drainer: Drainer, capture_bell: Path) -> float:
    """Drain what is there; how many seconds to wait for more."""
    try:
        with connected():
            if drainer.drain():
                ring(capture_bell)
    except (StoreUnavailable, OSError) as error:
        # Mail is still taken, and waits in its segments.
        log.warning("drainer_waits_for_store", error=type(error).__name__)
        return AFTER_FAILURE_S
    return LOOK_EVERY_S
