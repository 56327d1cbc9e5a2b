"""The capture queue on both databases: who sees what, what a decision makes, and what undoing it leaves: nothing."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier

import pytest
from mails import a_mail
from peewee import QueryEvent
from store import Person, Store

from crm_store import (
    capture_approval,
    capture_decisions,
    capture_queue,
    contact_book,
    decisions,
    entry_removal,
    sender_list_changes,
    threads,
)
from crm_store.access import Access
from crm_store.blobs import erasure
from crm_store.capture_approval import Choice, MailSource
from crm_store.capture_decisions import Outcome
from crm_store.capture_steps import UNDO_MS, Step
from crm_store.capture_views import CaptureView
from crm_store.contact_book import ContactDetails
from crm_store.database import engine
from crm_store.database.session import connected
from crm_store.errors import Conflict, Forbidden, Invalid, NotFound
from crm_store.models.captures import AuditRow, Capture, DecisionRow
from crm_store.models.contacts import Contact, Conversation, Thread
from crm_store.models.messages import (
    Attachment,
    Entry,
    Message,
    MessageContent,
    Sighting,
    ThreadParty,
    ThreadReference,
)
from crm_store.models.people import Location, User
from crm_store.models.sender_lists import ListedSender
from crm_store.paging import PageRequest
from crm_store.rules.states import CaptureState, Role, SenderList

BUDI = "Budi Santoso <budi@pelanggan.example>"
CITRA = "Citra <citra@pelanggan.example>"
STRANGER = "Dewa <dewa@asing.example>"
NOBODY_VOUCHES = "192.0.2.7"
DAY_MS = 86_400_000


class Queue:
    """What tests say to the queue, as its operator."""

    def __init__(self, store: Store, ani: Person, operator: Person) -> None:
        self.store, self.ani, self.operator = store, ani, operator
        self.location_id = ani.location_id
        self.source = MailSource(store.blobs, store.settings.capture_domains)

    @property
    def access(self) -> Access:
        return self.operator.access

    def held(self, raw: bytes | None = None, *, peer: str = "127.0.0.1") -> int:
        """A mail that waits; a stranger's to a customer where none is given."""
        received = self.store.capture(a_mail(STRANGER, to=BUDI) if raw is None else raw, self.ani.bcc, peer=peer)
        row = Capture.select().where(Capture.blob_sha256 == received.sha256).order_by(Capture.id.desc()).first()
        assert row is not None
        assert row.state == CaptureState.HELD
        return int(row.id)

    def get(self, capture_id: int, access: Access | None = None) -> CaptureView:
        return capture_queue.get(access or self.access, capture_id, now_ms=self.store.now_ms)

    def all(self, **asked: object) -> list[CaptureView]:
        request = PageRequest(200)
        return capture_queue.list_for(self.access, self.location_id, request, now_ms=self.store.now_ms, **asked).items

    def approve(self, capture_id: int, access: Access | None = None, **choice: object) -> CaptureView:
        return capture_approval.approve(
            access or self.access, capture_id, Choice(**choice), self.source, now_ms=self.store.now_ms
        )

    def reject(self, capture_id: int, access: Access | None = None, **options: bool) -> CaptureView:
        return capture_decisions.reject(access or self.access, capture_id, now_ms=self.store.now_ms, **options)

    def retry(self, capture_id: int, access: Access | None = None) -> CaptureView:
        return capture_decisions.retry(access or self.access, capture_id, now_ms=self.store.now_ms)

    def undo(self, capture_id: int, access: Access | None = None, *, later_ms: int = 0) -> CaptureView:
        return capture_decisions.undo(access or self.access, capture_id, now_ms=self.store.now_ms + later_ms)

    def each(self, ids: list[int | None], step: Step, access: Access | None = None) -> list[Outcome]:
        who = access or self.access
        return capture_decisions.each(who, self.location_id, ids, partial(getattr(self, step), access=who), step)

    def contact(self, address: str, name: str = "") -> int:
        details = ContactDetails([address], name)
        return contact_book.add(self.access, self.location_id, details, now_ms=self.store.now_ms).id

    def listed(self, kind: SenderList) -> list[str]:
        page = sender_list_changes.list_for(self.access, self.location_id, kind, PageRequest())
        return [one.pattern for one in page.items]


@pytest.fixture
def queue(store: Store, ani: Person) -> Queue:
    return Queue(store, ani, store.user("olga@firma.example", ani.location_id, Role.OPERATOR))


def what_is_kept() -> dict[str, list[tuple]]:
    """Every row of what filing makes; what a decision is noted in is left out."""
    tables = (
        Contact, Conversation, Thread, Message, MessageContent, Sighting, Attachment, Entry, ThreadReference,
        ThreadParty, ListedSender,
    )  # fmt: skip
    return {table.__name__: sorted(map(repr, table.select().dicts())) for table in tables}


# What is shown


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


# Who may do what


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


# Looking for captures


def test_a_list_has_the_captures_of_its_own_location_and_no_other(queue: Queue):
    """One user with addresses in two locations; the same mail to both."""
    store, ani = queue.store, queue.ani
    twin = store.user(ani.email, store.location("Lain"), user_id=ani.user_id)
    store.capture(a_mail(STRANGER, to=BUDI, message_id="<one@asing.example>"), ani.bcc, twin.bcc)
    for role in Role:
        access = Access(ani.user_id, {ani.location_id: role, twin.location_id: role})
        for person in (ani, twin):
            for q in (None, "dewa@asing.example", "@asing.example", "<one@asing.example>"):
                for state in (None, CaptureState.HELD):
                    page = capture_queue.list_for(access, person.location_id, PageRequest(), now_ms=0, state=state, q=q)
                    assert [(one.location_id, one.recipients) for one in page.items] == [
                        (person.location_id, [person.bcc])
                    ]


def test_captures_are_found_by_state_author_domain_and_message_id(queue: Queue):
    one = queue.held(a_mail(STRANGER, to=BUDI, message_id="<satu@asing.example>"))
    two = queue.held(a_mail("Eka <Eka@ASING.example>", to=BUDI))
    queue.store.capture(a_mail(), queue.ani.bcc)

    def found(**asked: object) -> list[int]:
        return [view.id for view in queue.all(**asked)]

    assert len(found()) == 3
    assert found(state=CaptureState.HELD) == [two, one]
    assert found(q="dewa@Asing.example") == [one]
    assert found(q="@asing.EXAMPLE") == [two, one]
    assert found(q="<satu@asing.example>") == [one]
    assert found(q="<satu@asing.example>", state=CaptureState.RECORDED) == []
    assert found(q="@example") == []
    for nonsense in ("", "dewa", "@", "a b@c"):
        with pytest.raises(Invalid):
            found(q=nonsense)


def test_pages_of_the_queue_follow_each_other(queue: Queue):
    ids = [queue.held(a_mail(STRANGER, to=BUDI, text=f"surat {n}")) for n in range(5)]
    for access in (queue.access, queue.ani.access):
        seen, after = [], None
        while True:
            page = capture_queue.list_for(access, queue.location_id, PageRequest(2, after), now_ms=0)
            seen += [view.id for view in page.items]
            after = page.next
            if after is None:
                break
        assert seen == ids[::-1]


def test_a_page_costs_the_same_queries_however_much_is_on_it(queue: Queue):
    asked: list[str] = []

    def count(event: QueryEvent) -> None:
        asked.append(event.sql)

    def cost() -> int:
        asked.clear()
        engine.database.obj.query_hooks.append(count)
        try:
            assert queue.all()
        finally:
            engine.database.obj.query_hooks.clear()
        return len(asked)

    queue.store.capture(a_mail(to=BUDI, message_id="<one@f>"), queue.ani.bcc)
    queue.held(a_mail(STRANGER, to=BUDI, answers="<one@f>"))
    one = cost()
    for n in range(20):
        queue.held(a_mail(STRANGER, to=f"b{n}@pelanggan.example", cc=BUDI, text=f"{n}", answers="<one@f>"))
    assert cost() == one


# Approving


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


# Allowing and blocking


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


# Trying again


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


# Undoing


def _reason_to(queue: Queue, how: str) -> dict[str, object]:
    citra = queue.contact("citra@pelanggan.example")
    return {
        "to the guess": {},
        "to a chosen contact": {"contact_id": citra},
        "to a new contact": {"new_contact": ContactDetails(["gita@toko.example"], "Gita")},
        "and allow": {"allow_sender": True},
    }[how]


@pytest.mark.parametrize("how", ["to the guess", "to a chosen contact", "to a new contact", "and allow"])
def test_undoing_an_approval_leaves_what_was_there_before(queue: Queue, how):
    choice = _reason_to(queue, how)
    capture_id = queue.held(a_mail(STRANGER, to=BUDI, message_id="<one@asing>", attachment=b"%PDF"))
    before, shown = what_is_kept(), queue.get(capture_id)
    queue.approve(capture_id, **choice)
    assert what_is_kept() != before
    assert queue.undo(capture_id) == shown

    assert what_is_kept() == before
    (decision,) = decisions.explain(queue.access, "one@asing", PageRequest()).items
    assert (decision.outcome, decision.rule, decision.entry_id) == ("held", "C4", None)
    erasure.sweep(queue.store.blobs)
    assert queue.approve(capture_id, **choice).state == "recorded", "and it may be approved again"
    assert len(queue.store.entries(queue.ani)) == 1


def test_undoing_an_answer_leaves_its_thread_as_it_was(queue: Queue):
    queue.store.capture(a_mail(to=BUDI, message_id="<one@f>"), queue.ani.bcc)
    capture_id = queue.held(a_mail(STRANGER, to=f"ani@firma.example, {CITRA}", answers="<one@f>"))
    before = what_is_kept()
    queue.approve(capture_id)
    assert queue.store.conversations(queue.ani)[0].unread == 1
    queue.undo(capture_id)
    assert what_is_kept() == before
    assert queue.store.conversations(queue.ani)[0].unread == 0


def test_undoing_a_copy_that_joined_leaves_the_entry(queue: Queue):
    raw = a_mail(STRANGER, to=BUDI)
    first, second = queue.held(raw), queue.held(raw)
    queue.approve(first)
    before = what_is_kept()
    assert queue.approve(second).reason_code == "same-message"
    queue.undo(second)
    assert what_is_kept() == before
    queue.undo(first)
    assert queue.store.entries(queue.ani) == []


def test_undoing_unmarks_the_other_message_of_the_same_id(queue: Queue):
    queue.approve(queue.held(a_mail(STRANGER, to=BUDI, text="Satu", message_id="<x@y>")))
    second = queue.held(a_mail(STRANGER, to=BUDI, text="Dua", message_id="<x@y>"))
    queue.approve(second)
    assert [entry.marks for entry in queue.store.entries(queue.ani)] == [["duplicate_id"]] * 2
    queue.undo(second)
    assert [entry.marks for entry in queue.store.entries(queue.ani)] == [[]]


def test_a_message_that_another_location_has_too_stays_there(queue: Queue):
    store = queue.store
    xena = store.user("xena@lain.example", store.location("Lain"), Role.ADMIN)
    raw = a_mail(STRANGER, to=BUDI)
    capture_id = queue.held(raw)
    store.capture(raw, xena.bcc)
    theirs = Capture.get(Capture.location_id == xena.location_id)
    queue.approve(theirs.id, xena.access)
    before = what_is_kept()
    queue.approve(capture_id)
    queue.undo(capture_id)
    assert what_is_kept() == before
    assert len(store.entries(xena)) == 1


# What is done after the approval, and what the refusal to undo it says.
RESTS: dict[str, tuple[Callable[[Queue], object], str]] = {
    "an answer in its thread": (
        lambda queue: queue.store.capture(a_mail(to=BUDI, answers="<one@asing>", message_id="<two@f>"), queue.ani.bcc),
        "other entries since",
    ),
    "another mail of the contact that was made": (
        lambda queue: queue.store.capture(a_mail(to=BUDI, text="baru"), queue.ani.bcc),
        "has other mail since",
    ),
    "another copy of it": (
        lambda queue: queue.store.capture(a_mail(STRANGER, to=BUDI, message_id="<one@asing>"), queue.ani.bcc),
        "come in again",
    ),
    "a change to the contact that was made": (
        lambda queue: contact_book.change(
            queue.access, queue.store.conversations(queue.ani)[0].contact.id, {"phone": "0812"}, now_ms=1
        ),
        "was changed since",
    ),
    "its removal from the conversation": (
        lambda queue: entry_removal.remove(queue.access, queue.store.entries(queue.ani)[0].id, now_ms=1),
        "restore the entry",
    ),
    "its move to another contact": (
        lambda queue: threads.move(
            queue.access,
            queue.store.entries(queue.ani)[0].thread_id,
            queue.contact("citra@pelanggan.example"),
            now_ms=1,
        ),
        "was moved",
    ),
}


@pytest.mark.parametrize("what", RESTS)
def test_an_approval_on_which_something_rests_is_not_undone(queue: Queue, what):
    capture_id = queue.held(a_mail(STRANGER, to=BUDI, message_id="<one@asing>"))
    queue.approve(capture_id)
    act, told = RESTS[what]
    act(queue)
    before = what_is_kept()
    with pytest.raises(Conflict, match=told):
        queue.undo(capture_id)
    assert what_is_kept() == before
    assert queue.get(capture_id).state == "recorded"


def test_an_approval_that_made_two_threads_one_is_not_undone(queue: Queue):
    for name in ("<one@f>", "<two@f>"):
        queue.store.capture(a_mail(to=BUDI, message_id=name, text=name), queue.ani.bcc)
    capture_id = queue.held(a_mail(STRANGER, to="ani@firma.example", answers="<one@f>", references="<one@f> <two@f>"))
    queue.approve(capture_id)
    assert len({entry.thread_id for entry in queue.store.entries(queue.ani)}) == 1
    assert queue.get(capture_id).actions == []
    with pytest.raises(Conflict, match="which mail was in which of them is not known any more"):
        queue.undo(capture_id)


def test_an_answer_that_went_on_is_not_undone(queue: Queue):
    queue.store.capture(a_mail(to=BUDI, message_id="<one@f>"), queue.ani.bcc)
    capture_id = queue.held(a_mail(STRANGER, to="ani@firma.example", answers="<one@f>", message_id="<two@asing>"))
    queue.approve(capture_id)
    queue.store.capture(a_mail(to=BUDI, answers="<two@asing>", text="lagi"), queue.ani.bcc)
    with pytest.raises(Conflict, match="other entries since"):
        queue.undo(capture_id)


def test_undo_ends_after_thirty_days(queue: Queue):
    for decide in (queue.approve, queue.reject):
        capture_id = queue.held(a_mail(STRANGER, to=CITRA, text=decide.__name__))
        decide(capture_id)
        with pytest.raises(Conflict):
            queue.undo(capture_id, later_ms=UNDO_MS)
        assert queue.undo(capture_id, later_ms=UNDO_MS - 1).state == "held"


def test_undoing_a_rejection_takes_its_block_back_but_not_one_that_was_there(queue: Queue):
    sender_list_changes.add(queue.access, queue.location_id, SenderList.BLOCKED, "lama@asing.example", now_ms=0)
    capture_id = queue.held()
    shown = queue.get(capture_id)
    queue.reject(capture_id, block_sender=True)
    assert queue.undo(capture_id) == shown
    assert queue.listed(SenderList.BLOCKED) == ["lama@asing.example"]

    sender_list_changes.add(queue.access, queue.location_id, SenderList.BLOCKED, "dewa@asing.example", now_ms=0)
    queue.reject(capture_id, block_sender=True)
    queue.undo(capture_id)
    assert "dewa@asing.example" in queue.listed(SenderList.BLOCKED)


# Two at once, and many at a time


def at_once(*acts: Callable[[], object]) -> list[object]:
    """What each gives or raises, all begun in the same moment."""
    barrier = Barrier(len(acts))

    def run(act: Callable[[], object]) -> object:
        with connected():
            barrier.wait()
            try:
                return act()
            except Conflict as error:
                return error

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


@pytest.mark.parametrize(
    "pair", [("approve", "approve"), ("approve", "reject"), ("reject", "reject"), ("approve", "retry")]
)
def test_of_two_operators_at_once_one_wins_and_the_other_is_told(queue: Queue, pair):
    rival = queue.store.user("rudi@firma.example", queue.location_id, Role.OPERATOR)
    accesses = [queue.access, rival.access]
    for round_ in range(5):
        capture_id = queue.held(a_mail(STRANGER, to=BUDI, text=f"surat {round_}"))
        acts = [getattr(queue, act) for act in pair]
        answers = at_once(*(partial(act, capture_id, who) for act, who in zip(acts, accesses, strict=True)))
        assert sorted(isinstance(answer, Conflict) for answer in answers) == [False, True], answers
        entries = Entry.select().join(Sighting, on=(Sighting.id == Entry.sighting_id))
        won = pair[0] if not isinstance(answers[0], Conflict) else pair[1]
        assert entries.where(Sighting.capture_id == capture_id).count() == (won == "approve")
        assert AuditRow.select().where(AuditRow.subject == f"capture {capture_id}").count() == 1


def test_two_who_undo_at_once_undo_once(queue: Queue):
    for round_ in range(5):
        capture_id = queue.held(a_mail(STRANGER, to=BUDI, text=f"surat {round_}"))
        queue.approve(capture_id)
        answers = at_once(partial(queue.undo, capture_id), partial(queue.undo, capture_id))
        assert sorted(isinstance(answer, Conflict) for answer in answers) == [False, True]
        assert Entry.select().count() == 0


def test_many_at_a_time_each_for_itself(queue: Queue):
    good = [queue.held(a_mail(STRANGER, to=BUDI, text=f"baik {n}")) for n in range(3)]
    nowhere = queue.held(a_mail(to=None))
    decided = queue.held(a_mail(STRANGER, to=BUDI, text="sudah"))
    queue.reject(decided)
    lost = queue.held(a_mail(STRANGER, to=BUDI, text="hilang"))
    queue.store.blobs.delete(bytes(Capture.get_by_id(lost).blob_sha256))
    xena = queue.store.user("xena@lain.example", queue.store.location("Lain"), Role.ADMIN)
    queue.store.capture(a_mail(STRANGER), xena.bcc)
    theirs = Capture.get(Capture.location_id == xena.location_id).id

    ids = [good[0], nowhere, decided, lost, theirs, None, 999_999, *good[1:], good[0]]
    outcomes = queue.each(ids, Step.APPROVE)
    told = [outcome.view.state if outcome.view else type(outcome.error).__name__ for outcome in outcomes]
    assert told == [
        "recorded", "Invalid", "Conflict", "Conflict", "NotFound", "NotFound", "NotFound", "recorded", "recorded",
        "Conflict",
    ]  # fmt: skip
    for wrong in ([], [1] * 201):
        with pytest.raises(Invalid):
            queue.each(wrong, Step.APPROVE)
    with pytest.raises(Forbidden):
        queue.each(good, Step.REJECT, queue.ani.access)


def test_a_fault_of_our_own_stops_no_other(queue: Queue):
    ids = [queue.held(a_mail(STRANGER, to=BUDI, text=f"surat {n}")) for n in range(2)]

    def reject(capture_id: int) -> CaptureView:
        if capture_id == ids[0]:
            raise ZeroDivisionError
        return queue.reject(capture_id)

    first, second = capture_decisions.each(queue.access, queue.location_id, ids, reject, Step.REJECT)
    assert (type(first.error).__name__, second.view.state) == ("Temporary", "rejected")


def test_many_approvals_are_undone_together_whatever_their_order(queue: Queue):
    """The first made the contact and the thread of the second; the third is another copy of the first."""
    raw = a_mail(STRANGER, to=BUDI, message_id="<one@asing>")
    first, copy = queue.held(raw), queue.held(raw)
    second = queue.held(a_mail(STRANGER, to=BUDI, answers="<one@asing>", text="lagi"))
    before, shown = what_is_kept(), queue.all()
    for order in ([first, second, copy], [copy, second, first]):
        approved = queue.each([first, second, copy], Step.APPROVE)
        assert [outcome.view.state for outcome in approved] == ["recorded"] * 3
        undone = queue.each(order, Step.UNDO)
        assert [outcome.view.id for outcome in undone] == order
        assert what_is_kept() == before
        assert queue.all() == shown
