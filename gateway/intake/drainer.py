"""Moves accepted mail from the intake's segments into the CRM, and deletes a segment once all of it is there.

It only reads segments. What it has moved it knows from the CRM itself: a pass that is cut off is simply repeated."""

import shutil
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import structlog

from crm_store import fault_point, receiving
from crm_store.blobs.store import BlobStore
from crm_store.clock import now_ms
from crm_store.errors import StoreUnavailable
from crm_store.mail.clean_text import clean_line
from crm_store.mail.read import read
from crm_store.receiving import ReceivedMail
from crm_store.return_paths import ReturnPaths
from crm_store.rules.original import reading_of
from crm_store.settings import Settings
from gateway.intake import segment as segments
from gateway.intake.segment import IntakeRow

log = structlog.get_logger()

BATCH_ROWS = 64
RETRY_STUCK_MS = 60_000


@dataclass(slots=True)
class _Progress:
    """How far one segment is moved. stuck: rows that could not be, which keep the segment."""

    after_seq: int = 0
    stuck: dict[int, int] = field(default_factory=dict)  # seq → when to try again


class Drainer:
    """One a machine. Its memory is a shortcut only: a new one finds out by asking the CRM."""

    def __init__(self, settings: Settings, blobs: BlobStore) -> None:
        self._settings = settings
        self._blobs = blobs
        self._returns = ReturnPaths.of(settings)
        self._progress: dict[Path, _Progress] = {}

    def drain(self) -> int:
        """Move what is there; how many mails were new to the CRM. Raises: StoreUnavailable."""
        return sum(map(self._drain_acceptor, segments.acceptors(self._settings.intake_folder)))

    def _drain_acceptor(self, acceptor: Path) -> int:
        dead = segments.is_dead(acceptor)  # asked before its segments are listed: it can't add one after that
        listed = segments.segments(acceptor)
        moved = 0
        gone = 0
        for number, path in enumerate(listed, 1):
            closed = dead or number < len(listed)
            try:
                moved += self._drain_segment(acceptor, path)
            except sqlite3.Error:
                log.exception("segment_unreadable", segment=path.name, acceptor=acceptor.name)
                continue  # it is kept for a person to look at, and the others go on
            if closed and not self._progress[path].stuck:
                self._delete(path)
                gone += 1
        if dead and gone == len(listed):
            # Spool files of mails that were never committed, and so never answered with 250, go with it.
            shutil.rmtree(acceptor, ignore_errors=True)
        return moved

    def _drain_segment(self, acceptor: Path, path: Path) -> int:
        progress = self._progress.setdefault(path, _Progress())
        moved = self._retry_stuck(acceptor, path, progress)
        while rows := segments.read_rows(path, progress.after_seq, BATCH_ROWS):
            moved += self._move(acceptor, rows, progress)
            progress.after_seq = rows[-1].seq
        return moved

    def _retry_stuck(self, acceptor: Path, path: Path, progress: _Progress) -> int:
        due = [seq for seq, at_ms in progress.stuck.items() if at_ms <= now_ms()]
        rows = [row for seq in due for row in segments.read_rows(path, seq - 1, 1)]
        for seq in due:
            del progress.stuck[seq]
        return sum(self._move(acceptor, [row], progress) for row in rows)

    def _move(self, acceptor: Path, rows: Sequence[IntakeRow], progress: _Progress) -> int:
        """One CRM transaction for all of them; where that fails one each, so that a poisoned one holds up no other."""
        known = receiving.known([row.receipt_id for row in rows])
        try:
            mails = [mail for row in rows if row.receipt_id not in known if (mail := self._received(acceptor, row))]
            moved = receiving.receive(mails, self._blobs, now_ms=now_ms()) if mails else 0
        except StoreUnavailable:
            raise
        except Exception:  # whatever it is, it is our fault: the segment keeps what was not moved
            if len(rows) > 1:
                return sum(self._move(acceptor, [row], progress) for row in rows)
            log.exception("mail_not_drained", receipt_id=rows[0].receipt_id)
            progress.stuck[rows[0].seq] = now_ms() + RETRY_STUCK_MS
            return 0
        for row in rows:
            if row.spool is not None:
                fault_point.reach("drainer.before-spool-unlink")
                segments.spool_path(acceptor, row.spool).unlink(missing_ok=True)
                fault_point.reach("drainer.after-spool-unlink")
        return moved

    def _received(self, acceptor: Path, row: IntakeRow) -> ReceivedMail | None:
        """None: its spool file is missing, so it was answered with 451 and the sender still has it."""
        content: bytes | Path
        if row.body is not None:
            content = raw = row.body
        else:
            content = segments.spool_path(acceptor, str(row.spool))
            try:
                raw = content.read_bytes()
            except FileNotFoundError:
                log.warning("spool_file_missing", receipt_id=row.receipt_id)
                return None
        mail = read(raw)
        return ReceivedMail(
            intake_id=row.receipt_id,
            received_at_ms=row.envelope.received_at_ms,
            envelope_from=clean_line(row.envelope.mail_from),
            peer=row.envelope.peer,
            helo=clean_line(row.envelope.helo),
            recipients=row.envelope.recipients,
            content=content,
            size_bytes=row.size_bytes,
            sha256=row.sha256,
            mail=mail,
            reading=reading_of(mail, self._settings.capture_domains),
            returned_to=self._returns.tokens_of(row.envelope.recipients, now_ms=row.envelope.received_at_ms),
        )

    def _delete(self, path: Path) -> None:
        fault_point.reach("drainer.before-segment-unlink")
        for file in segments.segment_files(path):
            file.unlink(missing_ok=True)
            fault_point.reach("drainer.between-segment-files")
        fault_point.reach("drainer.after-segment-unlink")
        del self._progress[path]
