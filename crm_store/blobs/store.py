"""The border of the blob store, and the one that the settings ask for."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

from crm_store.settings import Settings


class NewBlob(NamedTuple):
    """content: the bytes, or a file that holds them and that its owner deletes afterwards."""

    sha256: bytes
    content: bytes | Path


class BlobStore(Protocol):
    """Whole objects by content address: no append, no rename, no listing."""

    def put(self, blobs: Sequence[NewBlob]) -> None:
        """Returns once all are durable, names included. Putting what is there already is harmless.

        Raises: StoreUnavailable; then some may be there."""

    def missing(self, sha256s: Sequence[bytes]) -> list[bytes]:
        """Which of these are not there. Raises: StoreUnavailable."""

    def read(self, sha256: bytes) -> bytes:
        """Raises: NotFound, StoreUnavailable."""

    def delete(self, sha256: bytes) -> None:
        """Harmless where it is gone. Raises: StoreUnavailable."""

    def clear_unfinished(self) -> int:
        """Delete some of what puts left behind whose process died; how many. Ask again while it gives any.

        Raises: StoreUnavailable."""


def blob_store(settings: Settings) -> BlobStore:
    """The store that SUNNYDAY_BLOBS_URL names."""
    from crm_store.blobs.files import FileBlobs

    return FileBlobs(settings.blobs_folder)
