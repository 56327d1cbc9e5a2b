"""Named places where a test has a process die, to see that nothing is lost. Nothing is armed in operation.

SUNNYDAY_FAULT_POINT  names from (SYNC_, IMPORT_, SEND_, RELAY_, NOTICE_)POINTS, with commas; "name:3": the third time
                      a process comes by
SUNNYDAY_FAULT_LOG    a file that gets a line for each that struck. Each strikes once: the line outlives the process"""

import fcntl
import os
import signal
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Literal, get_args

from crm_store.errors import SettingsError

Point = Literal[
    "spool.before-flush",
    "spool.after-flush",
    "segment.before-rename",  # a new segment is whole, and has no name yet
    "segment.after-rename",
    "segment.before-commit",
    "segment.after-commit",
    "receiver.before-250",
    "receiver.after-reply",
    "drainer.before-blobs",
    "blobs.before-rename",
    "blobs.before-folder-flush",
    "drainer.after-blobs",
    "drainer.before-crm-commit",
    "drainer.after-crm-commit",
    "drainer.before-spool-unlink",
    "drainer.after-spool-unlink",
    "drainer.before-segment-unlink",
    "drainer.between-segment-files",
    "drainer.after-segment-unlink",
    "worker.before-claim-commit",
    "worker.after-claim",
    "worker.after-read",
    "worker.before-settle-commit",
    "worker.after-settle-commit",
    "erasure.before-file",  # the row is deleted and not committed
    "erasure.after-file",
    "erasure.after-commit",
]
# On the Gmail path.
SyncPoint = Literal[
    "sync.after-claim",
    "sync.after-history-page",
    "sync.after-note-commit",
    "sync.after-compare-commit",
    "sync.after-backfill-page",
    "sync.after-backfill-commit",
    "sync.after-look",
    "sync.after-fetch",
    "sync.before-settle-commit",
    "sync.after-settle-commit",
    "sync.before-marking",
    "sync.after-marking",  # Gmail shows it as read, and nothing here tells that
    "sync.after-marking-commit",
    "sync.after-finish",
]
# On the way of contacts from Google.
ImportPoint = Literal[
    "import.after-claim",
    "import.after-page",
    "import.before-commit",
    "import.after-commit",
]
# On the way of mail that the CRM sends.
SendPoint = Literal[
    "send.after-take",
    "send.before-begin-commit",
    "send.after-begin-commit",
    "send.after-answer",  # Gmail has it, and nobody here knows
    "send.after-read-back",
    "send.after-look",
    "send.after-put-back-commit",
    "send.after-unsure-commit",
    "send.after-failed-commit",
    "send.before-sent-commit",
    "send.after-sent-commit",
]
# And there, of what a location's own provider carries.
RelayPoint = Literal[
    "relay.after-content",  # all but the dot; nothing is committed
    "relay.after-answer",  # the relay has it, and nobody here knows
]
# On the way of mail that the product sends of itself.
NoticePoint = Literal[
    "digest.before-commit",
    "digest.after-commit",
]
POINTS: tuple[str, ...] = get_args(Point)
SYNC_POINTS: tuple[str, ...] = get_args(SyncPoint)
IMPORT_POINTS: tuple[str, ...] = get_args(ImportPoint)
SEND_POINTS: tuple[str, ...] = get_args(SendPoint)
RELAY_POINTS: tuple[str, ...] = get_args(RelayPoint)
NOTICE_POINTS: tuple[str, ...] = get_args(NoticePoint)
_ALL = frozenset((*POINTS, *SYNC_POINTS, *IMPORT_POINTS, *SEND_POINTS, *RELAY_POINTS, *NOTICE_POINTS))


class _Armed:
    """strikes: for each name the times to strike at, each with the word that asked for it."""

    def __init__(self, words: list[str], log: Path) -> None:
        self._log = log
        self._lock = threading.Lock()
        self._reached: dict[str, int] = {}
        self._strikes: dict[str, dict[int, str]] = {}
        for word in words:
            name, colon, times = word.partition(":")
            if name not in _ALL or (colon and not times.isdecimal()):
                raise SettingsError(f"SUNNYDAY_FAULT_POINT: there is no {word!r}; crm_store/fault_point.py lists all.")
            self._strikes.setdefault(name, {})[int(times or 1)] = word

    def reach(self, name: str) -> None:
        with self._lock:
            self._reached[name] = self._reached.get(name, 0) + 1
            word = self._strikes.get(name, {}).get(self._reached[name])
            if word is not None and self._is_first(word):
                os.kill(os.getpid(), signal.SIGKILL)

    def _is_first(self, word: str) -> bool:
        """Of all processes, those before a restart included: the log tells."""
        with self._log.open("a+") as log:
            fcntl.flock(log, fcntl.LOCK_EX)
            log.seek(0)
            if word in log.read().split():
                return False
            log.write(f"{word}\n")
        return True


def _armed(environ: Mapping[str, str]) -> _Armed | None:
    """None: nothing is to strike. Raises: SettingsError."""
    words = [word.strip() for word in environ.get("SUNNYDAY_FAULT_POINT", "").split(",") if word.strip()]
    if not words:
        return None
    log = environ.get("SUNNYDAY_FAULT_LOG")
    if not log:
        raise SettingsError("SUNNYDAY_FAULT_LOG is missing: without it a point would strike for ever.")
    return _Armed(words, Path(log))


_here = _armed(os.environ)


def reach(name: Point | SyncPoint | ImportPoint | SendPoint | RelayPoint | NoticePoint) -> None:
    """Die here by SIGKILL, if that is asked for."""
    if _here is not None:
        _here.reach(name)
