"""What is shown of a capture, in the reader's language, and to whom it is shown and decided by whom."""

import pytest
from capture_desk import BUDI, CITRA, STRANGER, Queue
from mails import a_mail

from crm_store import capture_queue, entry_removal
from crm_store.access import Access
from crm_store.capture_steps import Step
from crm_store.errors import Conflict, Forbidden, Invalid, NotFound
from crm_store.models.captures import Capture, DecisionRow
from crm_store.models.contacts import Contact
from crm_store.models.people import Location, User
from crm_store.paging import PageRequest
from crm_store.rules.states import CaptureState, Role


def test_a_held_capture_shows_what_an_operator_needs_to_decide(queue: Queue):
    raw = a_mail(STRANGER, to=BUDI, cc=CITRA, subject="Halo", text="Selamat pagi", attachment=b"%PDF")
    view = queue.get(queue.held(raw))

    assert (view.state, view.rule, view.reason_code) == ("held", "C4", "sender-not-allowed")
    assert view.reason == "Its sender is neither the owner of the BCC address nor allowed to write here (C4)."
    assert (view.author.name, view.author.address) == ("Dewa", "dewa@asing.example")
    assert view.envelope_from == "sender@relay.example"
    assert [one.address for one in view.to + view.cc] == ["budi@pelanggan.example", "citra@pelanggan.example"]
    assert (view.subject, view.text_preview.strip()) == ("Halo", "Selamat pagi")
    assert [one.name for one in view.attachments] == ["penawaran.pdf"]
    assert view.recipients == [queue.ani.bcc]
    assert len(view.receipt_id) == 26
    assert view.authentication.verdict
    assert view.actions == ["approve", "assign", "allow", "reject", "block", "retry"]


@pytest.mark.parametrize(
    ("own", "location", "words"),
    [
        pytest.param("id", "en", "Pengirimnya", id="the user's own language"),
        pytest.param("en", "id", "Its sender", id="the user's own before the location's"),
        pytest.param(None, "id", "Pengirimnya", id="else the location's"),
        pytest.param(None, "en", "Its sender", id="English"),
    ],
)
def test_the_reason_is_said_in_the_readers_language(queue: Queue, own, location, words):
    User.update(locale=own).where(User.id == queue.operator.user_id).execute()
    Location.update(locale=location).execute()
    assert queue.get(queue.held()).reason.startswith(words)


def test_a_reason_that_only_a_newer_version_knows_is_told_by_its_rule(queue: Queue):
    capture_id = queue.held()
    Capture.update(reason="of-tomorrow", rule="Z9").execute()
    DecisionRow.update(reason="of-tomorrow", rule="Z9").execute()

    view = queue.get(capture_id)
    assert (view.reason_code, view.rule) == ("of-tomorrow", "Z9")
    assert view.reason.endswith("(Z9).")
    queue.reject(capture_id)
    undone = queue.undo(capture_id)
    assert (undone.reason, undone.reason_code, undone.rule) == (view.reason, view.reason_code, view.rule)


def test_what_may_not_be_kept_is_shown_as_nothing(queue: Queue):
    queue.store.capture(a_mail(to="olga@firma.example"), queue.ani.bcc)
    (view,) = queue.all()

    assert (view.state, view.rule) == ("ignored", "B5")
    shown = [view.author, view.to, view.cc, view.subject, view.text_preview, view.attachments, view.envelope_from]
    assert shown == [None] * 7
    assert view.actions == []


@pytest.mark.parametrize(
    ("raw", "before", "contact", "creates"),
    [
        pytest.param(a_mail(STRANGER, to=BUDI), [], "budi@pelanggan.example", True, id="the first To, who is new"),
        pytest.param(
            a_mail(STRANGER, to=BUDI), ["budi@pelanggan.example"], "budi@pelanggan.example", False, id="who is known"
        ),
        pytest.param(a_mail(STRANGER, to=None), [], "dewa@asing.example", True, id="nobody in To: its author"),
        pytest.param(
            a_mail(STRANGER, to="ani@firma.example", cc=CITRA),
            ["citra@pelanggan.example"], "citra@pelanggan.example", False, id="no outside To: a contact in Cc",
        ),
        pytest.param(
            a_mail(STRANGER, to="ani@firma.example", bcc=CITRA),
            ["citra@pelanggan.example"], "citra@pelanggan.example", False, id="a contact in Bcc",
        ),
        pytest.param(a_mail(to=None), [], None, False, id="of a member, to the BCC address alone"),
        pytest.param(
            a_mail(STRANGER, to=None, headers={"Auto-Submitted": "auto-replied"}),
            ["dewa@asing.example"], "dewa@asing.example", False, id="a program's, of a contact",
        ),
        pytest.param(
            a_mail(STRANGER, to=None, headers={"Auto-Submitted": "auto-replied"}), [], None, False, id="C7: of a stranger"
        ),
    ],
)  # fmt: skip
def test_what_approving_would_do_is_what_it_does(queue: Queue, raw, before, contact, creates):
    for address in before:
        queue.contact(address)
    known = Contact.select().count()
    capture_id = queue.held(raw)
    would = queue.get(capture_id).would

    shown = would.contact.details.addresses[0] if would.contact else would.new.address if would.new else None
    assert (shown, would.new is not None) == (contact, creates)
    assert ("approve" in queue.get(capture_id).actions) == (contact is not None)
    if contact is None:
        with pytest.raises(Invalid) as refusal:
            queue.approve(capture_id)
        assert refusal.value.field == "contact_id"
        return
    queue.approve(capture_id)
    (conversation,) = queue.store.conversations(queue.operator)
    assert conversation.contact.details.addresses == [contact]
    assert Contact.select().count() == known + creates


def test_a_mail_that_answers_a_thread_would_go_there(queue: Queue):
    queue.store.capture(a_mail(to=BUDI, message_id="<one@f>"), queue.ani.bcc)
    capture_id = queue.held(a_mail(STRANGER, to="ani@firma.example", answers="<one@f>"))

    assert queue.get(capture_id).would.contact.details.addresses == ["budi@pelanggan.example"]
    queue.approve(capture_id)
    assert len({entry.thread_id for entry in queue.store.entries(queue.ani)}) == 1


LONG = "Selamat pagi. " * 200


@pytest.mark.parametrize(
    ("recorded", "held", "same"),
    [
        pytest.param("Halo", "Halo", True, id="the same text"),
        pytest.param(LONG, f"[EXTERNAL]\n{LONG}", True, id="a gateway's tag before a long one"),
        pytest.param(f"{LONG}\nDisclaimer", LONG, True, id="a footer behind a long one"),
        pytest.param("Halo", "Halo, halo", True, id="one contained in the other"),
        pytest.param("Halo", "Apa kabar", False, id="C9: another message that reuses the Message-ID"),
    ],
)
def test_a_copy_of_what_is_recorded_meanwhile_would_be_added_to_it(queue: Queue, recorded, held, same):
    texts = [a_mail(STRANGER, to=BUDI, message_id="<one@f>", text=text) for text in (held, recorded)]
    waits, approved = [queue.held(raw) for raw in texts]
    assert queue.get(waits).would.entry_id is None
    entry_id = queue.approve(approved).entry_id

    would = queue.get(waits).would
    assert would.entry_id == (entry_id if same else None)
    assert (would.contact.details.addresses, would.new) == (["budi@pelanggan.example"], None)
    assert "approve" in queue.get(waits).actions
    assert (queue.approve(waits).entry_id == entry_id) == same


def test_a_copy_of_what_was_un_logged_meanwhile_has_nowhere_to_go(queue: Queue):
    raw = a_mail(STRANGER, to=BUDI)
    waits, approved = queue.held(raw), queue.held(raw)
    entry_removal.remove(queue.access, queue.approve(approved).entry_id, now_ms=queue.store.now_ms)

    view = queue.get(waits)
    assert (view.would.entry_id, view.would.contact, view.would.new) == (None, None, None)
    assert "approve" not in view.actions


def test_strangers_and_location_less_admins_find_nothing(queue: Queue):
    capture_id = queue.held()
    xena = queue.store.user("xena@lain.example", queue.store.location("Lain"), Role.ADMIN)
    for access in (xena.access, Access(999, {}), Access(999, {}, installation_admin=True)):
        for ask in (queue.get, queue.approve, queue.reject, queue.retry, queue.undo):
            with pytest.raises(NotFound):
                ask(capture_id, access)
        with pytest.raises(NotFound):
            capture_queue.raw(access, capture_id, queue.store.blobs)
        with pytest.raises(NotFound):
            capture_queue.list_for(access, queue.location_id, PageRequest(), now_ms=0)
        with pytest.raises(NotFound):
            queue.each([capture_id], Step.REJECT, access)
    assert queue.get(capture_id).state == "held"


def test_a_user_sees_own_captures_and_decides_about_none(queue: Queue):
    eko = queue.store.user("eko@firma.example", queue.location_id)
    mine, others = queue.held(), queue.held(a_mail(STRANGER, to=CITRA))
    queue.store.capture(a_mail(STRANGER, to=CITRA, subject="berdua"), queue.ani.bcc, eko.bcc)

    listed = capture_queue.list_for(eko.access, queue.location_id, PageRequest(), now_ms=0)
    assert [(one.subject, one.recipients, one.actions) for one in listed.items] == [("berdua", [eko.bcc], [])]
    with pytest.raises(NotFound):
        queue.get(others, eko.access)
    assert queue.get(mine, queue.ani.access).actions == []
    assert capture_queue.raw(queue.ani.access, mine, queue.store.blobs)
    for ask in (queue.approve, queue.reject, queue.retry, queue.undo):
        with pytest.raises(Forbidden):
            ask(mine, queue.ani.access)


def test_a_mail_to_two_addresses_of_one_user_is_listed_once(queue: Queue):
    from crm_store import bcc_addresses

    ani, store = queue.ani, queue.store
    new = bcc_addresses.replace(
        ani.location_id, ani.user_id, "capture.localhost", grace_days=30, by=None, now_ms=store.now_ms
    )
    store.capture(a_mail(STRANGER, to=BUDI), ani.bcc, new.address)
    listed = capture_queue.list_for(ani.access, ani.location_id, PageRequest(), now_ms=0).items
    assert [one.recipients for one in listed] == [[ani.bcc, new.address]]


def test_mail_to_postmaster_is_for_admins_of_the_installation(queue: Queue):
    queue.store.capture(a_mail(STRANGER), "postmaster@capture.localhost")
    root = Access(queue.operator.user_id, {}, installation_admin=True)

    with pytest.raises(Forbidden):
        capture_queue.list_of_installation(queue.access, PageRequest(), now_ms=0)
    (view,) = capture_queue.list_of_installation(root, PageRequest(), now_ms=0, state=CaptureState.HELD).items
    assert (view.location_id, view.reason_code, view.actions) == (None, "to-postmaster", ["reject"])
    with pytest.raises(NotFound):
        queue.get(view.id)
    for refused in (queue.approve, queue.retry):
        with pytest.raises(Conflict):
            refused(view.id, root)
    assert queue.reject(view.id, root).actions == ["undo"]
    assert queue.undo(view.id, root).state == "held"
