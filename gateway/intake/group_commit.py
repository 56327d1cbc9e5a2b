"""One thread, one transaction and one flush for all mails that wait.

While one commit runs, the next batch gathers."""

import asyncio
import os
import queue
import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import structlog

from crm_store.errors import Temporary
from gateway.intake import segment
from gateway.intake.acceptor import Acceptor
from gateway.intake.segment import IntakeMail

_ROW_OVERHEAD_BYTES = 512
# For this long after a commit the next one gathers, where mails wait already: a thread that is woken for each single
# mail takes more of the processor than the mail does. Who comes alone does not wait.
_GATHER_S = 0.002

log = structlog.get_logger()


class _Waiting(NamedTuple):
    mail: IntakeMail
    committed: asyncio.Future[None]


class _OpenSegment:
    """The segment that takes rows now."""

    def __init__(self, path: Path, now_s: float) -> None:
        """now_s: monotonic. Raises: OSError, sqlite3.Error."""
        segment.create(path)
        self.path = path
        self._identity = path.stat()
        self._writer = segment.open_for_append(path)
        self._empty = True
        self._filled_at_s = now_s
        self._size_bytes = 0

    def append(self, mails: Sequence[IntakeMail], now_s: float) -> None:
        """Raises: sqlite3.Error, OSError; also where the file is not in its place any more."""
        segment.append(self._writer, mails)
        # SQLite takes rows into a file that was unlinked, without an error.
        if not os.path.samestat(self.path.stat(), self._identity):
            raise FileNotFoundError(f"{self.path.name} is another file")
        if self._empty:
            self._empty, self._filled_at_s = False, now_s
        self._size_bytes += sum(_ROW_OVERHEAD_BYTES + len(mail.body or b"") for mail in mails)

    def full_in_s(self, max_age_s: float, max_bytes: int, now_s: float) -> float | None:
        """Seconds until it must be closed, 0 or less: now. None while it is empty."""
        if self._empty:
            return None
        return 0 if self._size_bytes >= max_bytes else self._filled_at_s + max_age_s - now_s

    def close(self) -> None:
        """Move the log into the file. Takes as long as writing the segment once more."""
        try:
            self._writer.close()
        except sqlite3.Error:  # its rows are in the log, which stays; or it was given up after an error anyhow
            log.warning("intake_segment_not_closed", segment=self.path.name, exc_info=True)


class GroupCommit:
    """The only writer of an acceptor's segments. submit() belongs to the event loop's thread."""

    def __init__(
        self, acceptor: Acceptor, on_commit: Callable[[], None], segment_age_s: float, segment_bytes: int
    ) -> None:
        """on_commit is called in the writer's thread after each commit."""
        self._acceptor = acceptor
        self._on_commit = on_commit
        self._segment_age_s = segment_age_s
        self._segment_bytes = segment_bytes
        self._loop = asyncio.get_running_loop()
        self._queue: queue.SimpleQueue[list[_Waiting] | None] = queue.SimpleQueue()  # None: the last
        self._gathered: list[_Waiting] = []
        self._committing = False
        self._segment: _OpenSegment | None = None
        self._number = 0  # of the newest segment; each attempt takes a new one, so a closed segment stays closed
        self._thread = threading.Thread(target=self._run, name="intake-writer", daemon=True)
        self._thread.start()

    def submit(self, mail: IntakeMail) -> asyncio.Future[None]:
        """The mail is this object's from here on: what becomes of its spool file, too.

        The future is done when the mail is on disk; its error is Temporary."""
        committed: asyncio.Future[None] = self._loop.create_future()
        self._gathered.append(_Waiting(mail, committed))
        if not self._committing:
            self._committing = True
            self._loop.call_soon(self._hand_over)  # with all that come in this turn of the loop
        return committed

    def _hand_over(self) -> None:
        self._queue.put(self._gathered)
        self._gathered = []

    def close(self) -> None:
        """Commit what waits and end; join() waits for that."""
        if self._gathered:
            self._hand_over()
        self._queue.put(None)

    def join(self) -> None:
        self._thread.join()

    def _run(self) -> None:
        going_on = True
        while going_on:
            batch, going_on = self._next_batch()
            if batch:
                self._commit_and_tell(batch)
            elif going_on and self._number and self._segment is None:
                self._rotate()  # the last attempt failed: until one succeeds, the segment before it can't be deleted
            if self._due_in_s() == 0:
                self._rotate()
        if self._segment is not None:
            self._segment.close()

    def _next_batch(self) -> tuple[list[_Waiting], bool]:
        """All that waits, or nothing when it is time to rotate; and whether more may come."""
        try:
            batch = self._queue.get(timeout=self._due_in_s())
        except queue.Empty:
            return [], True
        return batch or [], batch is not None

    def _due_in_s(self) -> float | None:
        """Seconds until a new segment should be opened; None while there is no need of one."""
        if self._segment is None:
            return self._segment_age_s if self._number else None
        full_in_s = self._segment.full_in_s(self._segment_age_s, self._segment_bytes, time.monotonic())
        return None if full_in_s is None else max(0, full_in_s)

    def _rotate(self) -> None:
        try:
            self._open_next()
        except Exception:
            log.warning("intake_segment_not_opened", segment=self._number, exc_info=True)

    def _commit_and_tell(self, batch: list[_Waiting]) -> None:
        error: Exception | None = None
        try:
            self._commit([waiting.mail for waiting in batch])
        except Exception as reason:  # noqa: BLE001  whatever it is, the senders keep their mail and this thread goes on
            error = reason
            self._discard_spool_files(batch)
        try:
            self._loop.call_soon_threadsafe(self._tell, batch, error is not None)
        except RuntimeError:  # the loop has ended: nobody is left to be told
            log.warning("intake_answer_not_wanted", mails=len(batch))
        if error is None:
            self._on_commit()
            # One line for all of them: a line for each cost a tenth of a small mail's time.
            log.info("mails_kept", receipt_ids=[waiting.mail.receipt_id for waiting in batch])
        else:
            log.error("intake_commit_failed", mails=len(batch), exc_info=error)

    def _tell(self, batch: list[_Waiting], failed: bool) -> None:
        for _, committed in batch:
            if committed.done():
                continue
            if failed:
                committed.set_exception(Temporary("the intake could not write"))
            else:
                committed.set_result(None)
        if self._gathered:
            self._loop.call_later(_GATHER_S, self._hand_over)
        else:
            self._committing = False

    def _commit(self, mails: list[IntakeMail]) -> None:
        """Raises: OSError, sqlite3.Error. No segment is open then."""
        try:
            if any(mail.spool for mail in mails):
                segment.sync(segment.spool_folder(self._acceptor.folder))
            if self._segment is None:
                self._open_next()
            try:
                self._append(mails)
            except FileNotFoundError:
                log.warning("intake_segment_vanished", segment=self._number)
                self._open_next()
                self._append(mails)
        except BaseException:
            self._give_up_segment()
            raise

    def _append(self, mails: list[IntakeMail]) -> None:
        assert self._segment is not None
        for mail in mails:
            if mail.spool is not None:  # it is gone when somebody took the folder away: the row must not outlive it
                segment.spool_path(self._acceptor.folder, mail.spool).stat()
        self._segment.append(mails, time.monotonic())

    def _open_next(self) -> None:
        self._give_up_segment()
        self._acceptor.ensure()
        self._number += 1
        self._segment = _OpenSegment(segment.segment_path(self._acceptor.folder, self._number), time.monotonic())

    def _give_up_segment(self) -> None:
        """No row goes into it from here on. Its log is moved by another thread: mails wait in this one."""
        if self._segment is not None:
            threading.Thread(target=self._segment.close, name="intake-segment-close", daemon=True).start()
            self._segment = None

    def _discard_spool_files(self, batch: list[_Waiting]) -> None:
        for waiting in batch:
            if waiting.mail.spool is not None:
                try:
                    segment.spool_path(self._acceptor.folder, waiting.mail.spool).unlink(missing_ok=True)
                except OSError:
                    log.warning("intake_spool_file_left", receipt_id=waiting.mail.receipt_id, exc_info=True)
