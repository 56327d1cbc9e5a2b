"""What a capture keeps of its mail, and how all of it is forgotten."""

from collections.abc import Sequence

from crm_store.blobs import erasure
from crm_store.database.rows import tuples
from crm_store.models.captures import Capture


def forget(capture_ids: Sequence[int]) -> None:
    """B5, B13, D4: nothing of the mail is kept here; ids, times, the rule and whose BCC address it was remain.

    The bytes go with the next sweep, unless somebody else refers to them. Call in the transaction that decides so."""
    these = Capture.id.in_(list(capture_ids))
    kept = Capture.select(Capture.blob_sha256).where(these & Capture.blob_sha256.is_null(False))
    sha256s = [bytes(sha256) for (sha256,) in tuples(kept)]
    Capture.update(
        blob_sha256=None,
        envelope_from=None,
        peer=None,
        helo=None,
        author_name=None,
        author_address=None,
        author_normal=None,
        author_domain=None,
        to=None,
        cc=None,
        subject=None,
        text_preview=None,
        attachments=None,
        clues=None,
        authentication=None,
        suggestions=[],
        undo=None,
    ).where(these).execute()
    erasure.mark(sha256s)
