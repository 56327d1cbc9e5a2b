"""What checking DKIM and ARC signatures found, in constant words."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

Result = Literal["pass", "fail", "neutral", "policy", "temperror", "permerror"]  # RFC 8601 §2.7.1


class Reason(StrEnum):
    """Why a result is what it is; NONE with a pass.

    neutral: the signature cannot be understood. policy: it can, but never counts here. fail: it does not fit the mail.
    permerror: the mail or the key makes it useless. temperror: try again later."""

    NONE = ""

    MALFORMED = "malformed_signature"  # neutral
    TAG_MISSING = "tag_missing"
    VERSION_UNKNOWN = "version_unknown"
    ALGORITHM_UNKNOWN = "algorithm_unknown"
    CANONICALIZATION_UNKNOWN = "canonicalization_unknown"
    QUERY_UNKNOWN = "query_unknown"
    DOMAIN_MALFORMED = "domain_malformed"
    IDENTITY_OUTSIDE_DOMAIN = "identity_outside_domain"

    RSA_SHA1 = "rsa_sha1"  # policy: RFC 8301 §3.1
    BODY_PARTLY_SIGNED = "body_partly_signed"  # l=: RFC 6376 §8.2
    KEY_TOO_SHORT = "key_too_short"  # RFC 8301 §3.2
    KEY_TOO_LONG = "key_too_long"
    KEY_IN_TESTING = "key_in_testing"  # t=y: as unsigned, RFC 6376 §3.6.1
    FIELD_REPEATED = "field_repeated"  # an unsigned second From, Subject …: RFC 6376 §8.15

    BODY_CHANGED = "body_changed"  # fail
    SIGNATURE_MISMATCH = "signature_mismatch"
    EXPIRED = "expired"
    SIGNED_IN_FUTURE = "signed_in_future"

    FROM_NOT_SIGNED = "from_not_signed"  # permerror
    NO_KEY = "no_key"
    KEY_MALFORMED = "key_malformed"
    KEY_REVOKED = "key_revoked"
    KEY_OF_OTHER_ALGORITHM = "key_of_other_algorithm"
    KEY_OF_OTHER_HASH = "key_of_other_hash"
    KEY_OF_OTHER_SERVICE = "key_of_other_service"
    IDENTITY_IN_SUBDOMAIN = "identity_in_subdomain"  # t=s
    HEADER_TOO_LARGE = "header_too_large"
    HEADER_MALFORMED = "header_malformed"
    TOO_MANY_FIELDS = "too_many_fields"

    KEY_UNAVAILABLE = "key_unavailable"  # temperror

    NOT_SEALED = "not_sealed"  # of ARC alone
    CHAIN_INCOMPLETE = "chain_incomplete"
    CHAIN_TOO_LONG = "chain_too_long"
    CHAIN_STATUS_WRONG = "chain_status_wrong"
    CHAIN_FAILED_BEFORE = "chain_failed_before"


class Refused(Exception):
    """Ends the check of one signature with a result that is no pass. key_bits: 0 where no key was looked at."""

    def __init__(self, result: Result, reason: Reason, key_bits: int = 0) -> None:
        super().__init__(f"{result}: {reason}")
        self.result, self.reason, self.key_bits = result, reason, key_bits


@dataclass(frozen=True, slots=True)
class SignatureResult:
    """One DKIM-Signature. domain (d=), selector: lower case, A-labels; like algorithm (a=) and identity (i=, "@domain"
    where absent) "" where they cannot be read. key_bits: 0 where no key was looked at."""

    result: Result
    domain: str
    selector: str
    algorithm: str
    key_bits: int
    reason: Reason
    identity: str


@dataclass(frozen=True, slots=True)
class DkimResult:
    """signatures: those looked at, those nearest to the From domain first. skipped: how many more there were.

    problem: why the header was refused as a whole, signed or not; then there are no signatures."""

    signatures: tuple[SignatureResult, ...] = ()
    skipped: int = 0
    problem: Reason = Reason.NONE

    @property
    def passed_domains(self) -> tuple[str, ...]:
        """d= of each signature that passed."""
        return self._domains("pass")

    @property
    def undecided_domains(self) -> tuple[str, ...]:
        """d= of each signature whose key could not be had for now."""
        return self._domains("temperror")

    def _domains(self, result: Result) -> tuple[str, ...]:
        return tuple(signature.domain for signature in self.signatures if signature.result == result)


@dataclass(frozen=True, slots=True)
class Sealed:
    """One ARC Set of a chain that passed. sealer: d= of its seal. authentication_results: what the sealer had found,
    unfolded, as in an Authentication-Results field."""

    instance: int
    sealer: str
    authentication_results: str


@dataclass(frozen=True, slots=True)
class ArcResult:
    """sets: the newest first; none unless the chain passed, as nothing else in them can be believed.

    from_signed: whether the newest set's signature covers From; ARC does not ask for it."""

    result: Literal["none", "pass", "fail", "temperror"]
    reason: Reason = Reason.NONE
    sets: tuple[Sealed, ...] = ()
    from_signed: bool = False

    @property
    def sealers(self) -> tuple[str, ...]:
        """Who sealed, the newest first."""
        return tuple(one.sealer for one in self.sets)
