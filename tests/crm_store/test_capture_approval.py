"""What approving makes; allowing and blocking with it; trying again."""

import pytest
from capture_desk import BUDI, NOBODY_VOUCHES, STRANGER, Queue, what_is_kept
from mails import a_mail

from crm_store import (
    contact_book,
    decisions,
    sender_list_changes,
)
from crm_store.contact_book import ContactDetails
from crm_store.errors import Conflict, Invalid
from crm_store.models.captures import AuditRow, Capture
from crm_store.models.contacts import Contact
from crm_store.models.messages import (
    Entry,
)
from crm_store.paging import PageRequest
from crm_store.rules.states import Role, SenderList


def test_an_approved_capture_is_recorded_and_told_everywhere(queue: Queue):
    capture_id = queue.held(a_mail(STRANGER, to=BUDI, message_id="<one@asing>"))
    view = queue.approve(capture_id)

    (entry,) = queue.store.entries(queue.ani)
    assert (view.state, view.rule, view.reason_code, view.entry_id) == ("recorded", "D2", "approved", entry.id)
    assert (entry.rule, entry.direction, entry.message.author_address) == ("D2", "inbound", "dewa@asing.example")
    assert view.actions == ["undo"]
    (decision,) = decisions.explain(queue.access, "one@asing", PageRequest()).items
    assert (decision.outcome, decision.rule, decision.entry_id) == ("recorded", "D2", entry.id)
    (noted,) = AuditRow.select().where(AuditRow.action == "capture.approve")
    assert (noted.user_id, noted.location_id, noted.subject) == (
        queue.operator.user_id, queue.location_id, f"capture {capture_id}",
    )  # fmt: skip
    assert Contact.get().source == "capture"


def test_a_capture_goes_to_the_contact_that_was_chosen(queue: Queue):
    citra = queue.contact("citra@pelanggan.example")
    queue.approve(queue.held(), contact_id=citra)
    assert [one.contact.id for one in queue.store.conversations(queue.ani)] == [citra]
    assert Contact.select().count() == 1


def test_choosing_whose_thread_it_answers_keeps_it_in_that_thread(queue: Queue):
    queue.store.capture(a_mail(to=BUDI, message_id="<one@f>"), queue.ani.bcc)
    budi = queue.store.conversations(queue.ani)[0].contact.id
    queue.approve(queue.held(a_mail(STRANGER, to="ani@firma.example", answers="<one@f>")), contact_id=budi)
    assert len({entry.thread_id for entry in queue.store.entries(queue.ani)}) == 1


def test_a_capture_goes_to_a_new_contact_with_all_that_is_said_of_them(queue: Queue):
    details = ContactDetails(["gita@toko.example", "gita@rumah.example"], "Gita", "0812", "Toko Gita")
    queue.approve(queue.held(), new_contact=details)
    (conversation,) = queue.store.conversations(queue.ani)
    assert (conversation.contact.details, conversation.contact.source) == (details, "capture")


@pytest.mark.parametrize(
    ("choice", "field"),
    [
        pytest.param({"contact_id": 999_999}, "contact_id", id="no contact at all"),
        pytest.param({"contact_id": 1, "new_contact": ContactDetails(["x@y.example"])}, "new_contact", id="both"),
        pytest.param({"new_contact": ContactDetails(["olga@firma.example"])}, "new_contact.addresses", id="a member"),
        pytest.param({"new_contact": ContactDetails(["o.l+x@mitra.example"])}, "new_contact.addresses", id="allowed"),
        pytest.param({"new_contact": ContactDetails(["nonsense"])}, "new_contact.addresses.0", id="no address"),
    ],
)
def test_a_choice_that_cannot_be_taken_is_refused_and_leaves_nothing(queue: Queue, choice, field):
    sender_list_changes.add(queue.access, queue.location_id, SenderList.ALLOWED, "o.l+x@mitra.example", now_ms=0)
    capture_id, before = queue.held(), what_is_kept()
    with pytest.raises(Invalid) as refusal:
        queue.approve(capture_id, **choice)
    assert refusal.value.field == field
    assert what_is_kept() == before
    assert queue.get(capture_id).state == "held"


def test_contacts_of_other_locations_deleted_ones_and_members_can_not_be_chosen(queue: Queue):
    xena = queue.store.user("xena@lain.example", queue.store.location("Lain"), Role.ADMIN)
    theirs = contact_book.add(xena.access, xena.location_id, ContactDetails(["z@z.example"]), now_ms=0).id
    gone, member = queue.contact("gone@pelanggan.example"), queue.contact("olga+tag@firma.example")
    Contact.update(deleted_at_ms=1).where(Contact.id == gone).execute()
    capture_id = queue.held()
    for contact_id in (theirs, gone, member):
        with pytest.raises(Invalid) as refusal:
            queue.approve(capture_id, contact_id=contact_id)
        assert refusal.value.field == "contact_id"


def test_mail_that_is_internal_by_now_is_not_let_in(queue: Queue):
    capture_id = queue.held(a_mail(STRANGER, to="ani@firma.example"))
    queue.store.user("dewa@asing.example", queue.location_id)
    citra = queue.contact("citra@pelanggan.example")
    for choice in ({}, {"contact_id": citra}):
        with pytest.raises(Invalid, match="B5"):
            queue.approve(capture_id, **choice)
    assert Entry.select().count() == 0
    queue.retry(capture_id)
    queue.store.worker.work()
    assert (queue.get(capture_id).state, queue.get(capture_id).subject) == ("ignored", None)


def test_mail_of_somebody_who_is_never_logged_by_now_is_not_let_in(queue: Queue):
    capture_id = queue.held()
    admin = queue.store.user("adi@firma.example", queue.location_id, Role.ADMIN)
    sender_list_changes.add(admin.access, queue.location_id, SenderList.NEVER_LOG, "@asing.example", now_ms=0)
    with pytest.raises(Invalid, match="B13"):
        queue.approve(capture_id)


def test_an_unlogged_message_is_not_brought_back_by_approving_a_copy(queue: Queue):
    raw = a_mail(STRANGER, to=BUDI)
    first, second = queue.held(raw), queue.held(raw)
    queue.approve(first)
    Entry.update(removed_at_ms=1).execute()
    with pytest.raises(Conflict, match="G3"):
        queue.approve(second)


def test_an_allowed_sender_needs_no_operator_the_next_time_and_is_nobodys_contact(queue: Queue):
    queue.approve(queue.held(), allow_sender=True)
    assert queue.listed(SenderList.ALLOWED) == ["dewa@asing.example"]
    queue.store.capture(a_mail(STRANGER, to=BUDI, text="lagi"), queue.ani.bcc)
    assert len(queue.store.entries(queue.ani)) == 2
    assert [one.details.addresses for one in contact_book.names({1, 2, 3}).values()] == [["budi@pelanggan.example"]]


def test_the_guess_is_not_the_author_who_is_being_allowed(queue: Queue):
    capture_id = queue.held(a_mail(STRANGER, to=None))
    with pytest.raises(Invalid) as refusal:
        queue.approve(capture_id, allow_sender=True)
    assert refusal.value.field == "contact_id"
    assert queue.listed(SenderList.ALLOWED) == []


def test_allowing_is_neither_offered_nor_taken_where_nobody_proves_who_the_sender_is(queue: Queue):
    capture_id = queue.held(a_mail(), peer=NOBODY_VOUCHES)
    assert queue.get(capture_id).reason_code == "not-authenticated"
    assert "allow" not in queue.get(capture_id).actions
    with pytest.raises(Invalid) as refusal:
        queue.approve(capture_id, allow_sender=True)
    assert refusal.value.field == "allow_sender"
    assert queue.approve(capture_id).state == "recorded"


def test_a_blocked_sender_is_rejected_the_next_time(queue: Queue):
    capture_id = queue.held()
    assert queue.reject(capture_id, block_sender=True).state == "rejected"
    assert queue.listed(SenderList.BLOCKED) == ["dewa@asing.example"]
    queue.store.capture(a_mail(STRANGER, to=BUDI, text="lagi"), queue.ani.bcc)
    newest = queue.all()[0]
    assert (newest.state, newest.rule, newest.reason_code) == ("rejected", "D2", "sender-blocked")
    assert newest.actions == ["retry"]

    queue.undo(capture_id)
    assert queue.listed(SenderList.BLOCKED) == []
    queue.retry(newest.id)
    queue.store.worker.work()
    assert queue.get(newest.id).state == "held"


def test_a_member_is_never_blocked(queue: Queue):
    capture_id = queue.held(a_mail(), peer=NOBODY_VOUCHES)
    assert "block" not in queue.get(capture_id).actions
    with pytest.raises(Invalid) as refusal:
        queue.reject(capture_id, block_sender=True)
    assert refusal.value.field == "block_sender"
    assert queue.get(capture_id).state == "held"


def test_trying_again_asks_the_rules_anew(queue: Queue):
    capture_id = queue.held()
    sender_list_changes.add(queue.access, queue.location_id, SenderList.ALLOWED, "dewa@asing.example", now_ms=0)
    assert queue.retry(capture_id).state == "received"
    queue.store.worker.work()
    assert queue.get(capture_id).state == "recorded"
    assert queue.get(capture_id).actions == [], "a rule let it in, and no person"


def test_a_worker_that_holds_a_capture_which_is_tried_again_has_lost_it(queue: Queue):
    from crm_store import capture_work

    capture_id = queue.held()
    Capture.update(state="failed", next_try_at_ms=queue.store.now_ms).execute()
    (claimed,) = capture_work.claim(now_ms=queue.store.now_ms)
    queue.retry(capture_id)
    capture_work.put_back(claimed, now_ms=queue.store.now_ms)
    assert queue.get(capture_id).state == "received"
