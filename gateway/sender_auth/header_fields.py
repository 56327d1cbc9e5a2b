"""The header of a mail as DKIM signs it (RFC 6376 §2.8, RFC 5322 §2.2): fields as raw bytes; where the body begins."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from crm_store.mail.limits import LIMITS
from gateway.sender_auth.canonicalization import Canonicalization, body_hash
from gateway.sender_auth.signature_results import Reason

MOST_FIELDS = 2_000  # relays add a few each; beyond it, no honest mail was seen

_FIELD = re.compile(rb"([!-9;-~]++)[ \t]*+:(?:[^\r\n]*+\r\n(?=[ \t]))*+[^\r\n]*+\r\n")
_MBOX_FROM = (b"From ", b">From ")  # the reader takes such a first line for an mbox's separator


@dataclass(frozen=True, slots=True)
class Field:
    """name: lower case. raw: the whole field with its CRLF; its value begins at value_at, behind the colon."""

    name: str
    raw: bytes
    value_at: int

    @property
    def value(self) -> bytes:
        return self.raw[self.value_at :]

    def without(self, start: int, end: int) -> "Field":
        """The field with a piece of its value cut out; offsets are the value's."""
        return Field(self.name, self.raw[: self.value_at + start] + self.raw[self.value_at + end :], self.value_at)


@dataclass(frozen=True, slots=True)
class SplitMessage:
    """problem: why the header cannot be used; then there are no fields. A body hash is made when first asked for."""

    raw: bytes
    fields: Sequence[Field] = ()
    body_at: int = 0
    problem: Reason = Reason.NONE
    _by_name: Mapping[str, Sequence[Field]] = field(default_factory=dict)
    _body_hashes: dict[Canonicalization, bytes] = field(default_factory=dict)

    def named(self, name: str) -> Sequence[Field]:
        """Every field of this lower-case name, the topmost first."""
        return self._by_name.get(name, ())

    def body_hash(self, canonicalization: Canonicalization) -> bytes:
        """SHA-256 of the canonical body."""
        if canonicalization not in self._body_hashes:
            self._body_hashes[canonicalization] = body_hash(self.raw, self.body_at, canonicalization)
        return self._body_hashes[canonicalization]


def split(raw: bytes) -> SplitMessage:
    """The mail as SMTP kept it. Never raises.

    crm_store.mail reads more forgivingly: bare CR and LF end lines there, and junk may end the header. Where it could
    see other fields or another body than a signature covers, the header is refused here: else an honest signature
    would vouch for what somebody put in front of it."""
    end = _header_end(raw)
    if end is None:
        return SplitMessage(raw, problem=Reason.HEADER_TOO_LARGE)
    block = raw[:end]
    if block.startswith(_MBOX_FROM):
        return SplitMessage(raw, problem=Reason.HEADER_MALFORMED)
    fields: list[Field] = []
    by_name: dict[str, list[Field]] = {}
    at = 0
    while at < end:
        match = _FIELD.match(block, at)
        if match is None:
            return SplitMessage(raw, problem=Reason.HEADER_MALFORMED)
        if len(fields) == MOST_FIELDS:
            return SplitMessage(raw, problem=Reason.TOO_MANY_FIELDS)
        found = Field(match[1].lower().decode("ascii"), match[0], block.index(b":", at) + 1 - at)
        fields.append(found)
        by_name.setdefault(found.name, []).append(found)
        at = match.end()
    return SplitMessage(raw, fields, min(end + 2, len(raw)), _by_name=by_name)


def _header_end(raw: bytes) -> int | None:
    """Where the empty line begins, or the mail ends; None where the header is larger than the reader looks at."""
    if raw.startswith(b"\r\n"):
        return 0
    end = raw.find(b"\r\n\r\n", 0, LIMITS.header_bytes)
    if end >= 0:
        return end + 2
    return len(raw) if len(raw) <= LIMITS.header_bytes else None
