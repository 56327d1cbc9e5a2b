"""SPF and DMARC as the worker runs them: through the resolver, against a DNS server."""

import asyncio

import pytest
from dns_server import DnsServer
from dns_zone import Manners

from gateway.sender_auth.answers import run_check
from gateway.sender_auth.dmarc import DMARC_QUESTIONS, DmarcResult, check_dmarc
from gateway.sender_auth.resolver import Limits, Resolver
from gateway.sender_auth.spf import SPF_QUESTIONS, SpfResult, check_spf

SHOP, ELSEWHERE = "192.0.2.10", "203.0.113.9"


@pytest.fixture
def shop(dns_server: DnsServer) -> DnsServer:
    """toko.co.id sends from its MX, and asks that what fails is refused."""
    dns_server.put("toko.co.id", "TXT", "some-token=1", "v=spf1 mx include:_spf.toko.co.id -all")
    dns_server.put("toko.co.id", "MX", (10, "mx1.toko.co.id"), (20, "mx2.toko.co.id"))
    dns_server.put("mx1.toko.co.id", "A", "192.0.2.9")
    dns_server.put("mx2.toko.co.id", "A", SHOP)
    dns_server.put("_spf.toko.co.id", "TXT", "v=spf1 ip4:198.51.100.0/24 -all")
    dns_server.put("_dmarc.toko.co.id", "TXT", "v=DMARC1; p=reject")
    return dns_server


def judged(
    server: DnsServer, ip: str, sender: str, author: str, signer: str | None = None
) -> tuple[SpfResult, DmarcResult]:
    async def both() -> tuple[SpfResult, DmarcResult]:
        resolver = Resolver(server.address, limits=Limits(question_s=1, attempt_s=0.4))
        spf = await run_check(
            lambda answers: check_spf(ip=ip, helo="mx.example.net", mail_from=sender, answers=answers),
            resolver.ask,
            SPF_QUESTIONS,
        )
        signers = [signer] if signer else []
        return spf, await run_check(
            lambda answers: check_dmarc(from_domains=[author], spf=spf, dkim_passes=signers, answers=answers),
            resolver.ask,
            DMARC_QUESTIONS,
        )

    return asyncio.run(both())


def test_the_shop_itself(shop: DnsServer) -> None:
    spf, dmarc = judged(shop, SHOP, "ani@toko.co.id", "toko.co.id")
    assert (spf.result, dmarc.result, dmarc.aligned_by) == ("pass", "pass", "spf")


def test_a_forger_of_the_shop(shop: DnsServer) -> None:
    spf, dmarc = judged(shop, ELSEWHERE, "ani@toko.co.id", "toko.co.id")
    assert (spf.result, dmarc.result, dmarc.policy) == ("fail", "fail", "reject")


def test_a_forger_with_a_domain_of_his_own(shop: DnsServer) -> None:
    shop.put("penipu.co.id", "TXT", "v=spf1 +all")
    shop.put("_dmarc.penipu.co.id", "TXT", "v=DMARC1; p=none")
    spf, dmarc = judged(shop, ELSEWHERE, "x@penipu.co.id", "toko.co.id", signer="penipu.co.id")
    assert (spf.result, dmarc.result, dmarc.reason) == ("pass", "fail", "not_aligned")


def test_a_forwarder_breaks_spf_and_the_signature_holds(shop: DnsServer) -> None:
    spf, dmarc = judged(shop, ELSEWHERE, "ani@toko.co.id", "toko.co.id", signer="mail.toko.co.id")
    assert (spf.result, dmarc.result, dmarc.aligned_by) == ("fail", "pass", "dkim")


@pytest.mark.parametrize("manners", [Manners.SERVFAIL, Manners.SILENT, Manners.LAME, Manners.WRONG_NAME])
def test_a_record_that_cannot_be_had_is_no_verdict_on_the_mail(shop: DnsServer, manners: Manners) -> None:
    for name in ("toko.co.id", "_dmarc.toko.co.id"):
        shop.behave(name, manners)
    spf, dmarc = judged(shop, SHOP, "ani@toko.co.id", "toko.co.id")
    assert (spf.result, dmarc.result, dmarc.may_change) == ("temperror", "temperror", True)


def test_nothing_is_asked_twice(shop: DnsServer) -> None:
    judged(shop, SHOP, "ani@toko.co.id", "toko.co.id", signer="mail.toko.co.id")
    assert len(set(shop.asked)) == len(shop.asked)
