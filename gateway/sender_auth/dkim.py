"""DKIM: which domains signed this mail, and do their signatures fit it (RFC 6376, 8301, 8463)?"""

from collections.abc import Callable
from dataclasses import dataclass

from gateway.sender_auth.answers import Answers
from gateway.sender_auth.dkim_key import ask, confirm
from gateway.sender_auth.dkim_signature import Signature, read_dkim_signature
from gateway.sender_auth.header_fields import SplitMessage
from gateway.sender_auth.signature_results import DkimResult, Reason, Refused, SignatureResult
from gateway.sender_auth.signed_header import header_digest

MOST_SIGNATURES = 5
DKIM_QUESTIONS = MOST_SIGNATURES  # at most one key each
FUTURE_S = 12 * 3600  # t=: clocks set to another zone's time are common, and harm nobody
LATE_S = 300  # x=: clocks differ

# What people are shown or programs act on, and RFC 5322 §3.6 and RFC 2045 §3 allow once.
_SINGLE = (
    "from", "sender", "reply-to", "to", "cc", "subject", "date", "message-id", "in-reply-to", "references",
    "content-type", "content-transfer-encoding",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Candidate:
    """A signature that fits the body; only the key can tell more. digest: what the key must have signed."""

    signature: Signature
    digest: bytes


@dataclass(frozen=True, slots=True)
class PreparedDkim:
    """All that does not depend on the DNS, so a check that is run again costs next to nothing."""

    looked_at: tuple[Candidate | SignatureResult, ...]
    skipped: int
    problem: Reason


def prepare_dkim(message: SplitMessage, *, now_s: int, from_domain: str) -> PreparedDkim:
    """now_s: when the mail came in. from_domain: of the From field, "" if unknown; decides which signatures are looked
    at where there are more than five: those whose domain is nearest to it, then the topmost."""
    signatures = [read_dkim_signature(field) for field in message.named("dkim-signature")]
    signatures.sort(key=_rank(from_domain))
    return PreparedDkim(
        tuple(_prepare(message, signature, now_s) for signature in signatures[:MOST_SIGNATURES]),
        max(0, len(signatures) - MOST_SIGNATURES),
        message.problem,
    )


def check_dkim(prepared: PreparedDkim, answers: Answers) -> DkimResult:
    """The result of each signature that is looked at. Raises NotAsked, and nothing else."""
    ask([one.signature for one in prepared.looked_at if isinstance(one, Candidate)], answers)
    return DkimResult(
        tuple(_check(one, answers) if isinstance(one, Candidate) else one for one in prepared.looked_at),
        prepared.skipped,
        prepared.problem,
    )


def check_body(message: SplitMessage, signature: Signature) -> None:
    """Raises Refused where the body is not the one that was signed (RFC 6376 §3.7)."""
    if message.body_hash(signature.body_canonicalization) != signature.body_hash:
        raise Refused("fail", Reason.BODY_CHANGED)


def check_single_fields(message: SplitMessage, signature: Signature) -> None:
    """Raises Refused where somebody on the way may have put a second Subject above the signed one (RFC 6376 §8.15)."""
    if any(len(message.named(name)) > max(1, signature.names.count(name)) for name in _SINGLE):
        raise Refused("policy", Reason.FIELD_REPEATED)


def check_times(signature: Signature, now_s: int) -> None:
    """Raises Refused for what has expired or is not yet (RFC 6376 §3.5)."""
    if signature.expires_at_s is not None and now_s > signature.expires_at_s + LATE_S:
        raise Refused("fail", Reason.EXPIRED)
    if signature.signed_at_s is not None and signature.signed_at_s > now_s + FUTURE_S:
        raise Refused("fail", Reason.SIGNED_IN_FUTURE)


def _prepare(message: SplitMessage, signature: Signature | SignatureResult, now_s: int) -> Candidate | SignatureResult:
    if isinstance(signature, SignatureResult):
        return signature
    try:
        check_times(signature, now_s)
        check_single_fields(message, signature)
        check_body(message, signature)
    except Refused as refused:
        return signature.result(refused)
    return Candidate(signature, header_digest(message, signature))


def _check(candidate: Candidate, answers: Answers) -> SignatureResult:
    signature = candidate.signature
    try:
        return signature.result(key_bits=confirm(signature, candidate.digest, answers))
    except Refused as refused:
        return signature.result(refused, refused.key_bits)


def _rank(from_domain: str) -> Callable[[Signature | SignatureResult], tuple[bool, int]]:
    """Those that may pass before those that cannot; among them the more last labels are From's, the sooner."""
    wanted = _last_labels(from_domain.lower())

    def rank(signature: Signature | SignatureResult) -> tuple[bool, int]:
        return isinstance(signature, SignatureResult), -len(wanted & _last_labels(signature.domain))

    return rank


def _last_labels(domain: str) -> set[str]:
    """The domain and those above it."""
    labels = domain[:253].split(".")
    return {".".join(labels[at:]) for at in range(len(labels))}
