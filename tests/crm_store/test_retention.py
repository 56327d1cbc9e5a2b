"""D4: what nobody decided about is rejected and erased in the end; what was rejected is erased when its undo ends."""

import pytest
from mails import a_mail
from store import Person, Store

from crm_store import capture_approval, capture_decisions, capture_queue, decisions, retention
from crm_store.access import Access
from crm_store.blobs import erasure
from crm_store.capture_approval import Choice, MailSource
from crm_store.capture_content import forget
from crm_store.capture_steps import UNDO_MS
from crm_store.errors import Conflict
from crm_store.models.captures import AuditRow, Capture, CaptureRecipient
from crm_store.models.messages import Blob
from crm_store.models.people import Location
from crm_store.paging import PageRequest
from crm_store.rules.states import Role

DAY_MS = 86_400_000
STRANGER = "Dewa <dewa@asing.example>"
# What a capture knows of its mail. All else are ids, times, states and the rule.
CONTENT = {
    "blob_sha256", "envelope_from", "peer", "helo", "author_name", "author_address", "author_normal", "author_domain",
    "to", "cc", "subject", "text_preview", "attachments", "clues", "authentication", "suggestions", "undo",
}  # fmt: skip


@pytest.fixture
def olga(store: Store, ani: Person) -> Person:
    return store.user("olga@firma.example", ani.location_id, Role.OPERATOR)


def held(store: Store, person: Person, text: str = "surat", **fields: str) -> Capture:
    store.capture(a_mail(STRANGER, text=text, attachment=b"%PDF", **fields), person.bcc)
    capture: Capture = Capture.select().order_by(Capture.id.desc()).get()
    assert capture.state == "held"
    return capture


def content_of(capture_id: int) -> dict[str, object]:
    row = Capture.get_by_id(capture_id).__data__
    return {name: row[name] for name in CONTENT if row[name] not in (None, [])}


def sweep(store: Store, *, after_days: float, limit: int = 100) -> int:
    return retention.sweep(now_ms=store.now_ms + int(after_days * DAY_MS), limit=limit)


def test_every_column_of_a_capture_is_content_or_is_known_not_to_be():
    rest = {
        "id", "receipt_id", "location_id", "state", "rule", "reason", "message_id", "received_at_ms", "decided_at_ms",
        "decided_by", "entry_id", "attempts", "next_try_at_ms",
    }  # fmt: skip
    assert set(Capture._meta.fields) == CONTENT | rest


def test_a_held_capture_ends_with_its_retention_and_leaves_ids_and_the_rule(store: Store, ani: Person, olga: Person):
    capture = held(store, ani, message_id="<one@asing.example>")
    sha256 = bytes(capture.blob_sha256)
    assert len(content_of(capture.id)) >= 12
    assert sweep(store, after_days=29.9) == 0
    assert capture_queue.get(olga.access, capture.id, now_ms=0).state == "held"

    assert sweep(store, after_days=30) == 1
    assert content_of(capture.id) == {}
    erasure.sweep(store.blobs)
    assert (store.blobs.missing([sha256]), Blob.select().count()) == ([sha256], 0)
    view = capture_queue.get(olga.access, capture.id, now_ms=0)
    assert (view.state, view.rule, view.reason_code) == ("rejected", "D4", "retention-ended")
    assert (view.message_id, view.recipients, view.actions) == ("one@asing.example", [ani.bcc], [])
    (decision,) = decisions.explain(ani.access, "one@asing.example", PageRequest()).items
    assert (decision.outcome, decision.rule) == ("rejected", "D4")
    assert sweep(store, after_days=100) == 0
    assert not AuditRow.select().where(AuditRow.subject.startswith("capture")).exists(), "no person did it"


def test_each_location_has_a_retention_of_its_own(store: Store, ani: Person):
    dewi = store.user("dewi@lain.example", store.location("Lain"))
    Location.update(retention_days=3).where(Location.id == dewi.location_id).execute()
    here, there = held(store, ani), held(store, dewi)
    assert sweep(store, after_days=3) == 1
    assert [Capture.get_by_id(one.id).state for one in (here, there)] == ["held", "rejected"]
    Location.update(retention_days=5).where(Location.id == ani.location_id).execute()
    assert sweep(store, after_days=5) == 1, "and it may be changed while mail waits"


def test_mail_to_postmaster_ends_too(store: Store, ani: Person):
    store.capture(a_mail(STRANGER), "postmaster@capture.localhost")
    (capture,) = Capture.select()
    assert sweep(store, after_days=29.9) == 0
    assert sweep(store, after_days=30) == 1
    assert content_of(capture.id) == {}


@pytest.mark.parametrize("state", ["received", "recorded", "failed", "ignored"])
def test_nothing_but_what_is_held_leaves_the_queue_by_itself(store: Store, ani: Person, state):
    capture = held(store, ani)
    Capture.update(state=state, next_try_at_ms=store.now_ms).execute()
    assert sweep(store, after_days=4000) == 0
    assert len(content_of(capture.id)) >= 12


def test_what_a_person_rejected_keeps_its_content_for_as_long_as_that_can_be_undone(store, ani, olga):
    capture = held(store, ani)
    Location.update(retention_days=1).execute()
    capture_decisions.reject(olga.access, capture.id, now_ms=store.now_ms + DAY_MS // 2)
    assert sweep(store, after_days=30.4) == 0
    assert capture_queue.raw(olga.access, capture.id, store.blobs)
    assert sweep(store, after_days=30.5) == 1
    assert content_of(capture.id) == {}
    view = capture_queue.get(olga.access, capture.id, now_ms=0)
    assert (view.state, view.rule, view.reason_code, view.actions) == ("rejected", "D2", "rejected", [])
    with pytest.raises(Conflict):
        capture_decisions.undo(olga.access, capture.id, now_ms=store.now_ms)
    assert sweep(store, after_days=100) == 0


def test_what_a_block_rejected_is_erased_too(store: Store, ani: Person, olga: Person):
    capture_decisions.reject(olga.access, held(store, ani).id, block_sender=True, now_ms=store.now_ms)
    store.capture(a_mail(STRANGER, text="lagi"), ani.bcc)
    newest = Capture.select().order_by(Capture.id.desc()).get()
    assert (newest.state, newest.reason) == ("rejected", "sender-blocked")
    later_ms = newest.decided_at_ms + UNDO_MS  # the worker has a clock of its own
    assert retention.sweep(now_ms=later_ms) >= 1
    assert content_of(newest.id) == {}


def test_how_an_approval_is_undone_is_forgotten_when_it_can_be_undone_no_more(store: Store, ani: Person, olga: Person):
    """It names the people of the mail, who may be erased from all else by then."""
    capture = held(store, ani)
    source = MailSource(store.blobs, store.settings.capture_domains)
    capture_approval.approve(olga.access, capture.id, Choice(), source, now_ms=store.now_ms + DAY_MS)
    kept = content_of(capture.id)
    assert "dewa@asing.example" in str(kept["undo"]) + str(kept["author_normal"])
    assert sweep(store, after_days=30.9) == 0
    assert content_of(capture.id) == kept

    assert sweep(store, after_days=31) == 1
    assert content_of(capture.id) == {name: value for name, value in kept.items() if name != "undo"}
    view = capture_queue.get(olga.access, capture.id, now_ms=store.now_ms)
    assert (view.state, view.actions) == ("recorded", [])
    assert sweep(store, after_days=100) == 0


def test_bytes_that_another_capture_needs_stay(store: Store, ani: Person):
    dewi = store.user("dewi@lain.example", store.location("Lain"))
    Location.update(retention_days=3).where(Location.id == dewi.location_id).execute()
    store.capture(a_mail(STRANGER), ani.bcc, dewi.bcc)
    assert sweep(store, after_days=3) == 1
    erasure.sweep(store.blobs)
    mine = Capture.get(Capture.location_id == ani.location_id)
    assert capture_queue.raw(Access(ani.user_id, {ani.location_id: Role.USER}), mine.id, store.blobs)


def test_the_oldest_end_first_and_no_more_than_a_slice(store: Store, ani: Person):
    ids = [held(store, ani, f"surat {n}").id for n in range(5)]
    assert sweep(store, after_days=31, limit=2) == 2
    assert [row.id for row in Capture.select().where(Capture.state == "rejected")] == ids[:2]
    assert [sweep(store, after_days=31, limit=2) for _ in range(3)] == [2, 1, 0]
    assert not Capture.select().where(Capture.state == "held").exists()
    assert CaptureRecipient.select().count() == len(ids)


def test_forgetting_nothing_is_harmless(store: Store, ani: Person):
    capture = held(store, ani)
    forget([])
    assert content_of(capture.id)
    forget([capture.id])
    forget([capture.id])
    assert content_of(capture.id) == {}
