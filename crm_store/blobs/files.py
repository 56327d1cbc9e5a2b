"""Blobs as files: blobs/abc/abcdef…, written beside their place, flushed, then named."""

import os
from collections.abc import Sequence
from pathlib import Path

from crm_store import fault_point
from crm_store.blobs.store import NewBlob
from crm_store.errors import NotFound, StoreUnavailable

_PREFIX = 3  # 4,096 folders: some 2,400 files in each at ten million


class FileBlobs:
    """A BlobStore in one folder of a local file system. It makes what folders it lacks."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, blobs: Sequence[NewBlob]) -> None:
        try:
            folders = {self._put_one(blob) for blob in blobs}
            fault_point.reach("blobs.before-folder-flush")
            # Also what was there before us: whoever made it may not have come to this line, or died before it.
            for folder in [*folders, self._folder, self._folder.absolute().parent] if folders else []:
                _flush_folder(folder)
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

    def _path(self, sha256: bytes) -> Path:
        name = sha256.hex()
        return self._folder / name[:_PREFIX] / name

    def _put_one(self, blob: NewBlob) -> Path:
        path = self._path(blob.sha256)
        folder = path.parent
        folder.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            temporary = folder / f"{path.name}.{os.urandom(6).hex()}.new"
            try:
                _write(temporary, blob.content)
                fault_point.reach("blobs.before-rename")
                temporary.rename(path)
            except BaseException:
                temporary.unlink(missing_ok=True)
                raise
        return folder


def _write(path: Path, content: bytes | Path) -> None:
    if isinstance(content, Path):
        try:
            # A second name for the spool file: its bytes are on disk already, and 25 MB are not copied.
            path.hardlink_to(content)
        except OSError:  # another file system, or one without hard links
            content = content.read_bytes()
        else:
            return
    with path.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _flush_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
