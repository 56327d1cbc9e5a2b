"""Raw bytes nobody needs any more are deleted; those that somebody needs stay."""

from mails import a_mail
from store import Person, Store

from crm_store.blobs import erasure
from crm_store.models.captures import Capture
from crm_store.models.messages import Blob, BlobErasure


def mark(sha256: bytes) -> None:
    BlobErasure.insert(sha256=sha256).on_conflict(action="NOTHING").execute()


def test_a_blob_without_references_goes_with_the_sweep(store: Store, ani: Person):
    received = store.receive(a_mail(), ani.bcc)
    Capture.update(blob_sha256=None).execute()
    mark(received.sha256)

    assert erasure.sweep(store.blobs) == 1
    assert store.blobs.missing([received.sha256]) == [received.sha256]
    assert (Blob.select().count(), BlobErasure.select().count()) == (0, 0)
    assert erasure.sweep(store.blobs) == 0


def test_a_blob_that_is_still_needed_stays(store: Store, ani: Person):
    received = store.capture(a_mail(), ani.bcc)
    mark(received.sha256)
    erasure.sweep(store.blobs)

    assert store.blobs.missing([received.sha256]) == []
    assert (Blob.select().count(), BlobErasure.select().count()) == (1, 0)


def test_a_mail_that_turns_out_internal_after_it_was_received_leaves_no_bytes(store: Store, ani: Person):
    """The colleague joins between the drainer's look and the worker's."""
    received = store.receive(a_mail(to="bagus@firma.example"), ani.bcc)
    store.user("bagus@firma.example", ani.location_id)
    store.worker.work()
    erasure.sweep(store.blobs)

    (capture,) = Capture.select()
    assert (capture.state, capture.rule, capture.subject, capture.peer) == ("ignored", "B5", None, None)
    assert store.blobs.missing([received.sha256]) == [received.sha256]
