"""Takes captures that are due, reads and authenticates them, and has them decided and filed."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import groupby

import structlog

from crm_store import capture_work, fault_point
from crm_store.blobs.store import BlobStore
from crm_store.capture_work import Claimed, Read
from crm_store.clock import now_ms
from crm_store.errors import StoreUnavailable
from crm_store.mail.read import read
from crm_store.rules.decision import Decision
from crm_store.rules.original import reading_of
from crm_store.rules.verdict import Authenticity, Basis, Verdict
from crm_store.settings import Settings
from gateway.sender_auth.authenticate import Authenticator, Sent
from gateway.sender_auth.checks import Envelope

log = structlog.get_logger()

PATIENCE_MS = 86_400_000  # C4: so long a mail waits for the DNS before a person is asked


class CaptureWorker:
    """One worker; any number of them on any machines may run at once."""

    def __init__(self, settings: Settings, blobs: BlobStore) -> None:
        """Raises SettingsError."""
        self._capture_domains = settings.capture_domains
        self._authenticator = Authenticator(settings)
        self._blobs = blobs

    def close(self) -> None:
        self._authenticator.close()

    def work(self) -> int:
        """Settle one batch of what is due; how many were taken. Raises: StoreUnavailable."""
        claimed = capture_work.claim(now_ms=now_ms())
        if claimed:
            fault_point.reach("worker.after-claim")
        for _, of_location in groupby(sorted(self._reads(claimed), key=_by_location), key=_by_location):
            self._settle(list(of_location))
        return len(claimed)

    def _reads(self, claimed: Sequence[Claimed]) -> list[Read]:
        """Those that could be read and checked; the others wait for another try."""
        opened = list(filter(None, map(self._open, claimed)))
        verdicts = self._authenticator.verdicts([sent for _, sent in opened])
        return list(filter(None, map(self._read, opened, verdicts)))

    def _open(self, claimed: Claimed) -> tuple[Claimed, Sent] | None:
        try:
            raw = self._blobs.read(claimed.blob_sha256)
            envelope = Envelope(claimed.peer, claimed.helo, claimed.envelope_from, claimed.received_at_ms)
            return claimed, Sent(raw, read(raw), envelope)
        except StoreUnavailable:
            raise
        except Exception:  # whatever it is, it is our fault, and it holds up nobody else's mail
            log.exception("capture_failed", capture_id=claimed.id)
            self._put_back(claimed)
            return None

    def _read(self, opened: tuple[Claimed, Sent], verdict: Verdict | None) -> Read | None:
        claimed, sent = opened
        if verdict is None:
            self._put_back(claimed)
            return None
        if verdict.undecided and now_ms() - claimed.received_at_ms >= PATIENCE_MS:
            verdict = replace(verdict, authenticity=Authenticity.NOT_AUTHENTICATED, basis=Basis.DNS_SILENT_FOR_A_DAY)
        return Read(claimed, reading_of(sent.mail, self._capture_domains), verdict)

    def _settle(self, reads: list[Read]) -> None:
        """All in one transaction; if that fails, one by one, so that a poisoned one holds up no other."""
        try:
            fault_point.reach("worker.after-read")
            self._log(reads, capture_work.settle(reads, now_ms=now_ms()))
            fault_point.reach("worker.after-settle-commit")
        except StoreUnavailable:
            raise
        except Exception:
            if len(reads) == 1:
                log.exception("capture_failed", capture_id=reads[0].claimed.id)
                self._put_back(reads[0].claimed)
                return
            for one in reads:
                self._settle([one])

    def _put_back(self, claimed: Claimed) -> None:
        log.warning("capture_put_back", capture_id=claimed.id, attempts=claimed.attempts)
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


def _by_location(read: Read) -> int:
    return read.claimed.location_id
