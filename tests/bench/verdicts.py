"""How long a whole verdict takes once the DNS has been asked: SPF, DKIM and DMARC, against dkimpy and pyspf alone."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import dkim
import spf
from dns_server import DnsServer
from figures import Figure, compared
from mails import a_mail
from signed_mails import Signer, rsa_key

from crm_store.mail.read import read
from crm_store.rules.verdict import Basis
from crm_store.settings import load
from gateway.sender_auth.authenticate import Authenticator, Sent
from gateway.sender_auth.checks import Envelope

ROUNDS = 7
MAILS = 64  # a batch of the worker
SIZES = {"2 KB": 1_500, "30 KB": 29_000}
PEER = "203.0.113.7"
POLICY = "v=spf1 ip4:203.0.113.0/24 -all"
RECEIVED_AT_MS = 1_800_000_000_000


def measure(_folder: Path) -> Iterator[Figure]:
    signer = Signer(rsa_key(2048))
    server = DnsServer()
    server.start()
    server.put(f"{signer.selector}._domainkey.{signer.domain}", "TXT", signer.record)
    server.put(signer.domain, "TXT", POLICY)
    server.put(f"_dmarc.{signer.domain}", "TXT", "v=DMARC1; p=reject")
    authenticator = Authenticator(load({"SUNNYDAY_RESOLVER": server.address}))
    try:
        for name, text_bytes in SIZES.items():
            raw = signer.sign(a_mail(text="penawaran \r\n" * (text_bytes // 12)), c="relaxed/relaxed")
            envelope = Envelope(PEER, "mx.firma.example", f"ani@{signer.domain}", RECEIVED_AT_MS)
            sent = [Sent(raw, read(raw), envelope)] * MAILS

            def ours(sent: list[Sent] = sent) -> None:
                assert all(one is not None and one.basis is Basis.DKIM for one in authenticator.verdicts(sent))

            def peer(raw: bytes = raw) -> None:
                for _ in range(MAILS):
                    assert dkim.verify(raw, dnsfunc=lambda *_args, **_more: signer.record.encode())
                    assert _spf_alone(signer.domain) == "pass"

            ours()  # asks the DNS, and keeps what it says
            pairs = [(_ms(ours), _ms(peer)) for _ in range(ROUNDS)]
            took_ms = [ms for ms, _ in pairs]
            asked = sum(server.times_asked(name) for name in {one.name for one in server.asked})
            yield compared(
                f"whole verdict, warm cache, {name}",
                "ms",
                took_ms,
                "dkimpy and pyspf",
                [ms for _, ms in pairs],
                {"verdicts per second and core": 1000 / min(took_ms), "DNS questions": asked},
            )
    finally:
        authenticator.close()
        server.stop()


def _spf_alone(domain: str) -> str:
    query = spf.query(i=PEER, s=f"ani@{domain}", h="mx.firma.example")
    query.dns = lambda _name, kind, *_args, **_more: [(POLICY.encode(),)] if kind == "TXT" else []
    return str(query.check()[0])


def _ms(batch: Callable[[], None]) -> float:
    """For one mail."""
    began_at_s = time.perf_counter()
    batch()
    return (time.perf_counter() - began_at_s) * 1000 / MAILS
