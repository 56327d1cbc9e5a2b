"""Does the running product answer at each address where it listens, and does STARTTLS work there?"""

import asyncio
from collections.abc import Sequence

from crm_store.process.tree import TreeState
from crm_store.settings import Settings
from gateway.doctor.certificate import leaf_of
from gateway.doctor.finding import Finding, ok, warning, wrong
from gateway.doctor.smtp_probe import Seen, look_at

_ANY = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  nothing is bound here: it says where to ask instead


async def check_listening(trees: Sequence[TreeState], settings: Settings) -> list[Finding]:
    """Nothing where no receiver runs: that is another check's to tell."""
    listening = [address for tree in trees for address in tree.smtp]
    seen = await asyncio.gather(*(look_at(*_target(address)) for address in listening))
    leaf = await asyncio.to_thread(leaf_of, settings.tls_cert) if settings.tls_cert else None
    return [
        finding
        for address, each in zip(listening, seen, strict=True)
        for finding in judge_listening(address, each, tls_set=settings.tls_cert is not None, leaf=leaf)
    ]


def judge_listening(address: str, seen: Seen, *, tls_set: bool, leaf: bytes | None) -> list[Finding]:
    """leaf: the certificate of SUNNYDAY_TLS_CERT as it is on disk, DER; None where it can't be read."""
    if not seen.greeting.startswith("220"):
        found = f"{address}: {seen.greeting or seen.problem}"
        return [wrong("listening", found, "Its log tells why: look for receiver. Then restart it")]
    return [ok("listening", f"{address} answers {seen.greeting}"), _judge_tls(address, seen, tls_set, leaf)]


def _judge_tls(address: str, seen: Seen, tls_set: bool, leaf: bytes | None) -> Finding:
    if not tls_set:
        mend = "Set SUNNYDAY_TLS_CERT and SUNNYDAY_TLS_KEY (deploy/dns.md), and restart"
        return warning("starttls", f"{address} does not offer it: mail comes in the clear", mend)
    if "STARTTLS" not in seen.offers:
        mend = "Restart: it was started before SUNNYDAY_TLS_CERT was set"
        return wrong("starttls", f"{address} does not offer it, though a certificate is set", mend)
    if seen.certificate is None:
        found = f"{address} offers it, and no TLS comes up: {seen.tls_problem}"
        return wrong("starttls", found, "Check SUNNYDAY_TLS_CERT and SUNNYDAY_TLS_KEY, and restart")
    if leaf is not None and seen.certificate != leaf:
        found = f"{address} shows another certificate than the one in SUNNYDAY_TLS_CERT"
        return warning(
            "starttls", found, "A renewed one is read in a second: its log tells why not, look for tls_certificate"
        )
    return ok("starttls", f"{address} offers it, and TLS comes up")


def _target(address: str) -> tuple[str, int]:
    host, _, port = address.rpartition(":")
    host = host.strip("[]")
    return _ANY.get(host, host), int(port)
