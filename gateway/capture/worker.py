"""Takes captures that are due, reads and authenticates them, and has them decided and filed."""

from collections.abc import Iterable
from itertools import groupby

import structlog

from crm_store import capture_work, fault_point
from crm_store.blobs.store import BlobStore
from crm_store.capture_work import Claimed, Read
from crm_store.clock import now_ms
from crm_store.errors import StoreUnavailable
from crm_store.mail.read import read
from crm_store.rules.decision import Decision
from crm_store.rules.parties import parties_of
from crm_store.settings import Settings
from gateway.sender_auth.authenticate import authenticate

log = structlog.get_logger()


class CaptureWorker:
    """One worker; any number of them on any machines may run at once."""

    def __init__(self, settings: Settings, blobs: BlobStore) -> None:
        self._settings = settings
        self._blobs = blobs

    def work(self) -> int:
        """Settle one batch of what is due; how many were taken. Raises: StoreUnavailable."""
        claimed = capture_work.claim(now_ms=now_ms())
        if claimed:
            fault_point.reach("worker.after-claim")
        for _, of_location in groupby(sorted(claimed, key=_by_location), key=_by_location):
            self._settle(list(filter(None, map(self._read, of_location))))
        return len(claimed)

    def _read(self, claimed: Claimed) -> Read | None:
        """None: it could not be read now, and waits for another try."""
        try:
            mail = read(self._blobs.read(claimed.blob_sha256))
            verdict = authenticate(claimed.peer, self._settings.trusted_relays)
            return Read(claimed, mail, parties_of(mail, self._settings.capture_domains), verdict)
        except StoreUnavailable:
            raise
        except Exception:  # noqa: BLE001  # whatever it is, it is our fault, and it holds up nobody else's mail
            self._put_back(claimed)
            return None

    def _settle(self, reads: list[Read]) -> None:
        """All in one transaction; if that fails, one by one, so that a poisoned one holds up no other."""
        if not reads:
            return
        try:
            fault_point.reach("worker.after-read")
            self._log(reads, capture_work.settle(reads, now_ms=now_ms()))
            fault_point.reach("worker.after-settle-commit")
        except StoreUnavailable:
            raise
        except Exception:  # noqa: BLE001
            if len(reads) == 1:
                self._put_back(reads[0].claimed)
                return
            for one in reads:
                self._settle([one])

    def _put_back(self, claimed: Claimed) -> None:
        log.exception("capture_failed", capture_id=claimed.id, attempts=claimed.attempts)
        capture_work.put_back(claimed, now_ms=now_ms())

    def _log(self, reads: Iterable[Read], decisions: Iterable[Decision]) -> None:
        for one, decision in zip(reads, decisions, strict=True):
            log.info(
                "capture_decided",
                capture_id=one.claimed.id,
                location_id=one.claimed.location_id,
                outcome=str(decision.outcome),
                rule=str(decision.rule),
            )


def _by_location(claimed: Claimed) -> int:
    return claimed.location_id
