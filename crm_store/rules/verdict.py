"""Who vouches for the sender of one mail: facts, and what they come to (C4)."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any


class Authenticity(StrEnum):
    AUTHENTICATED = "authenticated"
    NOT_AUTHENTICATED = "not-authenticated"
    UNDECIDED = "undecided"  # for now: the DNS did not answer, trying again can help


class Basis(StrEnum):
    """What a verdict rests on; crm_store/verdict_wording.py says it in words."""

    TRUSTED_RELAY = "trusted-relay"
    DKIM = "dkim"
    SPF = "spf"
    NOTHING = "nothing"  # that passed belongs to the sender
    NO_SENDER = "no-sender"
    SEVERAL_SENDERS = "several-senders"
    DNS_SILENT = "dns-silent"
    DNS_SILENT_FOR_A_DAY = "dns-silent-for-a-day"
    TOO_MUCH_WORK = "too-much-work"


@dataclass(frozen=True, slots=True)
class SpfFact:
    """Results here and below are the words of RFC 8601 §2.7; reasons are constant words, "" where there is none.

    domain: whose SPF was asked, "" where nobody's could be. identity: mailfrom or helo."""

    result: str
    domain: str
    identity: str
    reason: str


@dataclass(frozen=True, slots=True)
class SignatureFact:
    """One DKIM signature. aligned: it is the sender's own, whether it passed or not."""

    result: str
    domain: str
    selector: str
    reason: str
    aligned: bool


@dataclass(frozen=True, slots=True)
class DmarcFact:
    """policy: none, quarantine or reject; "" where nothing is published. policy_domain: who published it."""

    result: str
    policy: str
    policy_domain: str
    reason: str


@dataclass(frozen=True, slots=True)
class ArcFact:
    """sealer: the newest one, of a chain that passed. says: what it had found, as it wrote it down."""

    result: str
    sealer: str
    trusted: bool
    says: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """peer: the host that handed the mail over. sender_domain: of the author, as A-labels.

    aligned_domain: of the DKIM signature or the SPF pass that vouches. spf, dmarc, arc: None where not looked at.
    signatures: those looked at; skipped_signatures: how many more there were.
    header: the Authentication-Results field (RFC 8601) that says the same, "" before anything was checked."""

    authenticity: Authenticity
    basis: Basis
    peer: str = ""
    sender_domain: str = ""
    aligned_domain: str = ""
    spf: SpfFact | None = None
    signatures: tuple[SignatureFact, ...] = ()
    skipped_signatures: int = 0
    dmarc: DmarcFact | None = None
    arc: ArcFact | None = None
    header: str = ""

    @property
    def authenticated(self) -> bool:
        return self.authenticity is Authenticity.AUTHENTICATED

    @property
    def undecided(self) -> bool:
        return self.authenticity is Authenticity.UNDECIDED

    @property
    def dkim_result(self) -> str:
        """Of all signatures together: one that passes is enough."""
        results = [signature.result for signature in self.signatures]
        return "pass" if "pass" in results else next(iter(results), "none")


def kept_form(verdict: Verdict) -> dict[str, Any]:
    """As JSON values."""
    return asdict(verdict)


def from_kept(kept: Mapping[str, Any]) -> Verdict:
    """What kept_form gave, also one of an earlier version that knew less."""
    spf, dmarc, arc = kept.get("spf"), kept.get("dmarc"), kept.get("arc")
    return Verdict(
        authenticity=Authenticity(kept["authenticity"]),
        basis=Basis(kept["basis"]),
        peer=kept.get("peer", ""),
        sender_domain=kept.get("sender_domain", ""),
        aligned_domain=kept.get("aligned_domain", ""),
        spf=SpfFact(**spf) if spf else None,
        signatures=tuple(SignatureFact(**one) for one in kept.get("signatures", ())),
        skipped_signatures=kept.get("skipped_signatures", 0),
        dmarc=DmarcFact(**dmarc) if dmarc else None,
        arc=ArcFact(**arc) if arc else None,
        header=kept.get("header", ""),
    )
