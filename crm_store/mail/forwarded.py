"""C6: the mail that a mail forwards, whichever way."""

from crm_store.mail.forward import Forward, find_forward
from crm_store.mail.parsed_mail import ParsedMail

_NOBODY = 0.3  # an attached mail that names no author: a guess, see forward.CONFIDENT


def forwarded(mail: ParsedMail) -> Forward | None:
    """What is attached whole, else what is printed in the text. Whether the mail is a bounce is not looked at."""
    inner = mail.embedded
    if inner is None:
        return find_forward(mail.subject, mail.text, mail.utc_offset_s)
    return Forward(
        from_=inner.from_,
        to=inner.to,
        cc=inner.cc,
        subject=inner.subject,
        sent_at_ms=inner.sent_at_ms,
        text=inner.text,
        confidence=1.0 if inner.author.address else _NOBODY,
        attached=True,
    )
