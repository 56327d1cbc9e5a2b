"""The ARC Sets of a mail as its header states them (RFC 8617 §4.1, §4.2)."""

import re
from dataclasses import dataclass

from gateway.sender_auth.canonicalization import Canonicalization
from gateway.sender_auth.dkim_signature import Signature, read_common, read_message_signature, require
from gateway.sender_auth.header_fields import Field, SplitMessage
from gateway.sender_auth.signature_results import Reason, Refused
from gateway.sender_auth.signed_header import canonical
from gateway.sender_auth.tag_list import Tag, parse_tags

MOST_SETS = 50  # RFC 8617 §4.2.1

RESULTS, MESSAGE_SIGNATURE, SEAL = "arc-authentication-results", "arc-message-signature", "arc-seal"

# RFC 8617 §4.1.2 names no other default than DKIM's simple/simple; sealers and ValiMail's suite take it for relaxed.
_CANONICALIZATION = "relaxed/relaxed"
_INSTANCE = re.compile(rb"[0-9]{1,2}")
_RESULTS = re.compile(rb"arc-authentication-results:i ?= ?([0-9]{1,2}) ?;(.*)\r\n", re.DOTALL)


@dataclass(frozen=True, slots=True)
class ArcSet:
    """What one relay added. results: the text behind i=. status: cv= of the seal."""

    instance: int
    results: Field
    results_text: bytes
    message_signature: Field
    message_tags: dict[str, Tag]
    seal: Field
    seal_tags: dict[str, Tag]

    @property
    def status(self) -> bytes:
        """cv= of the seal; b"" where absent."""
        return self.seal_tags["cv"].value if "cv" in self.seal_tags else b""

    def read_seal(self) -> Signature:
        """RFC 8617 §4.1.3. Raises Refused."""
        require(self.seal_tags, ("a", "b", "cv", "d", "s"))
        if "h" in self.seal_tags:
            raise Refused("neutral", Reason.MALFORMED)
        return read_common(self.seal, self.seal_tags)

    def read_message_signature(self) -> Signature:
        """RFC 8617 §4.1.2. Raises Refused."""
        require(self.message_tags, ("a", "b", "bh", "d", "h", "s"))
        signature = read_message_signature(self.message_signature, self.message_tags, default=_CANONICALIZATION)
        if SEAL in signature.names:
            raise Refused("neutral", Reason.MALFORMED)
        return signature


def read_chain(message: SplitMessage) -> tuple[ArcSet, ...]:
    """The sets, the oldest first; none in a mail without any. Raises Refused for a chain with gaps or doubles."""
    fields = {name: message.named(name) for name in (RESULTS, MESSAGE_SIGNATURE, SEAL)}
    length = max(map(len, fields.values()))
    if length > MOST_SETS:
        raise Refused("fail", Reason.CHAIN_TOO_LONG)
    results = dict(map(_results, fields[RESULTS]))
    signatures, seals = (dict(map(_tagged, fields[name])) for name in (MESSAGE_SIGNATURE, SEAL))
    # No kind has more fields than this, so one that has each number has none twice.
    if not set(results) == set(signatures) == set(seals) == set(range(1, length + 1)):
        raise Refused("fail", Reason.CHAIN_INCOMPLETE)
    return tuple(ArcSet(at, *results[at], *signatures[at], *seals[at]) for at in range(1, length + 1))


def _results(field: Field) -> tuple[int, tuple[Field, bytes]]:
    found = _RESULTS.fullmatch(canonical(field, Canonicalization.RELAXED))
    if not found:
        raise Refused("fail", Reason.CHAIN_INCOMPLETE)
    return int(found[1]), (field, found[2].strip(b" "))


def _tagged(field: Field) -> tuple[int, tuple[Field, dict[str, Tag]]]:
    try:
        tags = parse_tags(field.value)
    except ValueError:
        raise Refused("fail", Reason.MALFORMED) from None
    if "i" not in tags or not _INSTANCE.fullmatch(tags["i"].value):
        raise Refused("fail", Reason.CHAIN_INCOMPLETE)
    return int(tags["i"].value), (field, tags)
