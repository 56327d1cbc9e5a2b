"""C6: what is forwarded to the BCC address alone is filed by the original inside."""

from datetime import UTC, datetime
from email.message import EmailMessage, Message
from email.parser import BytesParser
from email.policy import SMTP

import pytest
from mails import a_mail
from store import Person, Store

from crm_store import capture_queue
from crm_store.models.captures import Capture, DecisionRow
from crm_store.models.contacts import Contact
from crm_store.models.messages import Message as MessageRow
from crm_store.paging import PageRequest

BUDI = "Budi Santoso <budi@pelanggan.example>"
ANI = "Ani <ani@firma.example>"


@pytest.fixture(autouse=True)
def after_they_were_sent(store: Store) -> None:
    store.now_ms = 1_795_440_000_000


def forwarded(original: bytes, bcc: str, *, author: str = ANI, subject: str = "Fwd: Penawaran") -> bytes:
    """The original attached whole, to the BCC address alone."""
    mail = EmailMessage(policy=SMTP)
    mail["From"], mail["To"], mail["Subject"] = author, bcc, subject
    mail["Message-ID"], mail["Date"] = (
        f"<f-{hash(original) & 0xFFFFFF}@firma.example>",
        "Mon, 23 Nov 2026 10:00:00 +0000",
    )
    mail.set_content("Tolong dicatat.")
    inner: Message = BytesParser(policy=SMTP).parsebytes(original)
    mail.add_attachment(inner)
    return mail.as_bytes()


def only_capture() -> Capture:
    (capture,) = Capture.select()
    return capture


def test_an_outsiders_mail_is_inbound_from_them_with_its_own_date_subject_and_recipients(store: Store, ani: Person):
    original = a_mail(BUDI, to=ANI, cc="citra@pelanggan.example", subject="Pesanan", text="Kami pesan dua.")
    store.capture(forwarded(original, ani.bcc), ani.bcc)
    assert (only_capture().state, only_capture().rule, only_capture().reason) == ("recorded", "C6", "forwarded")
    (entry,) = store.entries(ani)
    (tab,) = store.conversations(ani)
    assert (tab.contact.details.name, tab.contact.details.addresses) == ("Budi Santoso", ["budi@pelanggan.example"])
    assert (entry.direction, entry.rule, entry.paths) == ("inbound", "C6", ["bcc"])
    message = entry.message
    assert (message.subject, message.text.strip()) == ("Pesanan", "Kami pesan dua.")
    assert message.author_address == "budi@pelanggan.example"
    assert [one.address for one in (*message.to, *message.cc)] == ["ani@firma.example", "citra@pelanggan.example"]
    assert message.sent_at_ms == 1_795_424_400_000


def test_a_members_mail_is_outbound_to_its_first_outside_recipient(store: Store, ani: Person):
    store.user("bagus@firma.example", ani.location_id)
    original = a_mail("Bagus <bagus@firma.example>", to=f"ani@firma.example, {BUDI}")
    store.capture(forwarded(original, ani.bcc), ani.bcc)
    (entry,) = store.entries(ani)
    assert (entry.direction, entry.rule) == ("outbound", "C6")
    assert [tab.contact.details.addresses for tab in store.conversations(ani)] == [["budi@pelanggan.example"]]


def test_an_original_among_members_is_confidential_and_nothing_of_it_is_kept(store: Store, ani: Person):
    store.user("bagus@firma.example", ani.location_id)
    store.capture(forwarded(a_mail("bagus@firma.example", to=ANI), ani.bcc), ani.bcc)
    capture = only_capture()
    assert (capture.state, capture.rule, capture.blob_sha256, capture.subject) == ("ignored", "B5", None, None)
    assert Contact.select().count() == 0


def test_an_original_that_is_recorded_already_is_the_same_message(store: Store, ani: Person):
    original = a_mail(to=BUDI, message_id="<one@firma.example>")
    store.capture(original, ani.bcc)
    store.capture(forwarded(original, ani.bcc), ani.bcc)
    assert MessageRow.select().count() == 1
    assert len(store.entries(ani)) == 1
    assert {row.rule for row in DecisionRow.select()} == {"C2", "C8"}


def test_an_answer_that_is_forwarded_goes_into_its_thread(store: Store, ani: Person):
    store.capture(a_mail(to=BUDI, message_id="<one@firma.example>"), ani.bcc)
    answer = a_mail(BUDI, to=ANI, answers="<one@firma.example>", text="Setuju.")
    store.capture(forwarded(answer, ani.bcc), ani.bcc)
    entries = store.entries(ani)
    assert [entry.rule for entry in entries] == ["C2", "B9"]
    assert len({entry.thread_id for entry in entries}) == 1


@pytest.mark.parametrize("author", ["Dewa <dewa@asing.example>", BUDI])
def test_who_may_not_write_here_may_not_forward_here(store: Store, ani: Person, author: str):
    """Also the customer who wrote the original: it is the forwarder who is asked (C4)."""
    store.capture(forwarded(a_mail(BUDI, to=ANI), ani.bcc, author=author), ani.bcc)
    assert (only_capture().state, only_capture().reason) == ("held", "sender-not-allowed")


def test_approving_a_held_forward_goes_to_the_originals_author(store: Store, ani: Person):
    from crm_store.capture_approval import Choice, MailSource, approve
    from crm_store.rules.states import Role

    olga = store.user("olga@firma.example", ani.location_id, Role.OPERATOR)
    store.capture(forwarded(a_mail(BUDI, to=ANI), ani.bcc, author="Dewa <dewa@asing.example>"), ani.bcc)
    (view,) = capture_queue.list_for(olga.access, ani.location_id, PageRequest(10), now_ms=store.now_ms).items
    assert view.author is not None
    assert view.author.address == "dewa@asing.example"
    assert view.would is not None
    assert view.would.new is not None
    assert (view.would.direction, view.would.new.address) == ("inbound", "budi@pelanggan.example")
    # What came stands as it came; what it forwards beside it.
    assert (view.subject, view.text_preview, view.to, view.cc) == ("Fwd: Penawaran", "Tolong dicatat.\n", [], [])
    original = view.would.original
    assert original is not None
    assert (original.author.address, original.subject) == ("budi@pelanggan.example", "Penawaran")
    assert ([one.address for one in original.to], original.sent_at_ms) == (["ani@firma.example"], 1_795_424_400_000)
    source = MailSource(store.blobs, store.settings.capture_domains)
    done = approve(olga.access, view.id, Choice(allow_sender=True), source, now_ms=store.now_ms)
    assert done.state == "recorded"
    assert [tab.contact.details.addresses for tab in store.conversations(ani)] == [["budi@pelanggan.example"]]
    # It is the forwarder who may write here from now on.
    store.capture(forwarded(a_mail(BUDI, to=ANI, text="lagi"), ani.bcc, author="Dewa <dewa@asing.example>"), ani.bcc)
    assert len(store.entries(ani)) == 2


def test_a_mail_that_forwards_nothing_is_held(store: Store, ani: Person):
    store.capture(a_mail(to=None), ani.bcc)
    assert (only_capture().state, only_capture().reason) == ("held", "only-to-bcc-address")


def test_a_forward_to_somebody_is_a_mail_to_them(store: Store, ani: Person):
    """B2: only of a mail to the BCC address alone the original is asked about."""
    raw = forwarded(a_mail(BUDI, to=ANI), "citra@pelanggan.example")
    store.capture(raw, ani.bcc)
    assert [tab.contact.details.addresses for tab in store.conversations(ani)] == [["citra@pelanggan.example"]]


def test_somebody_on_a_never_log_list_keeps_the_original_away(store: Store, ani: Person):
    from crm_store import sender_list_changes
    from crm_store.rules.states import Role, SenderList

    adi = store.user("adi@firma.example", ani.location_id, Role.ADMIN)
    sender_list_changes.add(adi.access, ani.location_id, SenderList.NEVER_LOG, "pelanggan.example", now_ms=5)
    store.capture(forwarded(a_mail(BUDI, to=ANI), ani.bcc), ani.bcc)
    assert (only_capture().state, only_capture().rule, only_capture().blob_sha256) == ("ignored", "B13", None)


def printed(
    original_author: str, to: str, bcc: str, *, subject: str = "Pesanan", text: str = "Kami pesan dua."
) -> bytes:
    """The original as text, as Gmail in Indonesian prints it."""
    body = (
        "Tolong dicatat.\n\n---------- Forwarded message ---------\n"
        f"Dari: {original_author}\nDate: Sen, 23 Nov 2026 pukul 09.00\nSubject: {subject}\nTo: {to}\n\n\n{text}\n"
    )
    date = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
    return a_mail(ANI, to=bcc, subject=f"Fwd: {subject}", text=body, date=date)


def test_an_original_that_is_printed_is_filed_as_one_that_is_attached(store: Store, ani: Person):
    store.capture(printed(BUDI, ANI, ani.bcc), ani.bcc)
    assert (only_capture().state, only_capture().rule, only_capture().reason) == ("recorded", "C6", "forwarded")
    (entry,) = store.entries(ani)
    (tab,) = store.conversations(ani)
    assert tab.contact.details.addresses == ["budi@pelanggan.example"]
    assert entry.direction == "inbound"
    assert (entry.message.subject, entry.message.text.strip()) == ("Pesanan", "Kami pesan dua.")
    assert (entry.message.author_address, entry.message.sent_at_ms) == ("budi@pelanggan.example", 1_795_424_400_000)


@pytest.mark.parametrize("printed_first", [True, False])
def test_a_printed_original_and_the_message_itself_are_one(store: Store, ani: Person, printed_first: bool):
    """By author, subject and minute; and then an answer finds the thread by the message's own id."""
    itself = a_mail(BUDI, to=ANI, cc=ani.bcc, subject="Pesanan", text="Kami pesan dua.", message_id="<one@pelanggan>")
    as_text = printed(BUDI, ANI, ani.bcc)
    store.capture(a_mail(to=BUDI, message_id="<root@firma>", subject="Lain"), ani.bcc)
    attached = forwarded(itself, ani.bcc)
    for raw in (as_text, attached) if printed_first else (attached, as_text):
        store.capture(raw, ani.bcc)
    assert len(store.entries(ani)) == 2
    store.capture(a_mail(to=BUDI, answers="<one@pelanggan>", subject="Re: Pesanan"), ani.bcc)
    entries = store.entries(ani)
    assert len(entries) == 3
    assert entries[1].thread_id == entries[2].thread_id


@pytest.mark.parametrize(
    ("author", "subject", "same"),
    [(BUDI, "Pesanan", True), (BUDI, "Pesanan lain", False), ("Citra <citra@pelanggan.example>", "Pesanan", False)],
)
def test_another_mail_of_that_minute_is_another_message(
    store: Store, ani: Person, author: str, subject: str, same: bool
):
    store.capture(forwarded(a_mail(BUDI, to=ANI, subject="Pesanan", text="Kami pesan dua."), ani.bcc), ani.bcc)
    store.capture(printed(author, ANI, ani.bcc, subject=subject), ani.bcc)
    assert len(store.entries(ani)) == (1 if same else 2)


def test_a_printed_original_among_members_is_confidential(store: Store, ani: Person):
    store.user("bagus@firma.example", ani.location_id)
    store.capture(printed("Bagus <bagus@firma.example>", ANI, ani.bcc), ani.bcc)
    assert (only_capture().state, only_capture().rule, only_capture().blob_sha256) == ("ignored", "B5", None)


def test_a_guess_is_held_with_it_as_a_suggestion(store: Store, ani: Person):
    """A name without an address is no contact."""
    store.capture(printed("Budi Santoso", ANI, ani.bcc), ani.bcc)
    capture = only_capture()
    assert (capture.state, capture.rule, capture.reason) == ("held", "C6", "forward-unsure")


def test_an_inbound_mail_that_a_user_forwarded_is_unread_as_any_inbound_mail_that_no_machine_wrote(
    store: Store, ani: Person
):
    """The rules except automatic mail alone (C7): that one user has read it tells nothing of the others."""
    store.capture(forwarded(a_mail(BUDI, to=ANI), ani.bcc), ani.bcc)
    (entry,) = store.entries(ani)
    assert (entry.direction, entry.unread, store.conversations(ani)[0].unread) == ("inbound", True, 1)


def test_a_held_copy_of_a_message_that_is_here_already_says_so_though_it_is_inside_a_forward(store: Store, ani: Person):
    from crm_store.rules.states import Role

    olga = store.user("olga@firma.example", ani.location_id, Role.OPERATOR)
    original = a_mail(to=BUDI, message_id="<one@firma.example>")
    store.capture(forwarded(original, ani.bcc, author="Dewa <dewa@asing.example>"), ani.bcc)
    store.capture(original, ani.bcc)
    (entry,) = store.entries(ani)
    *_, view = capture_queue.list_for(olga.access, ani.location_id, PageRequest(10), now_ms=store.now_ms).items
    assert view.would is not None
    assert view.would.entry_id == entry.id


def test_what_came_stands_in_its_own_columns_and_the_original_beside_them(store: Store, ani: Person):
    store.capture(forwarded(a_mail(BUDI, to=ANI), ani.bcc), ani.bcc)
    capture = only_capture()
    assert capture.clues is not None
    assert (capture.subject, capture.to, capture.clues["original"]["subject"]) == ("Fwd: Penawaran", [], "Penawaran")
