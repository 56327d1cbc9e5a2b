"""Raw bytes nobody needs any more are deleted; those that somebody needs stay."""

from mails import a_mail
from store import Person, Store

from crm_store import mailbox_filing, receiving
from crm_store.blobs import erasure
from crm_store.blobs.store import NewBlob
from crm_store.mailbox_filing import MailboxMail
from crm_store.models.captures import Capture
from crm_store.models.messages import Blob, BlobErasure


def test_a_blob_without_references_goes_with_the_sweep(store: Store, ani: Person):
    received = store.receive(a_mail(), ani.bcc)
    Capture.update(blob_sha256=None).execute()
    erasure.mark([received.sha256])

    assert erasure.sweep(store.blobs) == 1
    assert store.blobs.missing([received.sha256]) == [received.sha256]
    assert (Blob.select().count(), BlobErasure.select().count()) == (0, 0)
    assert erasure.sweep(store.blobs) == 0


def test_a_blob_that_is_still_needed_stays(store: Store, ani: Person):
    received = store.capture(a_mail(), ani.bcc)
    erasure.mark([received.sha256])
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


def test_bytes_that_a_dead_drainer_put_go_when_the_mail_is_dropped_by_the_next(store: Store, ani: Person):
    """Killed between the blob and its row; and by the time of the replay who gets it is a member."""
    received = store.received(a_mail(to="bagus@firma.example"), ani.bcc)
    store.blobs.put([NewBlob(received.sha256, received.content)])
    store.user("bagus@firma.example", ani.location_id)
    receiving.receive([received], store.blobs, now_ms=store.now_ms)

    (capture,) = Capture.select()
    assert (capture.state, capture.rule) == ("ignored", "B5")
    assert erasure.sweep(store.blobs) == 1
    assert store.blobs.missing([received.sha256]) == [received.sha256]


def test_bytes_that_a_dead_sync_put_go_when_the_mail_is_dropped_by_the_next(store: Store, ani: Person):
    received = store.received(a_mail())  # nobody in it is a contact any more
    store.blobs.put([NewBlob(received.sha256, received.content)])
    seen = MailboxMail(
        ani.user_id, "g1", a_mail(), received.sha256, received.mail, received.reading.parties, store.now_ms
    )
    mailbox_filing.file_from_mailbox(seen, store.blobs, now_ms=store.now_ms)

    assert erasure.sweep(store.blobs) == 1
    assert store.blobs.missing([received.sha256]) == [received.sha256]


def test_dropping_a_mail_whose_bytes_another_location_keeps_leaves_them(store: Store, ani: Person):
    raw = a_mail(to="bagus@firma.example")
    store.capture(raw, ani.bcc)
    elsewhere = store.user("bagus@firma.example", store.location("Lain"))
    rina = store.user("ani@firma.example", elsewhere.location_id, user_id=ani.user_id)
    received = store.capture(raw, rina.bcc)
    while erasure.sweep(store.blobs):
        pass
    assert store.blobs.missing([received.sha256]) == []
    assert [capture.state for capture in Capture.select().order_by(Capture.id)] == ["recorded", "ignored"]
