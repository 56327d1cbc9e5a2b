"""What is shown of recorded mail is made again from its raw bytes, in slices, and goes on where it stopped."""

import pytest
from mails import a_mail
from store import Person, Store

from crm_store import reparsing
from crm_store.errors import StoreUnavailable
from crm_store.models.captures import Capture
from crm_store.models.messages import Attachment, Entry, MessageContent, Sighting
from crm_store.models.reparse import Reparse

DOMAINS = ("capture.localhost",)
OLD = b"of what an older reader saw"


def go_over_all(store: Store) -> reparsing.Progress:
    progress = reparsing.begin(now_ms=store.now_ms)
    while not progress.finished:
        progress = reparsing.go_on(store.blobs, DOMAINS, now_ms=store.now_ms)
    return progress


@pytest.fixture
def recorded(store: Store, ani: Person) -> None:
    for number in range(5):
        store.capture(a_mail(text=f"surat {number}", subject=f"Surat {number}", attachment=b"%PDF"), ani.bcc)


def shown(store: Store, person: Person) -> list[tuple[object, ...]]:
    return [
        (entry.id, entry.thread_id, entry.message.subject, entry.message.text, entry.message.author_address,
         [(one.id, one.name, one.size_bytes) for one in entry.message.attachments])
        for entry in store.entries(person)
    ]  # fmt: skip


@pytest.mark.usefixtures("recorded")
def test_what_an_older_reader_got_wrong_is_put_right_and_all_ids_stay(store: Store, ani: Person):
    right = shown(store, ani)
    MessageContent.update(subject="=?salah?=", text="salah", digest=OLD).execute()
    Attachment.update(name="salah", size_bytes=1).execute()
    assert shown(store, ani) != right

    progress = go_over_all(store)
    assert (progress.read, progress.changed, progress.missing) == (5, 5, 0)
    assert shown(store, ani) == right
    assert MessageContent.select().count() == 5, "what nobody shows any more is gone"


@pytest.mark.usefixtures("recorded")
def test_what_was_right_stays_and_counts_as_unchanged(store: Store, ani: Person):
    before = shown(store, ani)
    assert go_over_all(store).changed == 0
    assert shown(store, ani) == before


@pytest.mark.usefixtures("recorded")
def test_it_goes_on_where_it_stopped_and_starts_over_when_it_had_finished(
    store: Store, ani: Person, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(reparsing, "SLICE", 2)
    reparsing.begin(now_ms=store.now_ms)
    assert reparsing.go_on(store.blobs, DOMAINS, now_ms=store.now_ms).read == 2
    assert reparsing.begin(now_ms=store.now_ms).read == 2
    assert go_over_all(store).read == 5
    assert Reparse.select().count() == 1
    assert go_over_all(store).read == 5
    assert Reparse.select().count() == 2


@pytest.mark.usefixtures("recorded")
def test_bytes_that_are_gone_are_counted_and_what_is_shown_stays(store: Store, ani: Person):
    before = shown(store, ani)
    store.blobs.delete(bytes(Sighting.select().first().blob_sha256))
    progress = go_over_all(store)
    assert (progress.read, progress.changed, progress.missing) == (5, 0, 1)
    assert shown(store, ani) == before


@pytest.mark.usefixtures("recorded")
def test_a_store_that_does_not_answer_changes_nothing_and_it_goes_on_later(store: Store, ani: Person):
    class Away:
        def read(self, sha256: bytes) -> bytes:
            raise StoreUnavailable("away")

    MessageContent.update(subject="salah", digest=OLD).execute()
    reparsing.begin(now_ms=store.now_ms)
    with pytest.raises(StoreUnavailable):
        reparsing.go_on(Away(), DOMAINS, now_ms=store.now_ms)  # type: ignore[arg-type]  # it is read from, no more
    assert {entry.message.subject for entry in store.entries(ani)} == {"salah"}
    assert go_over_all(store).changed == 5


def test_nothing_to_read_is_finished_at_once(store: Store):
    assert go_over_all(store).read == 0


@pytest.mark.usefixtures("recorded")
def test_an_entry_that_is_removed_meanwhile_is_passed_over(store: Store, ani: Person):
    reparsing.begin(now_ms=store.now_ms)
    Capture.update(entry_id=None).execute()
    Entry.delete().execute()
    Attachment.delete().execute()
    Sighting.delete().where(Sighting.id == Sighting.select().first().id).execute()
    assert reparsing.go_on(store.blobs, DOMAINS, now_ms=store.now_ms).read == 4
