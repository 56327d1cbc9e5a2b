"""Batches of mail to their verdicts: what is asked of the DNS, what waits, and what seals are worth."""

from collections.abc import Callable, Iterator

import pytest
from dns_server import DnsServer, Manners
from mails import a_mail
from signed_mails import Signer, ed25519_key, rsa_key

from crm_store.mail.read import read
from crm_store.rules.verdict import Authenticity, Basis, Verdict, from_kept, kept_form
from crm_store.settings import load
from crm_store.verdict_wording import verdict_sentence
from gateway.sender_auth import authenticate
from gateway.sender_auth.authenticate import Authenticator, Sent
from gateway.sender_auth.checks import QUESTIONS, Envelope

PEER = "203.0.113.7"
NOW_MS = 1_800_000_000_000
FIRMA, LIST = Signer(rsa_key()), Signer(ed25519_key(), "list.example")


def sent(raw: bytes, *, peer: str = PEER, mail_from: str = "milis@list.example") -> Sent:
    return Sent(raw, read(raw), Envelope(peer, "mx.list.example", mail_from, NOW_MS))


@pytest.fixture
def authenticator(dns_server: DnsServer) -> Iterator[Callable[..., Authenticator]]:
    """authenticator(TRUSTED_SEALERS=…): it asks the DNS server of the test, where FIRMA and LIST publish their keys."""
    for signer in (FIRMA, LIST):
        dns_server.put(f"{signer.selector}._domainkey.{signer.domain}", "TXT", signer.record)
    made: list[Authenticator] = []

    def make(**settings: str) -> Authenticator:
        environ = {f"SUNNYDAY_{name}": value for name, value in settings.items()}
        made.append(Authenticator(load({"SUNNYDAY_RESOLVER": dns_server.address, **environ})))
        return made[-1]

    yield make
    for one in made:
        one.close()


def only(verdicts: list[Verdict | None]) -> Verdict:
    (verdict,) = verdicts
    assert verdict is not None
    return verdict


def through_a_list(results: str = "list.example; dkim=pass header.d=firma.example") -> bytes:
    """FIRMA's mail as a list changed it, and sealed what it had found."""
    changed = FIRMA.sign(a_mail()).replace(b"penawaran kami", b"penawaran kami [milis]")
    return LIST.seal(changed, results)


def test_a_trusted_sealer_is_evidence_in_the_sentence_and_lets_nothing_in(
    authenticator: Callable[..., Authenticator],
) -> None:
    verdict = only(authenticator(TRUSTED_SEALERS="list.example").verdicts([sent(through_a_list())]))
    assert verdict.authenticity is Authenticity.NOT_AUTHENTICATED
    assert verdict.arc is not None
    assert (verdict.arc.result, verdict.arc.sealer, verdict.arc.trusted) == ("pass", "list.example", True)
    assert verdict_sentence(verdict, "en").endswith(
        "The trusted sealer list.example had found (ARC): list.example; dkim=pass header.d=firma.example"
    )
    assert "arc=pass" in verdict.header


def test_who_is_no_trusted_sealer_is_not_quoted(authenticator: Callable[..., Authenticator]) -> None:
    verdict = only(authenticator(TRUSTED_SEALERS="lain.example").verdicts([sent(through_a_list())]))
    assert verdict.arc is not None
    assert not verdict.arc.trusted
    assert "ARC" not in verdict_sentence(verdict, "en")


def test_without_trusted_sealers_nothing_is_asked_about_seals(
    authenticator: Callable[..., Authenticator], dns_server: DnsServer
) -> None:
    verdict = only(authenticator().verdicts([sent(through_a_list(), mail_from="")]))
    assert verdict.arc is None
    assert dns_server.times_asked("s1._domainkey.list.example") == 0


def test_a_relay_that_is_trusted_vouches_and_nothing_is_asked(
    authenticator: Callable[..., Authenticator], dns_server: DnsServer
) -> None:
    relay = authenticator(TRUSTED_RELAYS="203.0.113.0/24")
    for peer in (PEER, f"::ffff:{PEER}"):
        verdict = only(relay.verdicts([sent(a_mail(), peer=peer)]))
        assert (verdict.authenticity, verdict.basis) == (Authenticity.AUTHENTICATED, Basis.TRUSTED_RELAY)
    assert dns_server.asked == []


@pytest.mark.parametrize("peer", ["", "unix:/run/lmtp", "203.0.113.999", "list"])
def test_a_host_without_an_address_is_no_relay_and_passes_no_spf(
    authenticator: Callable[..., Authenticator], dns_server: DnsServer, peer: str
) -> None:
    dns_server.put("list.example", "TXT", "v=spf1 +all")
    verdict = only(authenticator(TRUSTED_RELAYS="0.0.0.0/0").verdicts([sent(a_mail("x@list.example"), peer=peer)]))
    assert verdict.authenticity is Authenticity.NOT_AUTHENTICATED


def test_verdicts_come_in_the_order_of_the_mails(authenticator: Callable[..., Authenticator]) -> None:
    mails = [FIRMA.sign(a_mail()), a_mail(), FIRMA.sign(a_mail(text="dua")), a_mail("a@a.example, b@b.example")]
    verdicts = authenticator().verdicts([sent(raw) for raw in mails])
    assert [one.basis if one else None for one in verdicts] == [
        Basis.DKIM, Basis.NOTHING, Basis.DKIM, Basis.SEVERAL_SENDERS,
    ]  # fmt: skip
    assert authenticator().verdicts([]) == []


def test_questions_of_all_checks_go_out_together(
    authenticator: Callable[..., Authenticator], dns_server: DnsServer
) -> None:
    """Three slow answers, one after the other, would take longer than a batch waits."""
    for name in ("s1._domainkey.firma.example", "list.example", "_dmarc.firma.example"):
        dns_server.behave(name, Manners.SLOW, slow_s=0.6 * authenticate.PATIENCE_S)
    verdict = only(authenticator().verdicts([sent(FIRMA.sign(a_mail()))]))
    assert verdict.basis is Basis.DKIM


def test_what_the_dns_says_too_late_is_known_at_the_next_try(
    authenticator: Callable[..., Authenticator], dns_server: DnsServer
) -> None:
    dns_server.behave("s1._domainkey.firma.example", Manners.SLOW, slow_s=1.4 * authenticate.PATIENCE_S)
    one = authenticator()
    mail = [sent(FIRMA.sign(a_mail()))]
    assert only(one.verdicts(mail)).basis is Basis.DNS_SILENT
    assert only(one.verdicts(mail)).basis is Basis.DKIM
    assert dns_server.times_asked("s1._domainkey.firma.example") == 1


def test_no_mail_asks_more_than_its_bound(authenticator: Callable[..., Authenticator], dns_server: DnsServer) -> None:
    """An SPF record that leads to ten more, each of which does, and five signatures of domains with eight labels."""
    dns_server.put(
        "list.example", "TXT", "v=spf1 " + " ".join(f"include:i{n}.list.example" for n in range(10)) + " -all"
    )
    for n in range(10):
        dns_server.put(f"i{n}.list.example", "TXT", f"v=spf1 mx:m{n}.list.example -all")
        dns_server.put(f"m{n}.list.example", "MX", *((h, f"h{n}x{h}.list.example") for h in range(10)))
    deep = ".".join("abcdefgh") + ".example"
    raw = a_mail(f"x@{deep}")
    for n in range(8):
        raw = Signer(rsa_key(), f"{n}.{deep}").sign(raw)
    only(authenticator().verdicts([sent(raw)]))
    assert len(dns_server.asked) <= QUESTIONS


def test_an_error_of_our_own_is_no_verdict_and_holds_up_no_other_mail(
    authenticator: Callable[..., Authenticator], monkeypatch: pytest.MonkeyPatch
) -> None:
    real = authenticate.prepare_checks

    def breaks(raw: bytes, *given: object, **named: object) -> object:
        if b"rusak" in raw:
            raise RuntimeError("a fault of ours")
        return real(raw, *given, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(authenticate, "prepare_checks", breaks)
    verdicts = authenticator().verdicts([sent(FIRMA.sign(a_mail(text="rusak"))), sent(FIRMA.sign(a_mail()))])
    assert verdicts[0] is None
    assert verdicts[1] is not None
    assert verdicts[1].basis is Basis.DKIM


def test_a_verdict_comes_back_as_it_was_kept(authenticator: Callable[..., Authenticator]) -> None:
    one = authenticator(TRUSTED_SEALERS="list.example")
    for raw in (through_a_list(), a_mail(), FIRMA.sign(a_mail()), a_mail("a@a.example, b@b.example")):
        verdict = only(one.verdicts([sent(raw)]))
        assert from_kept(kept_form(verdict)) == verdict
