"""What is shown of recorded mail is made again from its raw bytes, in slices, and goes on where it stopped."""

from collections.abc import Iterable

import pytest
from mails import a_mail
from store import Person, Store

from crm_store import capture_decisions, capture_queue, reparsing
from crm_store.capture_content import forget
from crm_store.errors import StoreUnavailable
from crm_store.models.captures import Capture
from crm_store.models.messages import Attachment, Entry, MessageContent, Sighting
from crm_store.models.reparse import Reparse
from crm_store.rules.states import Role

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


BUDI = "Budi <budi@pelanggan.example>"
STRANGER = "Dewa <dewa@asing.example>"
WRONG = {
    "author_name": "salah", "author_address": "salah@x.example", "author_normal": "salah@x.example",
    "author_domain": "x.example", "to": [], "cc": [], "subject": "salah", "text_preview": "salah", "attachments": [],
    "suggestions": ["salah@x.example"],
}  # fmt: skip
DECIDED = ("state", "rule", "reason", "decided_at_ms", "decided_by", "entry_id", "attempts", "next_try_at_ms", "undo")


@pytest.fixture
def captured(store: Store, ani: Person) -> None:
    """One of each state: recorded, held, rejected, ignored, received, failed; and one for the postmaster."""
    store.capture(a_mail(subject="Tercatat"), ani.bcc)
    for subject in ("Tertahan", "Ditolak"):
        store.capture(a_mail(STRANGER, to=BUDI, cc="citra@pelanggan.example", subject=subject), ani.bcc)
    store.capture(a_mail(to="ani@firma.example"), ani.bcc)
    store.capture(a_mail(STRANGER, subject="Tuan rumah"), "postmaster@capture.localhost")
    rejected = Capture.get(Capture.subject == "Ditolak")
    operator = store.user("olga@firma.example", ani.location_id, Role.OPERATOR)
    capture_decisions.reject(operator.access, rejected.id, now_ms=store.now_ms)
    store.receive(a_mail(subject="Baru"), ani.bcc)
    store.receive(a_mail(subject="Gagal"), ani.bcc)
    Capture.update(state="failed").where(Capture.subject == "Gagal").execute()


def columns(names: Iterable[str]) -> list[tuple[object, ...]]:
    rows = Capture.select().order_by(Capture.id)
    return [tuple(getattr(row, name) for name in names) for row in rows if row.blob_sha256 is not None]


@pytest.mark.usefixtures("captured")
def test_what_is_shown_of_captures_is_put_right_in_whatever_state_they_are_and_stay(store: Store):
    right, decided = columns([*WRONG, "clues"]), columns(DECIDED)
    states = [state for state, *_ in decided]
    assert sorted(states) == ["failed", "held", "held", "received", "recorded", "rejected"]
    broken = Capture.update(**WRONG, clues={"author": False}).where(Capture.blob_sha256.is_null(False))
    assert broken.execute() == len(right)

    progress = go_over_all(store)
    assert progress.changed == len(right)
    held = states.index("held")
    assert columns([*WRONG, "clues"])[held] == right[held], "with what the reason that it is held for suggests"
    Capture.update(suggestions=[]).execute()
    assert columns([*WRONG, "clues"]) == [(*row[:-2], [], row[-1]) for row in right]
    assert columns(DECIDED) == decided
    ignored = Capture.get(Capture.state == "ignored")
    assert (ignored.subject, ignored.clues) == (None, None), "B5: of this nothing is kept"


@pytest.mark.usefixtures("captured")
def test_captures_that_were_right_stay_and_it_goes_on_among_them_where_it_stopped(
    store: Store, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(reparsing, "SLICE", 1)
    monkeypatch.setattr(reparsing, "_LOOKED_AT", 2)
    kept = Capture.select().where(Capture.blob_sha256.is_null(False)).count()
    progress, done = reparsing.begin(now_ms=store.now_ms), []
    while not progress.finished:
        progress = reparsing.go_on(store.blobs, DOMAINS, now_ms=store.now_ms)
        assert reparsing.begin(now_ms=store.now_ms).done in (progress.done, 0)
        done.append(progress.done)
    assert done == sorted(set(done))
    assert (progress.read, progress.changed, progress.missing, progress.done) == (kept, 0, 0, progress.total)


@pytest.mark.usefixtures("captured")
def test_a_capture_that_is_decided_meanwhile_gets_no_content_back(store: Store):
    class Forgetful:
        def read(self, sha256: bytes) -> bytes:
            content = store.blobs.read(sha256)
            forget([row.id for row in Capture.select(Capture.id)])
            return content

    reparsing.begin(now_ms=store.now_ms)
    Reparse.update(up_to=0).execute()
    progress = reparsing.go_on(Forgetful(), DOMAINS, now_ms=store.now_ms)  # type: ignore[arg-type]  # it is read from
    assert progress.changed == 0
    assert not Capture.select().where(Capture.subject.is_null(False)).exists()


def test_the_guess_of_a_forward_is_made_again(store: Store, ani: Person):
    """The reader of today finds the original that an older one did not."""
    operator = store.user("olga@firma.example", ani.location_id, Role.OPERATOR)
    quoted = "---------- Forwarded message ---------\nDari: Budi <budi@pelanggan.example>\nDate: Sen, 23 Nov 2026 pukul 09.00\nSubject: Pesanan\nTo: ani@firma.example\n\n\nKami pesan dua.\n"
    store.capture(a_mail(STRANGER, to=ani.bcc, subject="Fwd: Pesanan", text=quoted), ani.bcc)
    capture = Capture.get()
    old = {**capture.clues, "original": None, "forwarded": None, "author": False}
    Capture.update(clues=old).execute()
    go_over_all(store)
    would = capture_queue.get(operator.access, capture.id, now_ms=store.now_ms).would
    assert would is not None
    assert would.new is not None
    assert would.original is not None
    assert (would.new.address, would.original.subject) == ("budi@pelanggan.example", "Pesanan")
