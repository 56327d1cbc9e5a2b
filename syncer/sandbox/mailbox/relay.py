"""Mail to the outside: handed to an SMTP server; what that refuses comes back from mailer-daemon."""

import asyncio
import json
import smtplib
from typing import TYPE_CHECKING

import structlog

from syncer.sandbox.mailbox import accounts
from syncer.sandbox.mailbox.delivery import deliver

if TYPE_CHECKING:
    from syncer.sandbox.google import Google

log = structlog.get_logger()

_TIMEOUT_S = 20.0
_BOUNCE = """\
From: Mail Delivery Subsystem <mailer-daemon@googlemail.com>
To: {sender}
Subject: Delivery Status Notification (Failure)
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="000000000000sandbox"

--000000000000sandbox
Content-Type: text/plain; charset=utf-8

** Address not found **

Your message wasn't delivered to:

{said}
--000000000000sandbox
Content-Type: message/delivery-status

Reporting-MTA: dns; googlemail.com

{told}
--000000000000sandbox--
"""


async def hand_out(google: "Google", outbox_id: int) -> None:
    """One row of the outbox to the relay. Without a relay it stays there, for tests and people to look at."""
    row = google.store.row("select * from outbox where id = ?", outbox_id)
    if row is None:
        return
    if google.relay is None:
        google.store.run("update outbox set state = 'kept' where id = ?", outbox_id)
        return
    account, recipients = accounts.by_id(google.store, row["account_id"]), json.loads(row["recipients"])
    host, port = google.relay
    refused = await asyncio.to_thread(_give, host, port, account.email, recipients, bytes(row["data"]))
    google.store.run("update outbox set state = ? where id = ?", "refused" if refused else "handed on", outbox_id)
    log.info("sandbox_mail_handed_out", outbox_id=outbox_id, recipients=len(recipients), refused=len(refused))
    if refused:
        # "You can't assume that a 200 response means the email was successfully sent" (1.3).
        deliver(google.store, account, _bounce(account.email, refused), google.now_ms())
        google.notify()


def _give(host: str, port: int, sender: str, recipients: list[str], raw: bytes) -> dict[str, str]:
    """Why which recipient was refused."""
    try:
        with smtplib.SMTP(host, port, local_hostname="sandbox.localhost", timeout=_TIMEOUT_S) as server:
            refused = server.sendmail(sender, recipients, raw)
    except smtplib.SMTPRecipientsRefused as error:
        refused = error.recipients
    except smtplib.SMTPResponseException as error:
        return dict.fromkeys(recipients, f"{error.smtp_code} {_text(error.smtp_error)}")
    except OSError as error:
        return dict.fromkeys(recipients, f"451 4.4.1 {error.strerror or 'the relay does not answer'}")
    return {recipient: f"{code} {_text(answer)}" for recipient, (code, answer) in refused.items()}


def _text(answer: bytes | str) -> str:
    text = answer if isinstance(answer, str) else answer.decode("utf-8", "replace")
    return " ".join(text.split())


def _bounce(sender: str, refused: dict[str, str]) -> bytes:
    """RFC 3464: text for people, delivery-status for programs."""
    said = "\n".join(f"{recipient}: {reason}" for recipient, reason in refused.items())
    told = "\n".join(
        f"Final-Recipient: rfc822; {recipient}\nAction: failed\nStatus: {reason[0]}.0.0\n"
        f"Diagnostic-Code: smtp; {reason}\n"
        for recipient, reason in refused.items()
    )
    return _BOUNCE.format(sender=sender, said=said, told=told).encode()
