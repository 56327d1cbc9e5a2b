"""The rows of blobs: written once the bytes are durable, in the transaction that refers to them."""

from collections.abc import Sequence

from crm_store.blobs.store import BlobStore, NewBlob
from crm_store.models.messages import Blob


def keep(stored: Sequence[tuple[NewBlob, int]], blobs: BlobStore, *, now_ms: int) -> None:
    """Make rows for blobs that were put, each with its size in bytes. Call inside the transaction."""
    if not stored:
        return
    # In one order everywhere: two who keep the same two would else wait for each other.
    rows = {blob.sha256: (blob, size_bytes) for blob, size_bytes in sorted(stored, key=lambda one: one[0].sha256)}
    Blob.insert_many(
        [{"sha256": sha256, "size_bytes": size, "stored_at_ms": now_ms} for sha256, (_, size) in rows.items()]
    ).on_conflict(action="NOTHING").execute()
    # A sweep may have deleted equal bytes since they were put. From here on it waits for our rows.
    if missing := blobs.missing(list(rows)):
        blobs.put([rows[sha256][0] for sha256 in missing])
