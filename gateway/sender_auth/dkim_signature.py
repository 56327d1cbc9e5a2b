"""One signature as its field states it: DKIM-Signature (RFC 6376 §3.5), and what ARC's two have in common with it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from gateway.sender_auth.canonicalization import Canonicalization
from gateway.sender_auth.domain_names import ascii_domain, is_within
from gateway.sender_auth.header_fields import Field
from gateway.sender_auth.signature_results import Reason, Refused, SignatureResult
from gateway.sender_auth.tag_list import Tag, base64_value, parse_tags, without_blanks

ALGORITHMS = ("rsa-sha256", "ed25519-sha256")

_REQUIRED = ("v", "a", "b", "bh", "d", "h", "s")
_LONGEST_WORD = 320  # of what only people look at; an address may be so long
_SECONDS = re.compile(rb"[0-9]{1,15}")  # RFC 6376 §3.5 wants 12 digits understood


@dataclass(frozen=True, slots=True)
class Signature:
    """What is signed by whom. names: of the signed fields, lower case, in the order of h=.

    field: the signature's own. unsigned_part: offsets of b='s value in the field's value."""

    field: Field
    unsigned_part: tuple[int, int]
    domain: str
    selector: str
    algorithm: str
    signature: bytes
    header_canonicalization: Canonicalization = Canonicalization.RELAXED
    body_canonicalization: Canonicalization = Canonicalization.RELAXED
    names: tuple[str, ...] = ()
    body_hash: bytes = b""
    identity: str = ""
    signed_at_s: int | None = None
    expires_at_s: int | None = None

    @property
    def speaks_for_subdomain(self) -> bool:
        """i= names a domain below d=, which a key with t=s forbids (RFC 6376 §3.6.1). ARC has no such i=."""
        return bool(self.identity) and self.identity.rpartition("@")[2] != self.domain

    def result(self, refused: Refused | None = None, key_bits: int = 0) -> SignatureResult:
        """Passed where nothing refused it."""
        result, reason = (refused.result, refused.reason) if refused else ("pass", Reason.NONE)
        return SignatureResult(result, self.domain, self.selector, self.algorithm, key_bits, reason, self.identity)


def read_dkim_signature(field: Field) -> Signature | SignatureResult:
    """What a DKIM-Signature states; or its result, where that can be no pass whatever the mail and the key are."""
    try:
        tags = parse_tags(field.value)
    except ValueError:
        return SignatureResult("neutral", "", "", "", 0, Reason.MALFORMED, "")
    try:
        return _read(field, tags)
    except Refused as refused:
        return SignatureResult(
            refused.result,
            _domain_or_nothing(tags, "d"),
            _domain_or_nothing(tags, "s"),
            _text_or_nothing(tags, "a"),
            0,
            refused.reason,
            _text_or_nothing(tags, "i"),
        )


def read_common(field: Field, tags: Mapping[str, Tag]) -> Signature:
    """What a=, b=, d=, s=, t= state, the same in DKIM and ARC. Raises Refused, also where a required one is missing."""
    algorithm = _text(tags, "a")
    if algorithm == "rsa-sha1":
        raise Refused("policy", Reason.RSA_SHA1)
    if algorithm not in ALGORITHMS:
        raise Refused("neutral", Reason.ALGORITHM_UNKNOWN)
    part = tags["b"]
    return Signature(
        field,
        (part.start, part.end),
        domain=domain_tag(tags, "d"),
        selector=domain_tag(tags, "s"),
        algorithm=algorithm,
        signature=_base64(tags, "b"),
        signed_at_s=_seconds(tags, "t"),
    )


def read_message_signature(
    field: Field, tags: Mapping[str, Tag], *, default: str = "simple/simple", identity: str = ""
) -> Signature:
    """With h=, bh=, x= and c= (its default), which ARC-Message-Signature has like DKIM-Signature. Raises Refused."""
    in_header, in_body = _canonicalizations(tags["c"].value if "c" in tags else default.encode())
    signature = replace(
        read_common(field, tags),
        header_canonicalization=in_header,
        body_canonicalization=in_body,
        names=tuple(without_blanks(tags["h"].value).decode("ascii", "replace").lower().split(":")),
        body_hash=_base64(tags, "bh"),
        identity=identity,
        expires_at_s=_seconds(tags, "x"),
    )
    if "l" in tags:
        # Whoever relays the mail may append to it, and the signature still fits: RFC 6376 §8.2.
        raise Refused("policy", Reason.BODY_PARTLY_SIGNED)
    return signature


def require(tags: Mapping[str, Tag], names: tuple[str, ...]) -> None:
    """Raises Refused where a tag is missing."""
    if any(name not in tags for name in names):
        raise Refused("neutral", Reason.TAG_MISSING)


def domain_tag(tags: Mapping[str, Tag], name: str) -> str:
    """A domain or selector in lower case and A-labels (RFC 8616 §5 allows U-labels). Raises Refused."""
    domain = _ascii_domain(tags[name].value)
    if not domain:
        raise Refused("neutral", Reason.DOMAIN_MALFORMED)
    return domain


def _read(field: Field, tags: Mapping[str, Tag]) -> Signature:
    require(tags, _REQUIRED)
    if tags["v"].value != b"1":
        raise Refused("neutral", Reason.VERSION_UNKNOWN)
    if "q" in tags and b"dns/txt" not in without_blanks(tags["q"].value).split(b":"):
        raise Refused("neutral", Reason.QUERY_UNKNOWN)
    signature = read_message_signature(field, tags, identity=_identity(tags))
    if "from" not in signature.names:
        raise Refused("permerror", Reason.FROM_NOT_SIGNED)  # RFC 6376 §5.4
    if signature.expires_at_s is not None and signature.expires_at_s <= (signature.signed_at_s or 0):
        raise Refused("neutral", Reason.MALFORMED)  # RFC 6376 §3.5: x= must be greater than t=
    return signature


def _identity(tags: Mapping[str, Tag]) -> str:
    """i=; its domain must be d= or below it (RFC 6376 §3.5)."""
    domain = domain_tag(tags, "d")
    if "i" not in tags:
        return f"@{domain}"
    if len(tags["i"].value) > _LONGEST_WORD:
        raise Refused("neutral", Reason.MALFORMED)
    local, at, host = tags["i"].value.rpartition(b"@")
    below = _ascii_domain(host)
    if not at or not below or not is_within(below, domain):
        raise Refused("neutral", Reason.IDENTITY_OUTSIDE_DOMAIN)
    return f"{local.decode('utf-8', 'replace')}@{below}"


def _canonicalizations(value: bytes) -> tuple[Canonicalization, Canonicalization]:
    """RFC 6376 §3.5: one word alone is the header's."""
    header, _, body = value.decode("ascii", "replace").partition("/")
    try:
        return Canonicalization(header), Canonicalization(body or "simple")
    except ValueError:
        raise Refused("neutral", Reason.CANONICALIZATION_UNKNOWN) from None


def _base64(tags: Mapping[str, Tag], name: str) -> bytes:
    try:
        value = base64_value(tags[name].value)
    except ValueError:
        value = b""
    if not value:
        raise Refused("neutral", Reason.MALFORMED)
    return value


def _seconds(tags: Mapping[str, Tag], name: str) -> int | None:
    if name not in tags:
        return None
    if not _SECONDS.fullmatch(tags[name].value):
        raise Refused("neutral", Reason.MALFORMED)
    return int(tags[name].value)


def _text(tags: Mapping[str, Tag], name: str) -> str:
    try:
        return tags[name].value.decode()
    except ValueError:
        raise Refused("neutral", Reason.MALFORMED) from None


def _ascii_domain(value: bytes) -> str:
    """ "" for what is no domain name."""
    return ascii_domain(value.decode("utf-8", "replace"))


def _domain_or_nothing(tags: Mapping[str, Tag], name: str) -> str:
    return _ascii_domain(tags[name].value) if name in tags else ""


def _text_or_nothing(tags: Mapping[str, Tag], name: str) -> str:
    return tags[name].value.decode("utf-8", "replace")[:_LONGEST_WORD] if name in tags else ""
