"""The accepting half of the intake: what put() has returned is on disk (design.md 3)."""

import asyncio
import os
import time
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

from crm_store import bell, clock
from crm_store.errors import IntakeFull, Temporary
from crm_store.ids import new_receipt_id
from gateway.intake import segment, spool
from gateway.intake.acceptor import Acceptor
from gateway.intake.envelope import Envelope
from gateway.intake.group_commit import GroupCommit
from gateway.intake.segment import IntakeMail

RESERVE_BYTES = 64 * 1024 * 1024  # and one mail of the largest size: with less no mail is taken
_SPOOL_THREADS = 8  # as many spool files are flushed at once; a flush waits for the disk, not for a core


class Intake:
    """One acceptor. Made, used and closed on the event loop."""

    def __init__(
        self,
        intake_folder: Path,
        max_mail_bytes: int,
        *,
        segment_age_s: float = 10,
        segment_bytes: int = 64 * 1024 * 1024,
        max_backlog_bytes: int | None = None,
    ) -> None:
        """max_backlog_bytes: of mail that waits for the CRM, of all acceptors here; None: what the disk holds."""
        self._folder = intake_folder
        self._acceptor = Acceptor(intake_folder, new_receipt_id(clock.now_ms()))
        bell_path = segment.bell_path(intake_folder)
        self._writer = GroupCommit(self._acceptor, lambda: bell.ring(bell_path), segment_age_s, segment_bytes)
        self._threads = ThreadPoolExecutor(_SPOOL_THREADS, "spool")
        self._reserve_bytes = RESERVE_BYTES + max_mail_bytes
        self._max_backlog_bytes = max_backlog_bytes
        self._backlog_bytes = 0
        self._free_bytes = 0
        self._looked_at_s = -1.0

    @property
    def acceptor_folder(self) -> Path:
        return self._acceptor.folder

    def prepare(self) -> None:
        """Take the place in the intake before the first mail comes. Where the disk fails, that comes with the mail."""
        with suppress(OSError):
            self._acceptor.ensure()

    def check_room(self) -> None:
        """Raises: IntakeFull when the disk is nearly full, or too much waits. Looks at most once a second."""
        now_s = time.monotonic()
        if now_s - self._looked_at_s >= 1:
            self._looked_at_s = now_s
            self._free_bytes = _free_bytes(self._folder)
        if self._free_bytes < self._reserve_bytes:
            raise IntakeFull(f"{self._free_bytes} bytes are free, {self._reserve_bytes} are kept in reserve")
        if self._max_backlog_bytes is not None and self._backlog_bytes >= self._max_backlog_bytes:
            raise IntakeFull(f"{self._backlog_bytes} bytes wait for the CRM")

    async def measure_backlog(self) -> None:
        """To be called every few seconds: what waits is many files when the CRM's database is away for hours."""
        with suppress(OSError):
            self._backlog_bytes = await asyncio.to_thread(segment.backlog_bytes, self._folder)

    async def put(self, envelope: Envelope, chunks: AsyncIterator[bytes]) -> str:
        """Take one mail; its receipt id, when it is on disk. Cancelled behind its last chunk, it may be kept.

        Raises: Temporary when it could not be kept, or an OSError came from chunks; any other error of chunks."""
        receipt_id = new_receipt_id(envelope.received_at_ms)
        try:
            mail = await spool.collect(chunks, lambda: self._spool_path(receipt_id), self._threads)
        except OSError as error:
            raise Temporary("the intake could not write") from error
        spool_file = None if mail.body is not None else receipt_id
        committed = self._writer.submit(
            IntakeMail(receipt_id, envelope, mail.size_bytes, mail.sha256, mail.body, spool_file)
        )
        await committed  # the writer has the mail: a sender who goes away now changes nothing
        return receipt_id

    def _spool_path(self, receipt_id: str) -> Path:
        """Where a large mail goes; the folder is there. Raises: OSError."""
        self._acceptor.ensure()
        return segment.spool_path(self._acceptor.folder, receipt_id)

    async def close(self) -> None:
        """Commit what waits and let the drainer know that no more comes. No put() may begin after this."""
        self._writer.close()
        await asyncio.to_thread(self._wait_for_end)

    def _wait_for_end(self) -> None:
        self._threads.shutdown()
        self._writer.join()
        self._acceptor.release()
        bell.ring(segment.bell_path(self._folder))


def _free_bytes(folder: Path) -> int:
    """Free for us on the disk that holds folder, or will hold it once it is made."""
    while True:
        try:
            disk = os.statvfs(folder)
        except FileNotFoundError:
            folder = folder.absolute().parent
        else:
            return disk.f_bavail * disk.f_frsize
