"""The files of drafts: their bytes are durable before a row refers to them."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from peewee import fn

from crm_store.blobs import erasure
from crm_store.blobs.keeping import keep
from crm_store.blobs.store import BlobStore, NewBlob
from crm_store.copies import MAX_ATTACHMENT_BYTES
from crm_store.database.rows import tuples
from crm_store.database.session import writing
from crm_store.errors import Conflict, Invalid
from crm_store.models.drafts import OPEN, Draft, DraftFile

MOST_FILES = 100
_MOST_NAME_CHARS = 255


@dataclass(frozen=True, slots=True)
class DraftFileView:
    id: int
    name: str
    content_type: str
    size_bytes: int
    blob_sha256: bytes


@dataclass(frozen=True, slots=True)
class NewFile:
    """name, content_type: as a browser says them; "" for nothing."""

    name: str
    content_type: str
    content: bytes


def add(draft_id: int, files: Sequence[NewFile], blobs: BlobStore, *, now_ms: int) -> None:
    """All of them or none. Whose draft it is, the caller has asked.

    Raises: Invalid where they are too large together (E4) or too many, StoreUnavailable, Conflict for a draft that is
    not open any more."""
    stored = [NewBlob(hashlib.sha256(file.content).digest(), file.content) for file in files]
    _require_room(draft_id, files)
    blobs.put(stored)
    with writing():
        # The row is locked by it: two who add at once are counted one after the other.
        if not Draft.update(changed_at_ms=now_ms).where(Draft.id == draft_id, OPEN).execute():
            raise Conflict("it is sent, or discarded")
        _require_room(draft_id, files)
        keep([(blob, len(file.content)) for file, blob in zip(files, stored, strict=True)], blobs, now_ms=now_ms)
        ((last,),) = tuples(DraftFile.select(fn.MAX(DraftFile.position)).where(DraftFile.draft_id == draft_id))
        for position, (file, blob) in enumerate(zip(files, stored, strict=True), 0 if last is None else last + 1):
            DraftFile.create(
                draft_id=draft_id,
                position=position,
                name=file.name[-_MOST_NAME_CHARS:],
                content_type=file.content_type[:_MOST_NAME_CHARS],
                size_bytes=len(file.content),
                blob_sha256=blob.sha256,
            )


def remove(draft_id: int, file_id: int) -> None:
    """One that is gone already is as was wished."""
    with writing():
        row = DraftFile.get_or_none((DraftFile.id == file_id) & (DraftFile.draft_id == draft_id))
        if row is not None:
            erasure.mark([bytes(row.blob_sha256)])
            DraftFile.delete().where(DraftFile.id == row.id).execute()


def forget(draft_ids: Sequence[int]) -> None:
    """Call in the transaction that erases the drafts, before it does."""
    these = DraftFile.draft_id.in_(list(draft_ids))
    erasure.mark(bytes(sha256) for (sha256,) in list(tuples(DraftFile.select(DraftFile.blob_sha256).where(these))))
    DraftFile.delete().where(these).execute()


def of_drafts(draft_ids: Sequence[int]) -> dict[int, list[DraftFileView]]:
    """In their order."""
    found: dict[int, list[DraftFileView]] = defaultdict(list)
    rows = DraftFile.select().where(DraftFile.draft_id.in_(list(draft_ids)))
    for row in rows.order_by(DraftFile.draft_id, DraftFile.position):
        found[row.draft_id].append(
            DraftFileView(row.id, row.name, row.content_type, row.size_bytes, bytes(row.blob_sha256))
        )
    return found


def _require_room(draft_id: int, files: Sequence[NewFile]) -> None:
    there = of_drafts([draft_id]).get(draft_id, [])
    total = sum(one.size_bytes for one in there) + sum(len(one.content) for one in files)
    if total > MAX_ATTACHMENT_BYTES:
        raise Invalid("attachments", f"have {total} bytes together; at most {MAX_ATTACHMENT_BYTES} can be sent")
    if len(there) + len(files) > MOST_FILES:
        raise Invalid("attachments", f"are at most {MOST_FILES}")
