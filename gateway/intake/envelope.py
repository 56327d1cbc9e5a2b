"""What SMTP said about a mail, apart from the mail itself."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Envelope:
    """mail_from: "" is the null sender (RFC 5321 §4.5.5), else as the client wrote it.

    recipients: normalised, each once, in the order of RCPT; a bare <postmaster> has no @.
    peer: the client's IP address.     helo: the name it gave itself, unproven.     tls: whether DATA came over TLS.
    received_at_ms: UTC, when DATA began."""

    mail_from: str
    recipients: tuple[str, ...]
    peer: str
    helo: str
    tls: bool
    received_at_ms: int
