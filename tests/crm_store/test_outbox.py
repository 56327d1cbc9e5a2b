"""E-mails as they are posted, shown, cancelled, tried again and resolved (E1, E2, E4, E5, E7, E8, E9, F3)."""

import pytest
from connected_account import SEALER, a_grant, connect, connection_of
from mails import a_mail
from outbox_asked import CAPTURE_DOMAINS, Outbox, row_of, states, with_provider
from store import Person, Store

from crm_store import connections, locations, outbox, outbox_posting, outbox_turns, outbox_work, users
from crm_store.access import Access
from crm_store.blobs import erasure
from crm_store.copies import MAX_ATTACHMENT_BYTES
from crm_store.errors import Conflict, Forbidden, Invalid, NotFound
from crm_store.mail.compose.draft import DraftAttachment
from crm_store.mail.parsed_mail import Mailbox
from crm_store.mail.read import read
from crm_store.models.mailboxes import GmailMessage
from crm_store.models.mailboxes import Mailbox as FollowedMailbox
from crm_store.models.messages import Blob, Sighting
from crm_store.models.outbox import Delivery, OutboxLane
from crm_store.models.providers import LocationProvider
from crm_store.paging import PageRequest
from crm_store.rules.outbox import EmailKind, LaneKind, OutboxReason, OutboxState
from crm_store.rules.states import Role


@pytest.fixture
def place_id(store: Store, ani: Person) -> int:
    return connection_of(ani.user_id, ani.location_id, now_ms=store.now_ms)


@pytest.fixture
def asked(store: Store, ani: Person, place_id: int) -> Outbox:
    with_provider(ani.location_id)
    return Outbox(store.blobs, store.now_ms)


def composed(asked: Outbox, mail: outbox.EmailView) -> bytes:
    work = asked.next(asked.later().held(mail))
    return outbox_work.message(work, asked.blobs)


def several(*addresses: str) -> list[Mailbox]:
    return [Mailbox("", address) for address in addresses]


MANY = [f"n{number}@customer.test" for number in range(101)]
A_FILE = DraftAttachment("harga.pdf", "application/pdf", b"%PDF")


@pytest.mark.parametrize(
    ("said", "field"),
    [
        pytest.param({"to": several("citra")}, "to.0", id="no address"),
        pytest.param({"to": ()}, "to", id="nobody"),
        pytest.param({"to": several(*MANY)}, "to", id="more than 100"),
        pytest.param({"to": several(*MANY[:60]), "cc": several(*MANY[60:])}, "to", id="more than 100 together"),
        pytest.param({"to": several("bagus@firma.example")}, "to", id="E9: nobody outside"),
        pytest.param(
            {"to": several("ani+x@firma.example"), "bcc": several("x@y.test")}, "to", id="nor a contact in Bcc"
        ),
        pytest.param({"text": ""}, "text", id="no text"),
        pytest.param({"from_address": "somebody@else.test"}, "from", id="an address that is not the user's"),
        pytest.param({"subject": "x" * 1000}, "subject", id="a subject too long"),
        pytest.param({"reply_to_entry_id": 999}, "reply_to_entry_id", id="an answer to nothing"),
        pytest.param({"send_at_ms": 2_000_000_000_000}, "send_at", id="in years"),
        pytest.param(
            {"attachments": [A_FILE, DraftAttachment("x", "", bytes(MAX_ATTACHMENT_BYTES - 3))]},
            "attachments",
            id="E4: one byte more than may be",
        ),
        pytest.param({"kind": EmailKind.BULK, "cc": several("x@y.test")}, "cc", id="E2: Cc of bulk mail"),
        pytest.param({"kind": EmailKind.AUTOMATED, "bcc": several("x@y.test")}, "bcc", id="E2: Bcc of automated mail"),
        pytest.param(
            {"kind": EmailKind.BULK, "to": several("x@y.test", "bagus@firma.example")},
            "to.1",
            id="B5: a member in bulk",
        ),
    ],
)
def test_what_cannot_be_sent_is_refused_with_its_field_and_nothing_is_queued(store, ani, asked, said, field):
    store.user("bagus@firma.example", ani.location_id)
    with pytest.raises(Invalid) as refused:
        asked.post(ani.location_id, ani.user_id, **said)
    assert refused.value.field == field
    assert (Delivery.select().count(), Blob.select().count()) == (0, 0)


def test_what_is_posted_is_what_goes(ani, asked):
    """Without Date and Message-ID, which Gmail sets; with Bcc, which it takes out."""
    users.change(ani.access, ani.user_id, {"signature": "Ani, Toko"}, now_ms=asked.now_ms)
    said = {"cc": several("CITRA@customer.test", "cc@customer.test"), "bcc": several("bcc@customer.test")}
    mail = asked.post(ani.location_id, ani.user_id, "citra@customer.test", attachments=[A_FILE], **said)
    raw = composed(asked, mail)
    understood = read(raw)
    assert (understood.author.name, understood.author.address) == ("ani", "mailbox@gmail.test")
    assert [one.address for one in (*understood.to, *understood.cc, *understood.bcc)] == [
        "citra@customer.test",
        "cc@customer.test",
        "bcc@customer.test",
    ]
    assert (understood.subject, understood.message_id, understood.sent_at_ms) == ("Penawaran", None, None)
    assert "Ani, Toko" in understood.text
    assert [one.name for one in understood.attachments] == ["harga.pdf"]
    delivery = Delivery.get(Delivery.email_id == mail.id)
    assert f"X-SunnyDay-Delivery: {delivery.token}".encode() in raw
    assert (len(delivery.token), delivery.size_bytes) == (32, len(raw))
    assert delivery.recipients == ["citra@customer.test", "cc@customer.test", "bcc@customer.test"]


def test_nobody_sends_as_somebody_else(store, ani, asked):
    bagus = store.user("bagus@firma.example", ani.location_id, Role.ADMIN)
    with pytest.raises(Forbidden):
        outbox_posting.require_sender(bagus.access, ani.location_id, ani.user_id)
    stranger = store.user("xena@lain.example", store.location("Lain"))
    with pytest.raises(NotFound):
        outbox_posting.require_sender(stranger.access, ani.location_id, stranger.user_id)
    root = Access(bagus.user_id, {}, installation_admin=True)
    outbox_posting.require_sender(root, ani.location_id, ani.user_id)
    with pytest.raises(Invalid):
        outbox_posting.require_sender(root, ani.location_id, stranger.user_id)


def test_without_a_live_connection_it_says_how_to_connect(ani, asked, place_id):
    """E8."""
    connections.disconnect(ani.access, place_id, SEALER, now_ms=asked.now_ms)
    with pytest.raises(Invalid, match="connect one under Settings"):
        asked.post(ani.location_id, ani.user_id)


def test_without_a_provider_it_says_how_to_get_one(ani, asked, place_id):
    """E2; and nobody's Gmail stands in for it."""
    LocationProvider.delete().execute()
    with pytest.raises(Invalid, match="an admin sets one") as refused:
        asked.post(ani.location_id, ani.user_id, kind=EmailKind.AUTOMATED)
    assert refused.value.field == "kind"


def test_the_location_may_allow_its_own_provider_for_it(store, ani, asked, place_id):
    """E8. Then we set the Message-ID, and no relay is told of Bcc; the sender's own copy tells it."""
    change = {"own_provider_for_individual": True}
    locations.change(Access(ani.user_id, {ani.location_id: Role.ADMIN}), ani.location_id, change, now_ms=asked.now_ms)
    assert OutboxLane.get_by_id(asked.lane_of(asked.post(ani.location_id, ani.user_id))).kind == LaneKind.GMAIL
    connections.disconnect(ani.access, place_id, SEALER, now_ms=asked.now_ms)
    mail = asked.post(ani.location_id, ani.user_id, bcc=several("bcc@customer.test"))
    assert OutboxLane.get_by_id(asked.lane_of(mail)).kind == LaneKind.PROVIDER
    held = asked.later().held(mail)
    raw = outbox_work.message(asked.next(held), asked.blobs)
    assert b"bcc@customer.test" not in raw
    assert read(raw).message_id == Delivery.get(Delivery.email_id == mail.id).message_id
    asked.relay(held)
    (entry,) = store.entries(ani)
    assert [one.address for one in entry.message.bcc] == ["bcc@customer.test"]
    assert (entry.direction, entry.paths, entry.email_id) == ("outbound", ["crm"], mail.id)


def test_what_failed_with_its_account_is_sent_again_by_the_way_there_is_now(store, ani, asked, place_id):
    """E8: by the location's provider once that is allowed, and by Gmail again once its user has connected."""
    mail = asked.post(ani.location_id, ani.user_id, bcc=several("bcc@customer.test"))
    connections.disconnect(ani.access, place_id, SEALER, now_ms=asked.now_ms)
    assert states(mail) == ["failed"]
    with pytest.raises(Invalid, match="connect one under Settings"):
        outbox.retry(ani.access, mail.id, now_ms=asked.now_ms)
    change = {"own_provider_for_individual": True}
    locations.change(Access(ani.user_id, {ani.location_id: Role.ADMIN}), ani.location_id, change, now_ms=asked.now_ms)
    outbox.retry(ani.access, mail.id, now_ms=asked.now_ms)
    held = asked.later().held(mail)
    work = asked.next(held)
    raw = outbox_work.message(work, asked.blobs)
    assert (held.lane.kind, len(raw)) == (LaneKind.PROVIDER, work.size_bytes)
    assert b"bcc@customer.test" not in raw
    assert read(raw).message_id == work.message_id is not None
    assert set(work.recipients) == {"citra@customer.test", "bcc@customer.test"}
    outbox_work.failed(held, work.delivery_id, OutboxReason.REFUSED, now_ms=asked.now_ms)
    outbox_turns.leave(held)
    connection_of(ani.user_id, ani.location_id, now_ms=asked.now_ms, email="mailbox@gmail.test")
    outbox.retry(ani.access, mail.id, now_ms=asked.now_ms)
    held = asked.held(mail)
    work = asked.next(held)
    raw = outbox_work.message(work, asked.blobs)
    assert (held.lane.kind, work.message_id) == (LaneKind.GMAIL, None)
    assert b"Bcc: bcc@customer.test\r\n" in raw
    assert b"Message-ID" not in raw


@pytest.mark.parametrize(
    ("from_address", "account"),
    [(None, "mailbox@gmail.test"), ("two@gmail.test", "two@gmail.test"), ("ani@firma.example", "mailbox@gmail.test")],
)
def test_it_goes_through_the_account_of_its_sender_else_through_the_locations_own(
    store, ani, asked, from_address, account
):
    other = store.location("Cabang")
    store.user("", other, user_id=ani.user_id)
    connection_of(ani.user_id, other, now_ms=store.now_ms, email="two@gmail.test")
    mail = asked.post(ani.location_id, ani.user_id, from_address=from_address)
    row = OutboxLane.get_by_id(asked.lane_of(mail))
    assert connections.place_of(ani.access, row.connection_id).email == account
    assert mail.sender.address == (from_address or account)


def test_an_answer_names_what_it_answers_and_its_talk_in_the_mailbox(store, ani, asked, place_id):
    """E5."""
    store.capture(a_mail("ani@firma.example", message_id="<one@firma.example>", cc=ani.bcc), ani.bcc)
    (entry,) = store.entries(ani)
    mailbox_id = FollowedMailbox.insert(connection_id=row_of(place_id), user_id=ani.user_id, cursor="0").execute()
    GmailMessage.insert(
        mailbox_id=mailbox_id, gmail_id="g1", thread_id="t1", state="recorded", seen_at_ms=asked.now_ms
    ).execute()
    Sighting.update(user_id=ani.user_id, gmail_id="g1").execute()
    mail = asked.post(ani.location_id, ani.user_id, "budi@pelanggan.example", subject="", reply_to_entry_id=entry.id)
    assert mail.subject == f"Re: {entry.message.subject}"
    work = asked.next(asked.later().held(mail))
    understood = read(outbox_work.message(work, asked.blobs))
    assert (understood.in_reply_to, understood.references) == (("one@firma.example",), ("one@firma.example",))
    assert work.gmail_thread_id == "t1"


def test_send_later_waits_for_its_time_and_bulk_has_no_undo(ani, asked):
    """E7."""
    later = asked.post(ani.location_id, ani.user_id, send_at_ms=asked.now_ms + 3_600_000)
    assert (later.reason, later.not_before_ms) == ("scheduled", asked.now_ms + 3_600_000)
    bulk = asked.post(ani.location_id, ani.user_id, kind=EmailKind.BULK)
    assert (bulk.reason, bulk.not_before_ms) == (None, asked.now_ms)


def test_what_failed_is_tried_again_by_the_account_that_there_is_now(ani, asked, place_id):
    """E8: its text was kept."""
    mail = asked.post(ani.location_id, ani.user_id)
    connections.disconnect(ani.access, place_id, SEALER, now_ms=asked.now_ms)
    with pytest.raises(Invalid, match="connect one"):
        outbox.retry(ani.access, mail.id, now_ms=asked.now_ms)
    assert states(mail) == ["failed"]
    connect(ani.user_id, ani.location_id, a_grant("new", "new@gmail.test"), now_ms=asked.now_ms)
    again = outbox.retry(ani.access, mail.id, now_ms=asked.now_ms)
    assert (again.state, again.reason, again.not_before_ms) == (OutboxState.WAITING, None, asked.now_ms)
    assert b"Halo" in outbox_work.message(asked.next(asked.held(mail)), asked.blobs)
    with pytest.raises(Conflict, match="waiting"):
        outbox.retry(ani.access, mail.id, now_ms=asked.now_ms)


@pytest.mark.parametrize(("was_sent", "then"), [(True, "sent"), (False, "waiting")])
def test_its_user_says_what_became_of_what_nobody_knows(ani, asked, was_sent, then):
    mail = asked.unknown(ani.location_id, ani.user_id)
    told = resolve(ani, asked, mail, was_sent=was_sent)
    assert (told.state, told.reason) == (OutboxState(then), "resolved")
    with pytest.raises(Conflict, match=then):
        resolve(ani, asked, mail, was_sent=was_sent)


def resolve(ani: Person, asked: Outbox, mail: outbox.EmailView, *, was_sent: bool) -> outbox.EmailView:
    return outbox.resolve(ani.access, mail.id, asked.blobs, CAPTURE_DOMAINS, was_sent=was_sent, now_ms=asked.now_ms)


def test_what_its_user_knows_to_be_sent_by_the_provider_is_recorded(store, ani, asked):
    mail = asked.post(ani.location_id, ani.user_id, kind=EmailKind.BULK)
    held = asked.held(mail)
    work = asked.begin(held)
    outbox_work.unsure(held, work.delivery_id, OutboxReason.NO_ANSWER, look_at_ms=None, now_ms=asked.now_ms)
    assert resolve(ani, asked, mail, was_sent=True).state is OutboxState.SENT
    (entry,) = store.entries(ani)
    assert (entry.email_id, entry.message.sent_at_ms) == (mail.id, asked.now_ms // 1000 * 1000)


def test_the_composed_bytes_go_once_the_sent_copy_is_filed_and_stay_of_what_failed(store, ani, asked):
    sent, failed = (asked.post(ani.location_id, ani.user_id, kind=EmailKind.BULK, text=text) for text in "ab")
    held = asked.held(sent)
    blobs = [bytes(row.blob_sha256) for row in Delivery.select().order_by(Delivery.id)]
    asked.relay(held)
    outbox_work.failed(held, asked.begin(held).delivery_id, OutboxReason.REFUSED, now_ms=asked.now_ms)
    erasure.sweep(store.blobs)
    assert store.blobs.missing(blobs) == blobs[:1]
    assert (outbox.get(ani.access, sent.id).text, outbox.get(ani.access, failed.id).text) == ("", "b")


def test_who_sees_which_emails(store, ani, asked):
    """F3: one's own, all of the location for its admins; what is sent is in a conversation, for all members."""
    bagus, admin = (store.user(f"{name}@firma.example", ani.location_id) for name in ("bagus", "dewi"))
    boss = Access(admin.user_id, {ani.location_id: Role.ADMIN})
    mail = asked.post(ani.location_id, ani.user_id)

    def listed(access: Access) -> list[int]:
        return [one.id for one in outbox.list_for(access, ani.location_id, PageRequest()).items]

    assert (listed(ani.access), listed(boss), listed(bagus.access)) == ([mail.id], [mail.id], [])
    with pytest.raises(NotFound):
        outbox.get(bagus.access, mail.id)
    with pytest.raises(Forbidden):
        outbox.cancel(boss, mail.id, now_ms=asked.now_ms)
    root = outbox.get(Access(bagus.user_id, {}, installation_admin=True), mail.id)
    assert (root.state, root.subject, root.text, root.to) == (OutboxState.WAITING, "", "", [])
    with pytest.raises(NotFound):
        outbox.list_for(store.user("xena@lain.example", store.location("Lain")).access, ani.location_id, PageRequest())


def test_lists_are_paged_newest_first_and_by_state(ani, asked):
    mails = [asked.post(ani.location_id, ani.user_id).id for _ in range(5)]
    for gone in mails[::2]:
        outbox.cancel(ani.access, gone, now_ms=asked.now_ms)
    found, after = [], None
    while True:
        page = outbox.list_for(ani.access, ani.location_id, PageRequest(2, after), state=OutboxState.CANCELLED)
        found += [one.id for one in page.items]
        after = page.next
        if after is None:
            break
    assert found == mails[::2][::-1]
    assert [one.id for one in outbox.list_for(ani.access, ani.location_id, PageRequest()).items] == mails[::-1]
