"""How much one client may ask of us, and all of them together. Each is a setting; the defaults are the settings'."""

from dataclasses import dataclass

from crm_store.settings import Settings


@dataclass(frozen=True, slots=True)
class Limits:
    """In one session: mail_bytes a mail, and what Postfix calls recipient, error and command limits.

    unknown_recipients: addresses that are none of ours; each further one may be a guess.
    commands: since the last mail that was kept.
    received_fields: RFC 5321 §6.3 wants a large one, at least 100 hops for who relays; we only take.
    mail_s: from DATA to its end. session_s: until no further mail is begun.
    min_bytes_per_s: of a mail, over all of its time but the first idle_s."""

    mail_bytes: int
    recipients: int = 1000  # RFC 5321 §4.5.3.1.8: at least 100
    unknown_recipients: int = 50
    errors: int = 20
    commands: int = 3000
    received_fields: int = 50
    idle_s: float = 300  # RFC 5321 §4.5.3.2.7
    mail_s: float = 3600
    session_s: float = 7200
    min_bytes_per_s: int = 500
    skip_bytes: int = 32 * 1024 * 1024
    """Read to the end of a refused mail, so that the sender hears why; further on the session is closed."""

    @classmethod
    def of(cls, settings: Settings) -> "Limits":
        return cls(
            mail_bytes=settings.smtp_max_bytes,
            recipients=settings.smtp_recipients,
            unknown_recipients=settings.smtp_unknown_recipients,
            errors=settings.smtp_errors,
            commands=settings.smtp_commands,
            received_fields=settings.smtp_received_fields,
            idle_s=settings.smtp_idle_s,
            mail_s=settings.smtp_mail_s,
            session_s=settings.smtp_session_s,
            min_bytes_per_s=settings.smtp_min_bytes_per_s,
        )
