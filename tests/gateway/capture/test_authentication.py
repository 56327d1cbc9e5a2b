"""C4 from the mail to the queue: who is let in, who is held, with which sentence; and what waits for the DNS."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from dns_server import DnsServer, Manners
from mails import a_mail
from signed_mails import Signer, rsa_key
from store import Person, Store

from crm_store import capture_queue, clock
from crm_store.capture_views import CaptureView
from crm_store.models.captures import Capture
from crm_store.paging import PageRequest
from crm_store.rules.states import CaptureState, Role
from gateway.capture import worker as capture_worker
from gateway.sender_auth import authenticate

INTERNET = "203.0.113.7"
FIRMA, GMAIL = Signer(rsa_key()), Signer(rsa_key(), "gmail.com")
BUDI = "Budi <budi@pelanggan.example>"
DAY_MS = 86_400_000


@dataclass
class World:
    store: Store
    ani: Person
    dns: DnsServer

    def send(self, raw: bytes, *, mail_from: str = "ani@firma.example", peer: str = INTERNET) -> CaptureView:
        self.store.receive(raw, self.ani.bcc, peer=peer, mail_from=mail_from)
        self.store.worker.work()
        return self.newest()

    def newest(self) -> CaptureView:
        return self.newest_to(self.ani)

    def newest_to(self, person: Person) -> CaptureView:
        now_ms = clock.now_ms()
        return capture_queue.list_for(person.access, person.location_id, PageRequest(1), now_ms=now_ms).items[0]

    def due_now(self) -> None:
        Capture.update(next_try_at_ms=0).where(Capture.next_try_at_ms.is_null(False)).execute()


@pytest.fixture
def world(store: Store, ani: Person, dns_server: DnsServer) -> World:
    """Budi's and Ani's houses publish keys; firma.example asks to reject what is forged."""
    for signer in (FIRMA, GMAIL):
        dns_server.put(f"{signer.selector}._domainkey.{signer.domain}", "TXT", signer.record)
    dns_server.put("_dmarc.firma.example", "TXT", "v=DMARC1; p=reject")
    dns_server.put("firma.example", "TXT", "v=spf1 ip4:198.51.100.0/24 -all")
    store.now_ms = clock.now_ms()
    return World(store, ani, dns_server)


Case = Callable[[World], CaptureView]


def case(send: Case, state: str, reason: str, sentence: str, name: str) -> object:
    return pytest.param(send, state, reason, sentence, id=name)


@pytest.mark.parametrize(
    ("send", "state", "reason", "sentence"),
    [
        case(lambda w: w.send(FIRMA.sign(a_mail())), "recorded", "new-contact", "DKIM of firma.example passed, which vouches for firma.example.", "her own signature"),
        case(lambda w: w.send(a_mail(), peer="198.51.100.9"), "recorded", "new-contact", "SPF of firma.example lets 198.51.100.9 send, which vouches for firma.example.", "a host of her own"),
        case(lambda w: w.send(GMAIL.sign(FIRMA.sign(a_mail()))), "recorded", "new-contact", "DKIM of firma.example passed, which vouches for firma.example.", "her signature under somebody else's"),
        case(lambda w: w.send(a_mail()), "held", "not-authenticated", "It carries no DKIM signature. SPF of firma.example does not let 203.0.113.7 send. firma.example asks to reject such mail (DMARC). That happens when another server forwards the mail, and also when somebody forges it.", "a forger, or a forwarder who breaks SPF"),
        case(lambda w: w.send(FIRMA.sign(a_mail()).replace(b"penawaran kami", b"penawaran KAMI [milis]"), mail_from="milis@list.example"), "held", "not-authenticated", "DKIM of firma.example failed: the text is not the one that was signed. list.example publishes no SPF. firma.example asks to reject such mail (DMARC). The text was changed on its way, as mailing lists and some gateways do.", "a list that breaks DKIM"),
        case(lambda w: w.send(GMAIL.sign(a_mail()), mail_from="x@gmail.com"), "held", "not-authenticated", "DKIM of gmail.com passed; it is not aligned with firma.example. gmail.com publishes no SPF. firma.example asks to reject such mail (DMARC).", "signed by another house"),
        case(lambda w: w.send(FIRMA.sign(a_mail(), l="0")), "held", "not-authenticated", "DKIM of firma.example does not count: it leaves part of the text unsigned. SPF of firma.example does not let 203.0.113.7 send. firma.example asks to reject such mail (DMARC). That happens when another server forwards the mail, and also when somebody forges it.", "a signature over no text"),
        case(lambda w: w.send(FIRMA.sign(a_mail("Ani <ani@firma.example>, Budi <budi@pelanggan.example>"))), "held", "not-authenticated", "It names several senders, so nothing can vouch for one of them.", "two senders in one From"),
        case(lambda w: w.send(b"From: x@jahat.test\r\n" + FIRMA.sign(a_mail())), "held", "not-authenticated", "It names several senders, so nothing can vouch for one of them.", "a second From field"),
        case(lambda w: w.send(GMAIL.sign(a_mail("ani@firma.example <x@gmail.com>")), mail_from="x@gmail.com"), "held", "name-imitates", "DKIM of gmail.com passed, which vouches for gmail.com.", "her address as a stranger's name"),
        case(lambda w: w.send(GMAIL.sign(a_mail("Ani <ani@gmail.com>")), mail_from="x@gmail.com"), "held", "sender-not-allowed", "DKIM of gmail.com passed, which vouches for gmail.com.", "a stranger who is really they"),
        case(lambda w: w.send(a_mail("Ani <ani@f1rma.example>"), mail_from="ani@f1rma.example"), "held", "domain-imitates", "It carries no DKIM signature. f1rma.example publishes no SPF.", "a domain that looks like hers"),
        case(lambda w: w.send(a_mail(""), mail_from="x@tanpa-spf.example"), "held", "no-author", "It names no address as its sender, so nothing can vouch for it.", "nobody wrote it"),
    ],
)  # fmt: skip
def test_who_is_let_in_and_what_is_said_of_it(world: World, send: Case, state: str, reason: str, sentence: str) -> None:
    view = send(world)
    assert view.authentication is not None
    assert (view.state, view.reason_code, view.authentication.verdict) == (state, reason, sentence)
    assert (len(world.store.entries(world.ani)) == 1) is (state == "recorded")


def test_results_are_words_of_rfc_8601_and_a_field_of_that_name(world: World) -> None:
    view = world.send(GMAIL.sign(FIRMA.sign(a_mail())))
    assert view.authentication is not None
    assert (view.authentication.spf, view.authentication.dkim, view.authentication.dmarc) == ("fail", "pass", "pass")
    assert view.authentication.header.split(";\n\t") == [
        "Authentication-Results: capture.localhost",
        "spf=fail smtp.mailfrom=firma.example",
        "dkim=pass header.d=firma.example header.s=s1",
        "dkim=pass header.d=gmail.com header.s=s1",
        "dmarc=pass header.from=firma.example policy.dmarc=reject",
    ]


def test_results_that_a_mail_brings_along_are_not_believed(world: World) -> None:
    claim = b"Authentication-Results: capture.localhost; dkim=pass header.d=firma.example; dmarc=pass\r\n"
    view = world.send(claim + a_mail())
    assert (view.state, view.reason_code) == ("held", "not-authenticated")


def test_always_allow_is_not_offered_where_nothing_proves_who_it_is(world: World) -> None:
    operator = world.store.user("olga@firma.example", world.ani.location_id, Role.OPERATOR)
    for raw in (a_mail(), GMAIL.sign(a_mail("ani@firma.example <x@gmail.com>"))):
        world.send(raw)
        view = world.newest_to(operator)
        assert "approve" in view.actions
        assert "allow" not in view.actions


@pytest.mark.parametrize("manners", [Manners.SERVFAIL, Manners.SILENT])
def test_what_the_dns_does_not_answer_is_asked_again_and_then_let_in(world: World, manners: Manners) -> None:
    world.dns.behave("s1._domainkey.firma.example", manners)
    began_ms = clock.now_ms()
    view = world.send(FIRMA.sign(a_mail()), mail_from="x@tanpa-spf.example")
    assert (view.state, view.rule, view.reason_code) == ("received", "C4", "authentication-waits")
    assert view.next_try_at_ms is not None
    assert view.next_try_at_ms > began_ms
    assert view.authentication is not None
    assert view.authentication.verdict.startswith("The DNS did not answer what has to be asked about firma.example")
    assert world.store.entries(world.ani) == []

    world.dns.behave("s1._domainkey.firma.example", Manners.HONEST)
    world.store.worker.close()
    world.store.worker = capture_worker.CaptureWorker(world.store.settings, world.store.blobs)  # it has no memory
    world.due_now()
    world.store.worker.work()
    assert world.newest().state == CaptureState.RECORDED
    assert len(world.store.entries(world.ani)) == 1


def test_after_a_day_of_silence_a_person_is_asked(world: World) -> None:
    world.dns.behave("s1._domainkey.firma.example", Manners.SERVFAIL)
    world.store.now_ms = clock.now_ms() - capture_worker.PATIENCE_MS + 60_000
    view = world.send(FIRMA.sign(a_mail()), mail_from="x@tanpa-spf.example")
    assert view.state == CaptureState.RECEIVED
    Capture.update(received_at_ms=Capture.received_at_ms - 60_000).execute()
    world.due_now()
    world.store.worker.work()
    view = world.newest()
    assert (view.state, view.reason_code) == ("held", "not-authenticated")
    assert view.authentication is not None
    assert view.authentication.verdict == "The DNS did not answer for a day what had to be asked about firma.example."
    assert view.next_try_at_ms is None


def test_a_silent_dns_holds_up_no_other_mail(world: World) -> None:
    """One second for the batch, however many wait in it."""
    for number in range(20):
        world.dns.behave(f"lambat{number}.example", Manners.SILENT)
        world.dns.behave(f"_dmarc.lambat{number}.example", Manners.SILENT)
        raw = a_mail(f"x@lambat{number}.example", text=f"lambat {number}")
        world.store.receive(raw, world.ani.bcc, peer=INTERNET, mail_from=f"x@lambat{number}.example")
    world.store.receive(FIRMA.sign(a_mail(text="cepat")), world.ani.bcc, peer=INTERNET)
    began_s = time.monotonic()
    world.store.worker.work()
    took_s = time.monotonic() - began_s
    assert took_s < authenticate.PATIENCE_S + 15  # one after the other they would take a second each
    assert [entry.message.text.strip() for entry in world.store.entries(world.ani)] == ["cepat"]
    assert Capture.select().where(Capture.state == "received").count() == 20


def test_what_was_asked_for_one_mail_is_known_for_the_next(world: World) -> None:
    for text in ("satu", "dua", "tiga"):
        world.send(FIRMA.sign(a_mail(text=text)))
    assert world.dns.times_asked("s1._domainkey.firma.example") == 1
    assert world.dns.times_asked("_dmarc.firma.example") == 1


def test_a_mail_that_takes_too_much_work_is_held_and_the_next_one_goes_on(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = FIRMA.sign(a_mail(text="x" * 4_000_000))
    monkeypatch.setattr(authenticate, "CPU_LIMIT_S", 0.000_5)
    view = world.send(slow)
    assert view.authentication is not None
    assert (view.state, view.authentication.verdict) == (
        "held", "Checking its signatures took more work than any mail is given."
    )  # fmt: skip
    monkeypatch.setattr(authenticate, "CPU_LIMIT_S", 3.0)
    assert world.send(FIRMA.sign(a_mail())).state == CaptureState.RECORDED
