"""Blobs as files: blobs/abc/abcdef…, written in blobs/unfinished, flushed, then named.

Whoever writes a file there holds its lock; the kernel frees it, also on kill -9, so what is not locked is nobody's."""

import fcntl
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from functools import cache
from itertools import islice
from pathlib import Path
from typing import BinaryIO, TypeVar

from peewee import chunked

from crm_store import fault_point
from crm_store.blobs.store import NewBlob
from crm_store.errors import NotFound, StoreUnavailable

_PREFIX = 3  # 4,096 folders: some 2,400 files in each at ten million
_UNFINISHED = "unfinished"
_CLEARED_AT_ONCE = 100
_OPEN_AT_ONCE = 64
_FLUSHES_AT_ONCE = 8
_FEW = 3

T = TypeVar("T")


class FileBlobs:
    """A BlobStore in one folder of a local file system. It makes what folders it lacks."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, blobs: Sequence[NewBlob]) -> None:
        try:
            folders = {folder for some in chunked(blobs, _OPEN_AT_ONCE) for folder in self._put_some(some)}
            fault_point.reach("blobs.before-folder-flush")
            # Also what was there before us: whoever made it may not have come to this line, or died before it.
            above = [self._folder, self._folder.absolute().parent] if folders else []
            _at_once(_flush_folder, [*folders, *above])
        except OSError as error:
            raise StoreUnavailable(f"the blob folder cannot be written: {error.strerror}") from error

    def missing(self, sha256s: Sequence[bytes]) -> list[bytes]:
        return [sha256 for sha256 in sha256s if not self._path(sha256).exists()]

    def read(self, sha256: bytes) -> bytes:
        try:
            return self._path(sha256).read_bytes()
        except FileNotFoundError as error:
            raise NotFound("no such blob") from error
        except OSError as error:
            raise StoreUnavailable(f"the blob cannot be read: {error.strerror}") from error

    def delete(self, sha256: bytes) -> None:
        try:
            self._path(sha256).unlink(missing_ok=True)
        except OSError as error:
            raise StoreUnavailable(f"the blob cannot be deleted: {error.strerror}") from error

    def clear_unfinished(self) -> int:
        try:
            with os.scandir(self._folder / _UNFINISHED) as entries:
                paths = [Path(entry.path) for entry in islice(entries, _CLEARED_AT_ONCE)]
            return sum(map(_unlink_if_nobodys, paths))
        except FileNotFoundError:
            return 0
        except OSError as error:
            raise StoreUnavailable(f"the blob folder cannot be cleared: {error.strerror}") from error

    def _path(self, sha256: bytes) -> Path:
        name = sha256.hex()
        return self._folder / name[:_PREFIX] / name

    def _put_some(self, blobs: Iterable[NewBlob]) -> set[Path]:
        """All are written before the first is waited for: so the disk has them in few turns. Their folders."""
        contents = {self._path(blob.sha256): blob.content for blob in blobs}
        folders = {path.parent for path in contents}
        for folder in folders:
            folder.mkdir(parents=True, exist_ok=True)
        missing = {self._temporary(path): path for path in contents if not path.exists()}
        try:
            with ExitStack() as files:
                written = [files.enter_context(_written(new, contents[path])) for new, path in missing.items()]
                _at_once(os.fsync, [file.fileno() for file in written if file is not None])
                for temporary, path in missing.items():
                    fault_point.reach("blobs.before-rename")
                    temporary.rename(path)
        except BaseException:
            for temporary in missing:
                temporary.unlink(missing_ok=True)
            raise
        return folders

    def _temporary(self, path: Path) -> Path:
        unfinished = self._folder / _UNFINISHED
        unfinished.mkdir(exist_ok=True)
        return unfinished / f"{path.name}.{os.urandom(6).hex()}"


@contextmanager
def _written(path: Path, content: bytes | Path) -> Iterator[BinaryIO | None]:
    """The bytes are on their way to the disk under this name, and it is ours for the block. None: they are there.

    A sweep that comes between the making and the lock takes the name away: OSError, and trying again helps."""
    linked = isinstance(content, Path) and _linked(path, content)
    with path.open("r+b" if linked else "xb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        if not linked:
            file.write(content.read_bytes() if isinstance(content, Path) else content)
            file.flush()
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)  # Linux begins to write it
        yield None if linked else file


def _linked(path: Path, content: Path) -> bool:
    """A second name for the spool file: its bytes are on disk already, and 25 MB are not copied."""
    try:
        path.hardlink_to(content)
    except OSError:  # another file system, or one without hard links
        return False
    return True


def _unlink_if_nobodys(path: Path) -> bool:
    try:
        with path.open("r+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            path.unlink()
    except (FileNotFoundError, BlockingIOError):  # it got its place, or is about to
        return False
    return True


def _at_once(flush: Callable[[T], None], these: Sequence[T]) -> None:
    """A file system commits what is waiting for it in one go; one after the other each waits for a commit of its own.
    Measured: 16 small files in a tenth to a third of the time. Raises: OSError."""
    if len(these) <= _FEW:
        for one in these:
            flush(one)
        return
    for _ in _threads(os.getpid()).map(flush, these):
        pass


@cache
def _threads(_process_id: int) -> ThreadPoolExecutor:
    """A process that was forked has none of the threads of the one before it."""
    return ThreadPoolExecutor(_FLUSHES_AT_ONCE, thread_name_prefix="flush")


def _flush_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
