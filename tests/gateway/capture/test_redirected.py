"""C6 from the mail to the queue: redirected and auto-forwarded mail, and who is allowed to send such."""

import hashlib

import pytest
from dns_server import DnsServer
from mails import a_mail
from signed_mails import Signer, rsa_key
from store import Store

from crm_store import (
    capture_approval,
    capture_decisions,
    capture_queue,
    clock,
    contact_book,
    mailbox_filing,
    sender_list_changes,
)
from crm_store.capture_approval import Choice, MailSource
from crm_store.capture_views import CaptureView
from crm_store.contact_book import ContactDetails
from crm_store.errors import Invalid
from crm_store.mail.read import read
from crm_store.mailbox_filing import MailboxMail
from crm_store.paging import PageRequest
from crm_store.rules.parties import parties_of
from crm_store.rules.states import Role, SenderList

HER_HOST, ELSEWHERE = "198.51.100.9", "203.0.113.7"
PELANGGAN = Signer(rsa_key(), "pelanggan.example")
BUDI = "Budi <budi@pelanggan.example>"


class Desk:
    """Ani's mailbox sends on, and Olga works the queue."""

    def __init__(self, store: Store, dns: DnsServer) -> None:
        self.store = store
        store.now_ms = clock.now_ms()
        self.ani = store.user("ani@firma.example", store.location(), Role.ADMIN)
        dns.put("firma.example", "TXT", "v=spf1 ip4:198.51.100.0/24 -all")
        dns.put(f"{PELANGGAN.selector}._domainkey.{PELANGGAN.domain}", "TXT", PELANGGAN.record)

    def send(self, raw: bytes, *, mail_from: str = "ani@firma.example", peer: str = HER_HOST) -> CaptureView:
        self.store.receive(raw, self.ani.bcc, peer=peer, mail_from=mail_from)
        self.store.worker.work()
        (newest, *_) = self.captures()
        return newest

    def captures(self) -> list[CaptureView]:
        request = PageRequest(10)
        return capture_queue.list_for(self.ani.access, self.ani.location_id, request, now_ms=self.store.now_ms).items

    def allow(self, pattern: str = "ani@firma.example") -> None:
        where = (self.ani.access, self.ani.location_id, SenderList.ALLOWED, pattern)
        sender_list_changes.add(*where, now_ms=self.store.now_ms)

    def approve(self, capture_id: int, *, allow_sender: bool = False) -> CaptureView:
        source = MailSource(self.store.blobs, self.store.settings.capture_domains)
        choice = Choice(allow_sender=allow_sender)
        return capture_approval.approve(self.ani.access, capture_id, choice, source, now_ms=self.store.now_ms)

    def allowed(self) -> list[str]:
        kept = sender_list_changes.list_for(self.ani.access, self.ani.location_id, SenderList.ALLOWED, PageRequest())
        return [one.pattern for one in kept.items]


@pytest.fixture
def desk(store: Store, dns_server: DnsServer) -> Desk:
    return Desk(store, dns_server)


def redirected(**headers: str) -> bytes:
    """Budi's mail to Ani, with what a mailbox adds that sends it on."""
    return a_mail(BUDI, to="Ani <ani@firma.example>", subject="Pesanan", headers=headers, message_id="<r@pelanggan>")


def by_gmail(bcc: str) -> str:
    return f"ani+caf_={bcc.replace('@', '=')}@firma.example"


def test_a_filter_of_gmail_whose_mailbox_is_allowed_records_the_mail_as_inbound_from_its_author(desk: Desk):
    desk.allow()
    raw = redirected(**{"X-Forwarded-For": f"ani@firma.example {desk.ani.bcc}", "Delivered-To": "ani@firma.example"})
    view = desk.send(PELANGGAN.sign(raw), mail_from=by_gmail(desk.ani.bcc))
    assert (view.state, view.rule, view.reason_code) == ("recorded", "C6", "forwarded")
    (entry,) = desk.store.entries(desk.ani)
    assert (entry.direction, entry.rule, entry.unread) == ("inbound", "C6", True)
    assert [tab.contact.details.addresses for tab in desk.store.conversations(desk.ani)] == [["budi@pelanggan.example"]]


@pytest.mark.parametrize("peer", ["198.51.100.9", "127.0.0.1"], ids=["SPF", "a trusted relay"])
def test_outlook_that_redirects_keeps_from_and_says_who_in_resent_from(desk: Desk, peer: str):
    desk.allow()
    view = desk.send(redirected(**{"Resent-From": "Ani <ani@firma.example>"}), peer=peer)
    assert (view.state, view.rule) == ("recorded", "C6")


def test_without_leave_it_is_held_and_says_who_sent_it_on_and_whose_it_would_be(desk: Desk):
    view = desk.send(redirected(**{"Resent-From": "ani@firma.example"}))
    assert (view.state, view.rule, view.reason_code) == ("held", "C6", "forwarder-not-allowed")
    assert view.author is not None
    assert (view.author.address, view.envelope_from) == ("budi@pelanggan.example", "ani@firma.example")
    assert view.would is not None
    assert view.would.new is not None
    assert (view.would.new.address, view.would.forwarder) == ("budi@pelanggan.example", "ani@firma.example")
    assert "allow" in view.actions


def test_always_allow_lets_in_what_that_mailbox_sends_on_and_not_its_author(desk: Desk):
    view = desk.send(redirected(**{"Resent-From": "ani@firma.example"}))
    assert desk.approve(view.id, allow_sender=True).state == "recorded"
    assert desk.allowed() == ["ani@firma.example"]
    (tab,) = desk.store.conversations(desk.ani)
    assert tab.contact.details.addresses == ["budi@pelanggan.example"]
    next_one = a_mail(
        "Citra <citra@pelanggan.example>", to="ani@firma.example", headers={"Resent-From": "ani@firma.example"}
    )
    assert desk.send(next_one).state == "recorded"
    capture_decisions.undo(desk.ani.access, view.id, now_ms=desk.store.now_ms)
    assert desk.allowed() == []


@pytest.mark.parametrize(
    ("mail_from", "peer"),
    [
        pytest.param("budi@pelanggan.example", ELSEWHERE, id="the envelope is still its author's"),
        pytest.param("ani@firma.example", ELSEWHERE, id="a host that may not send for her domain"),
        pytest.param("", HER_HOST, id="a null sender"),
    ],
)
def test_who_sent_it_on_must_be_proven_and_the_authors_signature_does_not(desk: Desk, mail_from: str, peer: str):
    desk.allow()
    raw = PELANGGAN.sign(redirected()).replace(b"From:", b"Resent-From: ani@firma.example\r\nFrom:", 1)
    if not mail_from:
        raw = raw.replace(b"Resent-From", b"In-Reply-To: <x@y>\r\nResent-From")
    view = desk.send(raw, mail_from=mail_from, peer=peer)
    assert view.state == "held"
    if mail_from:
        assert (view.rule, view.reason_code) == ("C6", "forwarder-not-proven")
        assert "allow" not in view.actions
        with pytest.raises(Invalid, match="nothing proves"):
            desk.approve(view.id, allow_sender=True)


def test_another_of_her_domain_who_names_her_is_told_and_allowed_by_their_own_address(desk: Desk):
    desk.allow()
    view = desk.send(redirected(**{"Resent-From": "ani@firma.example"}), mail_from="lain@firma.example")
    assert (view.state, view.reason_code) == ("held", "forwarder-not-allowed")
    assert view.would is not None
    assert view.would.forwarder == "lain@firma.example"
    desk.approve(view.id, allow_sender=True)
    assert desk.allowed() == ["ani@firma.example", "lain@firma.example"]


def test_a_redirected_mail_among_members_is_confidential(desk: Desk):
    desk.store.user("bagus@firma.example", desk.ani.location_id)
    desk.allow()
    raw = a_mail("bagus@firma.example", to="ani@firma.example", headers={"Resent-From": "ani@firma.example"})
    view = desk.send(raw)
    assert (view.state, view.rule, view.subject) == ("ignored", "B5", None)


def test_a_colleagues_mail_that_is_redirected_is_outbound_to_its_first_outside_recipient(desk: Desk):
    desk.store.user("bagus@firma.example", desk.ani.location_id)
    desk.allow()
    to = f"ani@firma.example, {BUDI}"
    view = desk.send(a_mail("bagus@firma.example", to=to, headers={"Resent-From": "ani@firma.example"}))
    (entry,) = desk.store.entries(desk.ani)
    assert (view.rule, entry.direction) == ("C6", "outbound")


@pytest.mark.parametrize("gmail_first", [True, False])
def test_the_same_mail_by_gmail_ends_in_the_same_place_whichever_comes_first(desk: Desk, gmail_first: bool):
    """The Gmail path makes no contact, and gives it to the first one it knows; the redirected copy says whose it is."""
    desk.allow()
    details = ContactDetails(["citra@pelanggan.example"])
    contact_book.add(desk.ani.access, desk.ani.location_id, details, now_ms=desk.store.now_ms)
    raw = a_mail(BUDI, to="ani@firma.example", cc="citra@pelanggan.example", message_id="<both@pelanggan>")
    paths = [lambda: seen_by_gmail(desk, raw), lambda: desk.send(b"Resent-From: ani@firma.example\r\n" + raw)]
    for path in paths if gmail_first else paths[::-1]:
        path()
    (entry,) = desk.store.entries(desk.ani)
    (tab,) = desk.store.conversations(desk.ani)
    assert (entry.rule, entry.paths, tab.unread) == ("C6", ["bcc", "gmail"], 1)
    assert tab.contact.details.addresses == ["budi@pelanggan.example"]


def seen_by_gmail(desk: Desk, raw: bytes) -> None:
    mail, sha256 = read(raw), hashlib.sha256(raw).digest()
    parties = parties_of(mail, desk.store.settings.capture_domains)
    seen = MailboxMail(desk.ani.user_id, "g1", raw, sha256, mail, parties, desk.store.now_ms)
    mailbox_filing.file_from_mailbox(seen, desk.store.blobs, now_ms=desk.store.now_ms)


@pytest.mark.parametrize("allowed", [False, True])
@pytest.mark.parametrize(
    "sign",
    [
        {"Auto-Submitted": "auto-forwarded"},
        {"Auto-Submitted": "auto-generated"},
        {"X-MS-Exchange-Inbox-Rules-Loop": "ani@firma.example"},
    ],
    ids=lambda sign: next(iter(sign)),
)
def test_a_rule_that_forwards_to_the_bcc_address_needs_leave_too(desk: Desk, sign: dict[str, str], allowed: bool):
    """Though the address is her own: nobody looked at what it forwards."""
    if allowed:
        desk.allow()
    body = f"---------- Forwarded message ---------\nDari: {BUDI}\nDate: Sen, 23 Nov 2026 pukul 09.00\nSubject: Pesanan\nTo: ani@firma.example\n\n\nKami pesan dua.\n"
    view = desk.send(a_mail("ani@firma.example", to=desk.ani.bcc, subject="Fwd: Pesanan", text=body, headers=sign))
    if not allowed:
        assert (view.state, view.rule, view.reason_code) == ("held", "C6", "forwarder-not-allowed")
        assert "allow" in view.actions
        return
    (entry,) = desk.store.entries(desk.ani)
    assert (entry.direction, entry.rule, entry.automatic, entry.unread) == ("inbound", "C6", None, True)
