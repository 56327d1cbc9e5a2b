"""Is the certificate for STARTTLS one that a sender who looks at it believes?"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
)

from crm_store.settings import Settings
from gateway.doctor.finding import Finding, ok, warning, wrong

_RENEW_WITHIN = timedelta(days=14)
_RENEW = "Renew it (certbot renew, deploy/dns.md): the receivers read it anew when it changes"


def leaf_of(path: Path) -> bytes | None:
    """The first certificate in the file, DER. None where there is none that can be read."""
    try:
        return x509.load_pem_x509_certificates(path.read_bytes())[0].public_bytes(Encoding.DER)
    except (OSError, ValueError):
        return None


def check_certificate(settings: Settings, hosts: Collection[str], now: datetime) -> list[Finding]:
    """hosts: the names of the MX, whose senders look for them in it. now: aware. Blocks. Nothing where none is set."""
    if settings.tls_cert is None or settings.tls_key is None:
        return []
    try:
        chain = x509.load_pem_x509_certificates(settings.tls_cert.read_bytes())
    except (OSError, ValueError) as error:
        found = f"SUNNYDAY_TLS_CERT={settings.tls_cert}: {_reason(error, 'no PEM certificate in it')}"
        return [wrong("certificate", found, "Name the certificate with its chain, PEM (fullchain.pem)")]
    leaf = chain[0]
    return [_judge_key(settings.tls_key, leaf), _judge_time(leaf, now), _judge_names(leaf, hosts), *_judge_chain(chain)]


def _judge_key(path: Path, leaf: x509.Certificate) -> Finding:
    try:
        key = load_pem_private_key(path.read_bytes(), password=None)
    except TypeError:
        mend = "Take the password off: openssl pkey -in KEY -out NEW; nobody is there to type it"
        return wrong("certificate", f"SUNNYDAY_TLS_KEY={path}: it has a password", mend)
    except (OSError, ValueError, UnsupportedAlgorithm) as error:
        found = f"SUNNYDAY_TLS_KEY={path}: {_reason(error, 'no PEM key in it')}"
        return wrong("certificate", found, "Name the private key that belongs to the certificate, PEM (privkey.pem)")
    if _public(key.public_key()) != _public(leaf.public_key()):
        mend = "Name the two files that came together (fullchain.pem, privkey.pem)"
        return wrong("certificate", "SUNNYDAY_TLS_KEY is not the key of SUNNYDAY_TLS_CERT", mend)
    return ok("certificate", "its key belongs to it")


def _public(key: PublicKeyTypes) -> bytes:
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _judge_time(leaf: x509.Certificate, now: datetime) -> Finding:
    begins, ends = leaf.not_valid_before_utc, leaf.not_valid_after_utc
    if now < begins:
        return wrong("certificate", f"it is valid from {begins:%Y-%m-%d} on", "Check the clock (timedatectl)")
    if now > ends:
        return wrong("certificate", f"it expired on {ends:%Y-%m-%d}", _RENEW)
    if ends - now < _RENEW_WITHIN:
        return warning("certificate", f"it expires on {ends:%Y-%m-%d}", _RENEW)
    return ok("certificate", f"it is valid until {ends:%Y-%m-%d}")


def _judge_names(leaf: x509.Certificate, hosts: Collection[str]) -> Finding:
    names = _names(leaf)
    told = ", ".join(sorted(names)) or "no name"
    if missing := sorted(host for host in hosts if not _covers(names, host)):
        found = f"it is for {told}, and not for the MX {', '.join(missing)}"
        return wrong("certificate", found, "Get one for the MX's name: that is what senders ask for (RFC 8461 §4.1)")
    return ok("certificate", f"it is for {told}")


def _judge_chain(chain: Sequence[x509.Certificate]) -> list[Finding]:
    leaf = chain[0]
    if leaf.issuer == leaf.subject:
        mend = "Get one from a public authority (Let's Encrypt): senders who look believe no other"
        return [warning("certificate", "it is signed by itself", mend)]
    if len(chain) == 1:
        mend = "Name the file with the whole chain (fullchain.pem, not cert.pem)"
        return [warning("certificate", "the certificate of its issuer is not in the file", mend)]
    return []


def _names(leaf: x509.Certificate) -> list[str]:
    """RFC 9525 §2: the subject's common name counts for nothing."""
    try:
        alternative = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (x509.ExtensionNotFound, ValueError):
        return []
    return [name.lower() for name in alternative.get_values_for_type(x509.DNSName)]


def _covers(names: Collection[str], host: str) -> bool:
    """RFC 9525 §6.3: a star stands for the whole first label."""
    return host in names or f"*.{host.partition('.')[2]}" in names


def _reason(error: Exception, otherwise: str) -> str:
    return error.strerror or otherwise if isinstance(error, OSError) else otherwise
