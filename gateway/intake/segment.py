"""The intake on disk, as acceptors write it and the drainer reads it.

    <intake>/drainer.bell                      rung after each commit
    <intake>/acceptors/<acceptor id>/lock      flocked (LOCK_EX) as long as the acceptor lives
                                     000001.sqlite3, 000002.sqlite3 …
                                     spool/<receipt id>

An acceptor is one process, its id a new ULID per start. It alone writes its segments, and only at their ends; one is
closed for ever as soon as a later one exists or the lock is free. Names that begin with a dot are not there yet.
A row whose spool file is missing was answered with 451: its commit failed half-way, and the sender has the mail."""

import fcntl
import json
import os
import sqlite3
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from crm_store import fault_point
from gateway.intake.envelope import Envelope

SUFFIX = ".sqlite3"
_SPOOL = "spool"
SMALL_MAIL_BYTES = 256 * 1024  # up to here a mail lives in its row, beyond in a spool file

_SCHEMA = """
CREATE TABLE mail (
    seq INTEGER PRIMARY KEY,  -- 1, 2, 3 … in the order of commits
    receipt_id TEXT NOT NULL UNIQUE,
    received_at_ms INTEGER NOT NULL,
    peer TEXT NOT NULL,
    helo TEXT NOT NULL,
    tls INTEGER NOT NULL,
    mail_from TEXT NOT NULL,
    recipients TEXT NOT NULL,  -- a JSON array of strings
    size_bytes INTEGER NOT NULL,
    sha256 BLOB NOT NULL,
    body BLOB,
    spool TEXT,  -- a file's name in spool/
    CHECK ((body IS NULL) <> (spool IS NULL))
)"""
_INSERT = """
INSERT INTO mail (receipt_id, received_at_ms, peer, helo, tls, mail_from, recipients, size_bytes, sha256, body, spool)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"""
_SELECT = """
SELECT seq, receipt_id, received_at_ms, peer, helo, tls, mail_from, recipients, size_bytes, sha256, body, spool
FROM mail WHERE seq > ? ORDER BY seq LIMIT ?"""


class IntakeMail(NamedTuple):
    """One mail that is about to be committed. Exactly one of body and spool is not None; sha256 is of the raw mail."""

    receipt_id: str
    envelope: Envelope
    size_bytes: int
    sha256: bytes
    body: bytes | None
    spool: str | None


class IntakeRow(NamedTuple):
    """One committed mail. seq: its place in the segment, from 1. Exactly one of body and spool is not None."""

    seq: int
    receipt_id: str
    envelope: Envelope
    size_bytes: int
    sha256: bytes
    body: bytes | None
    spool: str | None


def bell_path(intake_folder: Path) -> Path:
    return intake_folder / "drainer.bell"


def acceptors_folder(intake_folder: Path) -> Path:
    return intake_folder / "acceptors"


def acceptors(intake_folder: Path) -> list[Path]:
    """The folders of all acceptors, dead ones too, oldest first."""
    try:
        with os.scandir(acceptors_folder(intake_folder)) as entries:
            names = sorted(entry.name for entry in entries if not entry.name.startswith("."))
    except FileNotFoundError:
        return []
    return [acceptors_folder(intake_folder) / name for name in names]


def lock_path(acceptor: Path) -> Path:
    return acceptor / "lock"


def spool_folder(acceptor: Path) -> Path:
    return acceptor / _SPOOL


def spool_path(acceptor: Path, name: str) -> Path:
    return spool_folder(acceptor) / name


def segment_path(acceptor: Path, number: int) -> Path:
    return acceptor / f"{number:06d}{SUFFIX}"


def segments(acceptor: Path) -> list[Path]:
    """The acceptor's segments, oldest first. All but the last are closed; whether that one is, is_dead() tells."""
    try:
        with os.scandir(acceptor) as entries:
            names = [e.name for e in entries if e.name.endswith(SUFFIX) and not e.name.startswith(".")]
    except FileNotFoundError:
        return []
    return [acceptor / name for name in sorted(names, key=lambda name: (len(name), name))]


def backlog_bytes(intake_folder: Path) -> int:
    """What all segments and spool files take on disk. Raises: OSError."""
    return sum(
        _files_bytes(folder) for acceptor in acceptors(intake_folder) for folder in (acceptor, spool_folder(acceptor))
    )


def _files_bytes(folder: Path) -> int:
    total = 0
    with suppress(FileNotFoundError), os.scandir(folder) as entries:
        for entry in entries:
            with suppress(FileNotFoundError):  # drained under our eyes
                if entry.is_file() and (SUFFIX in entry.name or folder.name == _SPOOL):
                    total += entry.stat().st_size
    return total


def segment_files(segment: Path) -> tuple[Path, Path, Path]:
    """The segment and SQLite's two companions, in the order to unlink them: what a crash leaves is still a segment."""
    return segment.with_name(segment.name + "-wal"), segment.with_name(segment.name + "-shm"), segment


def is_dead(acceptor: Path) -> bool:
    """Whether the acceptor is gone for good: the kernel frees its lock, also on kill -9."""
    try:
        lock = os.open(lock_path(acceptor), os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return True
    try:
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    else:
        return True
    finally:
        os.close(lock)


def read_rows(segment: Path, after_seq: int, limit: int) -> list[IntakeRow]:
    """Committed rows behind after_seq (0: from the start), in the order of commits, at most limit.

    Raises: sqlite3.Error where the file is missing or damaged."""
    # Read only: the last reader to close must not move the log into the file, as SQLite does by default.
    reader = sqlite3.connect(f"{segment.absolute().as_uri()}?mode=ro", uri=True, timeout=5, isolation_level=None)
    try:
        return [_row(*values) for values in reader.execute(_SELECT, (after_seq, limit))]
    finally:
        reader.close()


def create(segment: Path) -> None:
    """Make an empty segment, durably, under a name that no reader knows before it is whole.

    Raises: OSError, sqlite3.Error."""
    unfinished = segment.with_name(f".{segment.name}")
    # PRAGMA journal_mode=wal does not use the busy handler: it must not meet a reader.
    writer = sqlite3.connect(unfinished, isolation_level=None)
    try:
        try:
            writer.execute("PRAGMA journal_mode=wal").fetchone()
            writer.execute(_SCHEMA)
        finally:
            writer.close()  # the only connection: this moves the log into the file and removes it
        sync(unfinished)
        fault_point.reach("segment.before-rename")
        unfinished.rename(segment)
        fault_point.reach("segment.after-rename")
    except BaseException:
        for file in segment_files(unfinished):
            file.unlink(missing_ok=True)
        raise
    sync(segment.parent)


def open_for_append(segment: Path) -> sqlite3.Connection:
    """The one writer's connection; it may be handed from thread to thread. Each transaction is flushed (FULL)."""
    writer = sqlite3.connect(
        f"{segment.absolute().as_uri()}?mode=rw", uri=True, isolation_level=None, check_same_thread=False
    )
    writer.execute("PRAGMA synchronous=FULL")
    # A checkpoint would stop the mails that wait; a segment ends at 64 MB, and its log with it.
    writer.execute("PRAGMA wal_autocheckpoint=0")
    return writer


def append(writer: sqlite3.Connection, mails: Sequence[IntakeMail]) -> None:
    """Add mails in one transaction. All are on disk when this returns, or none. Raises: sqlite3.Error."""
    writer.execute("BEGIN IMMEDIATE")
    try:
        writer.executemany(_INSERT, map(_values, mails))
        fault_point.reach("segment.before-commit")
        writer.execute("COMMIT")
        fault_point.reach("segment.after-commit")
    except BaseException:
        if writer.in_transaction:
            writer.execute("ROLLBACK")
        raise


def sync(path: Path) -> None:
    """fsync a file, or a folder's names."""
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _values(mail: IntakeMail) -> tuple[object, ...]:
    said = mail.envelope
    return (
        mail.receipt_id,
        said.received_at_ms,
        said.peer,
        said.helo,
        said.tls,
        said.mail_from,
        json.dumps(said.recipients),
        mail.size_bytes,
        mail.sha256,
        mail.body,
        mail.spool,
    )


def _row(
    seq: int,
    receipt_id: str,
    received_at_ms: int,
    peer: str,
    helo: str,
    tls: int,
    mail_from: str,
    recipients: str,
    size_bytes: int,
    sha256: bytes,
    body: bytes | None,
    spool: str | None,
) -> IntakeRow:
    envelope = Envelope(mail_from, tuple(json.loads(recipients)), peer, helo, bool(tls), received_at_ms)
    return IntakeRow(seq, receipt_id, envelope, size_bytes, sha256, body, spool)
