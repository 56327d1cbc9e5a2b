"""The key that signs id_tokens and push tokens: RS256, made once and kept in the store."""

import base64
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID

from syncer.sandbox.json_value import JsonObject
from syncer.sandbox.store import Store

ISSUER = "https://accounts.google.com"
_KEY_BITS = 2048
_CERTIFICATE_DAYS = 3650


@dataclass(frozen=True, slots=True)
class SigningKey:
    key: rsa.RSAPrivateKey
    id: str

    @classmethod
    def of(cls, store: Store) -> "SigningKey":
        """The store's key; made there the first time."""
        kept = store.row("select value from secrets where name = 'signing key'")
        pem = bytes(kept["value"]) if kept else store.secret("signing key", new_pem())
        key = serialization.load_pem_private_key(pem, None)
        assert isinstance(key, rsa.RSAPrivateKey)
        return cls(key, _fingerprint(key))

    def token(self, claims: JsonObject) -> str:
        """A JWT (RFC 7519, RFC 7515 §7.1)."""
        head: JsonObject = {"alg": "RS256", "kid": self.id, "typ": "JWT"}
        signed = f"{_encoded(json.dumps(head).encode())}.{_encoded(json.dumps(claims).encode())}"
        return f"{signed}.{_encoded(self.key.sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256()))}"

    def jwks(self) -> JsonObject:
        """As /oauth2/v3/certs has it (RFC 7517)."""
        numbers = self.key.public_key().public_numbers()
        return {
            "keys": [
                {
                    "kty": "RSA",
                    "alg": "RS256",
                    "use": "sig",
                    "kid": self.id,
                    "n": _number(numbers.n),
                    "e": _number(numbers.e),
                }
            ]
        }

    def certificates(self, now_ms: int) -> JsonObject:
        """As /oauth2/v1/certs has it: kid → PEM of an X.509 certificate."""
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sandbox.system.gserviceaccount.com")])
        now = datetime.fromtimestamp(now_ms / 1000, UTC)
        certificate = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(self.key.public_key())
            .serial_number(1)
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=_CERTIFICATE_DAYS))
            .sign(self.key, hashes.SHA256())
        )
        return {self.id: certificate.public_bytes(serialization.Encoding.PEM).decode()}


def new_pem() -> bytes:
    """A private key, PKCS #8."""
    return rsa.generate_private_key(public_exponent=65537, key_size=_KEY_BITS).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _fingerprint(key: rsa.RSAPrivateKey) -> str:
    der = key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    digest = hashes.Hash(hashes.SHA256())
    digest.update(der)
    return digest.finalize().hex()[:40]


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _number(value: int) -> str:
    return _encoded(value.to_bytes((value.bit_length() + 7) // 8, "big"))
