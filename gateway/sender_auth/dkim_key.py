"""Public keys: the record a signer publishes (RFC 6376 §3.6.1), and whether a signature is the key's."""

from collections.abc import Iterable
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

from gateway.sender_auth.answers import Answer, Answers, Found, Question
from gateway.sender_auth.dkim_signature import Signature
from gateway.sender_auth.domain_names import MAX_OCTETS
from gateway.sender_auth.signature_results import Reason, Refused
from gateway.sender_auth.tag_list import Tag, base64_value, parse_tags, without_blanks

SHORTEST_RSA_BITS = 1024  # RFC 8301 §3.2
LONGEST_RSA_BITS = 8192  # it asks for 4096; the time a signature takes grows with the square
LONGEST_EXPONENT_BITS = 64  # all use 65537; one as long as the modulus makes a check some hundred times as slow
MOST_RECORDS = 10  # RFC 6376 §6.1.2 leaves open which of several counts; a wildcard brings others along

_PREHASHED = Prehashed(SHA256())


@dataclass(frozen=True, slots=True)
class PublicKey:
    """One published key. testing: t=y. for_domain_only: t=s."""

    key: RSAPublicKey | Ed25519PublicKey
    bits: int
    testing: bool
    for_domain_only: bool

    def made(self, signature: bytes, digest: bytes) -> bool:
        """Whether the signature over this SHA-256 digest is the key's (RFC 8017 §8.2.2; RFC 8463 §3)."""
        try:
            if isinstance(self.key, RSAPublicKey):
                self.key.verify(signature, digest, PKCS1v15(), _PREHASHED)
            else:
                self.key.verify(signature, digest)
        except InvalidSignature:
            return False
        return True


def read_key(record: bytes, algorithm: str) -> PublicKey:
    """A record's key, fit for an algorithm of a=. Raises Refused."""
    try:
        tags = parse_tags(record)
    except ValueError:
        raise Refused("permerror", Reason.KEY_MALFORMED) from None
    kind, _, hash_name = algorithm.partition("-")
    if _word(tags, "v", b"DKIM1") != b"DKIM1" or "p" not in tags:
        raise Refused("permerror", Reason.KEY_MALFORMED)
    if not tags["p"].value:
        raise Refused("permerror", Reason.KEY_REVOKED)
    if _word(tags, "k", b"rsa") != kind.encode():
        raise Refused("permerror", Reason.KEY_OF_OTHER_ALGORITHM)
    if "h" in tags and hash_name.encode() not in _words(tags, "h"):
        raise Refused("permerror", Reason.KEY_OF_OTHER_HASH)
    if "s" in tags and not {b"*", b"email"} & _words(tags, "s"):
        raise Refused("permerror", Reason.KEY_OF_OTHER_SERVICE)
    key, bits = _load(tags["p"].value, kind)
    flags = _words(tags, "t") if "t" in tags else set()
    return PublicKey(key, bits, testing=b"y" in flags, for_domain_only=b"s" in flags)


def ask(signatures: Iterable[Signature], answers: Answers) -> None:
    """Raises NotAsked with all keys that are not there yet, so that they are fetched together."""
    answers.get_all([question for signature in signatures if (question := _question(signature))])


def confirm(signature: Signature, digest: bytes, answers: Answers) -> int:
    """The bits of the key that signed this digest. Raises Refused where no published key did, and NotAsked."""
    refusals = []
    for record in _records(signature, answers):
        try:
            return _confirm(signature, digest, read_key(record, signature.algorithm))
        except Refused as refused:
            refusals.append(refused)
    raise max(refusals, key=lambda refused: refused.key_bits)  # the first, or the first that was a key


def _confirm(signature: Signature, digest: bytes, key: PublicKey) -> int:
    if key.for_domain_only and signature.speaks_for_subdomain:
        raise Refused("permerror", Reason.IDENTITY_IN_SUBDOMAIN, key.bits)
    if not key.made(signature.signature, digest):
        raise Refused("fail", Reason.SIGNATURE_MISMATCH, key.bits)
    if key.testing:
        raise Refused("policy", Reason.KEY_IN_TESTING, key.bits)
    return key.bits


def _question(signature: Signature) -> Question | None:
    """Where the key is published; None where no DNS name is so long."""
    name = f"{signature.selector}._domainkey.{signature.domain}"
    return Question(name, "TXT") if len(name) <= MAX_OCTETS else None


def _records(signature: Signature, answers: Answers) -> tuple[bytes, ...]:
    question = _question(signature)
    answer = answers.get(question) if question else Answer(Found.NO_NAME)
    if answer.unknown:
        raise Refused("temperror", Reason.KEY_UNAVAILABLE)
    if answer.found is not Found.RECORDS or not answer.texts:
        raise Refused("permerror", Reason.NO_KEY)
    return answer.texts[:MOST_RECORDS]


def _load(value: bytes, kind: str) -> tuple[RSAPublicKey | Ed25519PublicKey, int]:
    """An RSA key may come as SubjectPublicKeyInfo, as all do, or as RSAPublicKey."""
    try:
        raw = base64_value(value)
        if kind == "ed25519":
            return Ed25519PublicKey.from_public_bytes(raw), 256
        key = load_der_public_key(raw)
    except (ValueError, UnsupportedAlgorithm):
        raise Refused("permerror", Reason.KEY_MALFORMED) from None
    if not isinstance(key, RSAPublicKey):
        raise Refused("permerror", Reason.KEY_OF_OTHER_ALGORITHM)
    if key.key_size < SHORTEST_RSA_BITS:
        raise Refused("policy", Reason.KEY_TOO_SHORT, key.key_size)
    if key.key_size > LONGEST_RSA_BITS or key.public_numbers().e.bit_length() > LONGEST_EXPONENT_BITS:
        raise Refused("policy", Reason.KEY_TOO_LONG, key.key_size)
    return key, key.key_size


def _word(tags: dict[str, Tag], name: str, default: bytes) -> bytes:
    return tags[name].value if name in tags else default


def _words(tags: dict[str, Tag], name: str) -> set[bytes]:
    return set(without_blanks(tags[name].value).split(b":"))
