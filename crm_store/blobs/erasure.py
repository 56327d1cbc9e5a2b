"""The sweep that deletes raw bytes nobody needs any more."""

from collections.abc import Iterable, Sequence

from peewee import IntegrityError

from crm_store import fault_point
from crm_store.blobs.store import BlobStore
from crm_store.database.rows import tuples
from crm_store.database.session import writing
from crm_store.database.write_ahead_log import forget_old_pages
from crm_store.models.captures import Capture
from crm_store.models.drafts import DraftFile
from crm_store.models.mailboxes import GmailMessage
from crm_store.models.messages import Blob, BlobErasure, Sighting
from crm_store.models.outbox import Delivery


def mark(sha256s: Iterable[bytes]) -> None:
    """These may have lost their last reference. Call in the transaction that takes it away."""
    if marks := [{"sha256": sha256} for sha256 in set(sha256s)]:
        BlobErasure.insert_many(marks).on_conflict(action="NOTHING").execute()


def mark_left_behind(sha256s: Sequence[bytes], blobs: BlobStore) -> None:
    """What is dropped may have been put before, by one who died before a row referred to it: then it goes too (B5).

    Call in the transaction that drops it. Raises: StoreUnavailable."""
    missing = set(blobs.missing(sha256s))
    mark(sha256 for sha256 in sha256s if sha256 not in missing)


def sweep(blobs: BlobStore, limit: int = 100) -> int:
    """Delete what was marked and has no reference left; how many marks were worked off. Safe to run twice."""
    marks = [bytes(sha256) for (sha256,) in tuples(BlobErasure.select(BlobErasure.sha256).limit(limit))]
    # What was taken out of the rows together with the mark goes first: until it is gone the mark stays.
    if marks and not forget_old_pages():
        return 0
    for sha256 in marks:
        try:
            _erase(sha256, blobs)
        except IntegrityError:
            # PostgreSQL: somebody took a reference while we asked. The bytes stay, and so does nothing of our doing.
            with writing():
                _unmark(sha256)
    return len(marks)


def _erase(sha256: bytes, blobs: BlobStore) -> None:
    with writing():
        referenced = (
            Capture.select(Capture.id).where(Capture.blob_sha256 == sha256).exists()
            or Sighting.select(Sighting.id).where(Sighting.blob_sha256 == sha256).exists()
            or GmailMessage.select(GmailMessage.id).where(GmailMessage.blob_sha256 == sha256).exists()
            or Delivery.select(Delivery.id).where(Delivery.blob_sha256 == sha256).exists()
            or DraftFile.select(DraftFile.id).where(DraftFile.blob_sha256 == sha256).exists()
        )
        if not referenced:
            Blob.delete().where(Blob.sha256 == sha256).execute()
            # Inside the transaction: who stores equal bytes now waits for it, and then looks whether they are there.
            fault_point.reach("erasure.before-file")
            blobs.delete(sha256)
            fault_point.reach("erasure.after-file")
        _unmark(sha256)
    fault_point.reach("erasure.after-commit")


def _unmark(sha256: bytes) -> None:
    BlobErasure.delete().where(BlobErasure.sha256 == sha256).execute()
