"""ARC: what earlier relays found, and whether their seals hold (RFC 8617 §5.2). Evidence only: we never seal.

A passing chain proves who sealed it, not that they tell the truth: it is worth what its sealers are."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gateway.sender_auth.answers import Answers
from gateway.sender_auth.arc_chain import MOST_SETS, ArcSet, read_chain
from gateway.sender_auth.canonicalization import Canonicalization
from gateway.sender_auth.dkim import Candidate, check_body, check_single_fields, check_times
from gateway.sender_auth.dkim_key import ask, confirm
from gateway.sender_auth.header_fields import SplitMessage
from gateway.sender_auth.signature_results import ArcResult, Reason, Refused, Sealed
from gateway.sender_auth.signed_header import canonical, header_digest, unsigned

ARC_QUESTIONS = MOST_SETS + 1  # the key of each seal, and of the newest set's signature over the message


@dataclass(frozen=True, slots=True)
class PreparedArc:
    """All that does not depend on the DNS. result: of the check, if every signature turns out to be its key's.

    signed: these signatures; the newest set's over the message, then the seals, the newest first."""

    result: ArcResult
    signed: tuple[Candidate, ...] = ()


def prepare_arc(message: SplitMessage, *, now_s: int) -> PreparedArc:
    """now_s: when the mail came in."""
    try:
        chain = read_chain(message)
        if not chain:
            return PreparedArc(ArcResult("none", message.problem or Reason.NOT_SEALED))
        _check_statuses(chain)
        over_message = _over_message(message, chain[-1], now_s)
        seals = tuple(_seals(chain))[::-1]
    except Refused as refused:
        return PreparedArc(ArcResult("fail", refused.reason))
    sets = tuple(
        Sealed(one.instance, seal.signature.domain, one.results_text.decode("utf-8", "replace"))
        for one, seal in zip(reversed(chain), seals, strict=True)
    )
    from_signed = "from" in over_message.signature.names
    return PreparedArc(ArcResult("pass", sets=sets, from_signed=from_signed), (over_message, *seals))


def check_arc(prepared: PreparedArc, answers: Answers) -> ArcResult:
    """Raises NotAsked, and nothing else."""
    ask([one.signature for one in prepared.signed], answers)
    result = prepared.result
    for one in prepared.signed:
        try:
            confirm(one.signature, one.digest, answers)
        except Refused as refused:
            if refused.result != "temperror":
                return ArcResult("fail", refused.reason)
            result = ArcResult("temperror", refused.reason)
    return result


def _check_statuses(chain: Sequence[ArcSet]) -> None:
    """RFC 8617 §5.2, steps 2 and 3. Raises Refused."""
    if chain[-1].status == b"fail":
        raise Refused("fail", Reason.CHAIN_FAILED_BEFORE)
    if any(one.status != (b"none" if one.instance == 1 else b"pass") for one in chain):
        raise Refused("fail", Reason.CHAIN_STATUS_WRONG)


def _over_message(message: SplitMessage, newest: ArcSet, now_s: int) -> Candidate:
    """Step 4: relays may have broken the older ones."""
    signature = newest.read_message_signature()
    check_times(signature, now_s)
    check_single_fields(message, signature)
    check_body(message, signature)
    return Candidate(signature, header_digest(message, signature))


def _seals(chain: Sequence[ArcSet]) -> Iterator[Candidate]:
    """Each seal covers all sets before it and its own, relaxed (RFC 8617 §5.1.1); hashed once, as they grow."""
    relaxed = Canonicalization.RELAXED
    before = hashlib.sha256()
    for one in chain:
        before.update(canonical(one.results, relaxed))
        before.update(canonical(one.message_signature, relaxed))
        seal = one.read_seal()
        sealed = before.copy()
        sealed.update(unsigned(seal, relaxed))
        yield Candidate(seal, sealed.digest())
        before.update(canonical(one.seal, relaxed))
