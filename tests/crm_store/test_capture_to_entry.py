"""From a received mail to an entry in a conversation, on both databases."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from mails import a_mail
from store import Person, Store

from crm_store import capture_work, conversations, decisions, locations, receiving, users
from crm_store.access import Access
from crm_store.database.session import connected
from crm_store.errors import NotFound
from crm_store.mail.read import read
from crm_store.models.captures import Capture, Receipt
from crm_store.models.contacts import Contact, Thread
from crm_store.models.messages import Blob, Entry, Message, Sighting
from crm_store.paging import PageRequest
from crm_store.rules.states import CaptureState
from crm_store.users import UserSettings
from gateway.capture.worker import CaptureWorker

BUDI = "Budi Santoso <budi@pelanggan.example>"
CITRA = "Citra <citra@pelanggan.example>"


def test_a_mail_to_a_new_prospect_makes_contact_conversation_thread_and_outbound_entry(store: Store, ani: Person):
    store.capture(a_mail(to=BUDI, subject="Penawaran", message_id="<one@firma.example>"), ani.bcc)

    (conversation,) = store.conversations(ani)
    assert conversation.contact.details.name == "Budi Santoso"
    assert conversation.contact.details.addresses == ["budi@pelanggan.example"]
    assert conversation.contact.source == "bcc"
    assert (conversation.threads, conversation.unread) == (1, 0)
    (entry,) = store.entries(ani)
    assert (entry.direction, entry.paths, entry.rule) == ("outbound", ["bcc"], "C2")
    assert entry.message.message_id == "one@firma.example"
    assert entry.message.subject == "Penawaran"
    assert "Selamat pagi" in entry.message.text
    assert [to.contact_id for to in entry.message.to] == [conversation.contact.id]


def test_a_reply_goes_into_the_thread_though_its_subject_changed(store: Store, ani: Person):
    store.capture(a_mail(message_id="<one@firma.example>"), ani.bcc)
    store.capture(a_mail(subject="Lain hal", message_id="<two@firma.example>", answers="<one@firma.example>"), ani.bcc)

    one, two = store.entries(ani)
    assert one.thread_id == two.thread_id
    assert two.rule == "B9"
    assert store.conversations(ani)[0].threads == 1


def test_an_answer_that_comes_before_its_root_is_one_thread_with_it(store: Store, ani: Person):
    store.capture(a_mail(message_id="<two@firma.example>", answers="<one@firma.example>"), ani.bcc)
    store.capture(a_mail(message_id="<one@firma.example>"), ani.bcc)

    assert len({entry.thread_id for entry in store.entries(ani)}) == 1


def test_two_threads_become_one_when_a_message_refers_to_both(store: Store, ani: Person):
    store.capture(a_mail(message_id="<one@firma.example>"), ani.bcc)
    store.capture(a_mail(message_id="<two@firma.example>"), ani.bcc)
    assert store.conversations(ani)[0].threads == 2

    both = "<one@firma.example> <two@firma.example>"
    store.capture(a_mail(message_id="<three@firma.example>", answers="<two@firma.example>", references=both), ani.bcc)

    assert len({entry.thread_id for entry in store.entries(ani)}) == 1
    assert store.conversations(ani)[0].threads == 1
    assert Thread.select().count() == 1


def test_a_forward_to_somebody_else_starts_a_thread_in_their_tab(store: Store, ani: Person):
    store.capture(a_mail(to=BUDI, message_id="<one@firma.example>"), ani.bcc)
    store.capture(a_mail(to=CITRA, message_id="<two@firma.example>", references="<one@firma.example>"), ani.bcc)

    assert len(store.conversations(ani)) == 2
    assert len({entry.thread_id for entry in store.entries(ani)}) == 2


def test_a_reply_all_of_the_prospect_to_a_shown_address_is_inbound_and_unread(store: Store, ani: Person):
    store.capture(a_mail(to=BUDI, cc=ani.bcc, message_id="<one@firma.example>"), ani.bcc)
    reply = a_mail(BUDI, to="ani@firma.example", cc=ani.bcc, message_id="<two@p>", answers="<one@firma.example>")
    store.capture(reply, ani.bcc)

    entry = store.entries(ani)[1]
    assert (entry.direction, entry.rule, entry.unread) == ("inbound", "C5", True)
    assert store.conversations(ani)[0].unread == 1
    assert conversations.mark_read(ani.access, entry.conversation_id, now_ms=store.now_ms).unread == 0
    assert not store.entries(ani)[1].unread


def test_the_bcc_address_is_never_shown_as_a_recipient(store: Store, ani: Person):
    store.capture(a_mail(to=f"{BUDI}, {ani.bcc}", cc=ani.bcc), ani.bcc)

    message = store.entries(ani)[0].message
    shown = [party.address for party in (*message.to, *message.cc, *message.bcc)]
    assert shown == ["budi@pelanggan.example"]


def test_nobody_in_cc_becomes_a_contact(store: Store, ani: Person):
    store.capture(a_mail(to=BUDI, cc=CITRA), ani.bcc)

    assert [contact.name for contact in Contact.select()] == ["Budi Santoso"]
    (cc,) = store.entries(ani)[0].message.cc
    assert (cc.name, cc.contact_id) == ("Citra", None)


def test_mail_of_two_locations_is_one_message_with_an_entry_in_each(store: Store, ani: Person):
    dewi = store.user("dewi@firma.example", store.location("Toko Dewi"))
    elsewhere = store.user("ani2@firma.example", dewi.location_id)
    users_identity_of(ani, elsewhere)
    store.capture(a_mail(), ani.bcc, elsewhere.bcc)

    (here,), (there,) = store.entries(ani), store.entries(dewi)
    assert here.message.id == there.message.id
    assert here.id != there.id
    assert (Message.select().count(), Entry.select().count(), Sighting.select().count(), Blob.select().count()) == (
        1, 2, 2, 1,
    )  # fmt: skip


def users_identity_of(owner: Person, other: Person) -> None:
    """Let `other` write under the address of `owner`, as one person with two logins would."""
    from crm_store.models.people import Identity
    from crm_store.rules.address import fold_identity

    Identity.create(
        user_id=other.user_id, address=owner.email, folded=fold_identity(owner.email), origin="alias", created_at_ms=0
    )


def test_the_same_mail_again_is_the_same_entry(store: Store, ani: Person):
    raw = a_mail()
    store.capture(raw, ani.bcc)
    store.capture(raw, ani.bcc)
    store.capture(raw.replace(b"Selamat", b"[EXTERNAL]\r\nSelamat") + b"\r\n-- \r\nGateway footer\r\n", ani.bcc)

    assert Message.select().count() == 1
    assert len(store.entries(ani)) == 1
    assert Receipt.select().count() == 3


def test_another_text_under_the_same_message_id_is_a_message_of_its_own_and_both_are_marked(store: Store, ani: Person):
    store.capture(a_mail(text="Satu", message_id="<x@y>"), ani.bcc)
    store.capture(a_mail(text="Dua", message_id="<x@y>"), ani.bcc)

    assert [entry.marks for entry in store.entries(ani)] == [["duplicate_id"], ["duplicate_id"]]


def test_mail_without_a_message_id_or_date_is_recorded(store: Store, ani: Person):
    store.capture(a_mail(message_id="", date=None), ani.bcc)

    (entry,) = store.entries(ani)
    assert (entry.message.message_id, entry.message.sent_at_ms) == (None, None)


@pytest.mark.parametrize(
    ("raw", "peer", "rule", "reason"),
    [
        pytest.param(a_mail(), "192.0.2.7", "C4", "not-authenticated", id="no trusted relay vouches"),
        pytest.param(a_mail(BUDI, to=CITRA), "127.0.0.1", "C4", "sender-not-allowed", id="a stranger"),
        pytest.param(a_mail(to=None), "127.0.0.1", "C6", "only-to-bcc-address", id="to the BCC address alone"),
        pytest.param(
            a_mail(to="Ani <ani@firma.example>", cc=CITRA),
            "127.0.0.1", "C2", "no-outside-recipient", id="nobody outside in To, a stranger in Cc",
        ),
        pytest.param(b"\x00\xff no mail at all", "127.0.0.1", "C4", "no-author", id="not a mail"),
    ],
)  # fmt: skip
def test_what_nobody_vouches_for_is_held_with_its_reason(store, ani, raw, peer, rule, reason):
    store.capture(raw, ani.bcc, peer=peer)

    (capture,) = Capture.select()
    assert (capture.state, capture.rule, capture.reason) == ("held", rule, reason)
    assert store.blobs.read(bytes(capture.blob_sha256)) == raw
    assert store.entries(ani) == []


def test_internal_mail_leaves_ids_and_the_rule_and_nothing_else(store: Store, ani: Person):
    store.user("bagus@firma.example", ani.location_id)
    raw = a_mail(to="Bagus <bagus@firma.example>", subject="RAHASIA", message_id="<intern@firma.example>")
    received = store.capture(raw, ani.bcc)

    (capture,) = Capture.select()
    assert (capture.state, capture.rule, capture.message_id) == ("ignored", "B5", "intern@firma.example")
    kept = [capture.blob_sha256, capture.subject, capture.author_address, capture.author_name, capture.envelope_from]
    assert kept == [None] * 5
    assert store.blobs.missing([received.sha256]) == [received.sha256]
    (decision,) = decisions.explain(ani.access, "<intern@firma.example>", PageRequest()).items
    assert (decision.outcome, decision.rule, decision.entry_id) == ("ignored", "B5", None)


def test_internal_mail_with_a_customer_in_cc_is_recorded_for_the_customer(store: Store, ani: Person):
    store.user("bagus@firma.example", ani.location_id)
    store.capture(a_mail(to=BUDI, message_id="<one@f>"), ani.bcc)
    store.capture(a_mail(to="bagus@firma.example", cc=BUDI, message_id="<two@f>"), ani.bcc)

    assert len(store.conversations(ani)) == 1
    assert len(store.entries(ani)) == 2


def test_a_plus_tag_of_the_owner_may_write(store: Store, ani: Person):
    store.capture(a_mail("Ani <Ani+crm@FIRMA.example>"), ani.bcc)

    assert len(store.entries(ani)) == 1


def test_a_segment_that_is_read_twice_files_nothing_twice(store: Store, ani: Person):
    received = store.received(a_mail(), ani.bcc)
    assert receiving.receive([received], store.blobs, now_ms=store.now_ms) == 1
    assert receiving.receive([received], store.blobs, now_ms=store.now_ms) == 0
    store.worker.work()

    assert (Receipt.select().count(), Capture.select().count(), Entry.select().count()) == (1, 1, 1)


def test_mail_for_postmaster_is_held_for_the_installation(store: Store, ani: Person):
    store.capture(a_mail(), "postmaster@capture.localhost", ani.bcc)

    held, recorded = Capture.select().order_by(Capture.state)
    assert (held.state, held.location_id, held.reason) == ("held", None, "to-postmaster")
    assert recorded.state == CaptureState.RECORDED


def test_explain_tells_each_location_its_own_decision_only(store: Store, ani: Person):
    dewi = store.user("dewi@firma.example", store.location("Toko Dewi"))
    store.capture(a_mail(message_id="<one@firma.example>"), ani.bcc, dewi.bcc)

    for person, outcome in ((ani, "recorded"), (dewi, "held")):
        (decision,) = decisions.explain(person.access, "one@firma.example", PageRequest()).items
        assert (decision.location_id, decision.outcome) == (person.location_id, outcome)
    assert decisions.explain(Access(999, {}), "one@firma.example", PageRequest()).items == []


def test_a_stranger_finds_neither_conversation_nor_entry_nor_raw_mail(store: Store, ani: Person):
    dewi = store.user("dewi@firma.example", store.location("Toko Dewi"))
    store.capture(a_mail(), ani.bcc)
    (entry,) = store.entries(ani)

    for ask in (
        lambda: conversations.get(dewi.access, entry.conversation_id),
        lambda: conversations.entries(dewi.access, entry.conversation_id, PageRequest()),
        lambda: conversations.entry(dewi.access, entry.id),
        lambda: conversations.raw(dewi.access, entry.id, store.blobs),
        lambda: locations.get(dewi.access, ani.location_id),
    ):
        with pytest.raises(NotFound):
            ask()


def test_raw_mail_and_attachments_come_back_byte_for_byte(store: Store, ani: Person):
    raw = a_mail(attachment=b"%PDF-1.7 \x00\x01")
    store.capture(raw, ani.bcc)

    (entry,) = store.entries(ani)
    assert conversations.raw(ani.access, entry.id, store.blobs) == raw
    (attached,) = entry.message.attachments
    file = conversations.attachment(ani.access, attached.id, store.blobs)
    assert (file.name, file.content_type, file.content) == ("penawaran.pdf", "application/pdf", b"%PDF-1.7 \x00\x01")


def test_workers_at_once_file_each_mail_once(store: Store, ani: Person):
    """40 mails of one thread and one prospect, taken by four workers: one contact, one thread, 40 entries."""
    root = "<root@firma.example>"
    mails = [store.received(a_mail(message_id=f"<m{n}@f>", answers=root, text=f"mail {n}"), ani.bcc) for n in range(40)]
    receiving.receive(mails, store.blobs, now_ms=store.now_ms)

    def work(_: int) -> None:
        with connected():
            worker = CaptureWorker(store.settings, store.blobs)
            while worker.work():
                pass

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    assert capture_work.due_in_ms(now_ms=store.now_ms) is None
    assert len(store.entries(ani)) == 40
    assert Contact.select().count() == 1
    assert len({entry.thread_id for entry in store.entries(ani)}) == 1


def test_what_a_clock_that_was_ahead_put_off_is_taken_now(store: Store, ani: Person):
    """It was set back five hours since; a pause of ours stays one."""
    receiving.receive([store.received(a_mail(), ani.bcc)], store.blobs, now_ms=store.now_ms)
    assert capture_work.due_in_ms(now_ms=store.now_ms - capture_work.LAST_RETRY_MS) == capture_work.LAST_RETRY_MS
    assert capture_work.claim(now_ms=store.now_ms - capture_work.LAST_RETRY_MS) == []
    set_back_ms = store.now_ms - 5 * 3_600_000
    assert capture_work.due_in_ms(now_ms=set_back_ms) == 0
    assert len(capture_work.claim(now_ms=set_back_ms)) == 1
    assert capture_work.due_in_ms(now_ms=set_back_ms) == capture_work.LEASE_MS


def test_one_mail_to_two_locations_sixty_times_at_once_is_one_message_and_two_entries(store: Store, ani: Person):
    twin = store.user("ani@firma.example", store.location("Toko Dua"), user_id=ani.user_id)
    raw = a_mail(message_id="<one@firma.example>")
    mails = [store.received(raw, ani.bcc, twin.bcc) for _ in range(60)]

    def deliver(mail: receiving.ReceivedMail) -> None:
        with connected():
            receiving.receive([mail], store.blobs, now_ms=store.now_ms)
            CaptureWorker(store.settings, store.blobs).work()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(deliver, mails))
    while store.worker.work():
        pass
    assert (Message.select().count(), Entry.select().count(), Receipt.select().count()) == (1, 2, 60)
    assert Capture.select().where(Capture.state == "recorded").count() == 120
    assert Contact.select().count() == 2


def test_a_worker_that_lost_its_lease_files_nothing(store: Store, ani: Person):
    raw = a_mail()
    store.receive(raw, ani.bcc)
    worker = CaptureWorker(store.settings, store.blobs)
    (late,) = capture_work.claim(now_ms=store.now_ms)
    (early,) = capture_work.claim(now_ms=store.now_ms + capture_work.LEASE_MS)
    late_read, early_read = worker._reads([late, early])

    with pytest.raises(capture_work.LeaseLost):
        capture_work.settle([late_read], now_ms=store.now_ms)
    assert Entry.select().count() == 0
    capture_work.settle([early_read], now_ms=store.now_ms)
    assert Entry.select().count() == 1


def test_a_poisoned_mail_holds_up_no_other(store: Store, ani: Person):
    good = [store.receive(a_mail(text=f"baik {n}"), ani.bcc) for n in range(3)]
    bad = store.receive(a_mail(text="hilang"), ani.bcc)
    store.blobs.delete(bad.sha256)
    store.worker.work()

    states = {bytes(c.blob_sha256): c.state for c in Capture.select()}
    assert [states[mail.sha256] for mail in good] == ["recorded"] * 3
    failed = Capture.get(Capture.blob_sha256 == bad.sha256)
    assert failed.state == "failed"
    assert failed.next_try_at_ms > store.now_ms


def test_a_user_who_left_stays_internal_for_ninety_days(store: Store, ani: Person):
    from crm_store import facts
    from crm_store.models.people import Membership

    bagus = store.user("bagus@firma.example", ani.location_id)
    Membership.update(left_at_ms=store.now_ms).where(Membership.user_id == bagus.user_id).execute()
    day = 86_400_000
    asked = {"bagus@firma.example"}

    assert facts.internal_among(ani.location_id, asked, now_ms=store.now_ms + 89 * day) == asked
    assert facts.internal_among(ani.location_id, asked, now_ms=store.now_ms + 91 * day) == frozenset()


def test_users_with_one_login_are_refused(store: Store, ani: Person):
    from crm_store.errors import Conflict

    with pytest.raises(Conflict):
        users.add("ANI@firma.example", UserSettings("Ani"), password_hash=None, by=None, now_ms=store.now_ms)


def test_the_reader_agrees_with_what_is_filed(store: Store, ani: Person):
    raw = a_mail(subject="Ünïcode – Penawaran №5", text="Harga: Rp 1.000.000 €\n")
    store.capture(raw, ani.bcc)

    message = store.entries(ani)[0].message
    assert (message.subject, message.text) == (read(raw).subject, read(raw).text)


def test_a_worker_claims_no_more_than_it_reads_within_its_lease(store: Store, ani: Person, monkeypatch):
    for n in range(5):
        store.receive(a_mail(text=f"surat {n} " + "x" * 1000), ani.bcc)
    monkeypatch.setattr(capture_work, "MAX_CLAIMED_BYTES", 3000)

    assert [len(capture_work.claim(now_ms=store.now_ms)) for _ in range(4)] == [2, 2, 1, 0]
    monkeypatch.setattr(capture_work, "MAX_CLAIMED_BYTES", 10)
    assert len(capture_work.claim(now_ms=store.now_ms + capture_work.LEASE_MS)) == 1, "a large one is claimed alone"
