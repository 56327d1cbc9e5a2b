"""What the product says to SMTP: the border between the wire and our words. Knows no protocol beyond its replies."""

from collections.abc import Collection

import structlog

from crm_store import clock, fault_point
from crm_store.errors import IntakeFull
from crm_store.rules.address import normalise
from gateway.intake.envelope import Envelope
from gateway.intake.intake import Intake
from gateway.smtp import replies
from gateway.smtp.arguments import Path
from gateway.smtp.data_stream import ClientGone, IncomingMail, MailTooLarge
from gateway.smtp.limits import Limits
from gateway.smtp.loops import LoopWatch, MailLooped
from gateway.smtp.recipients import Answer, RecipientBook

_ALWAYS_TAKEN = frozenset({"postmaster", "abuse"})  # RFC 5321 §4.5.1, RFC 2142 §4

log = structlog.get_logger()


class CaptureHandler:
    """Serves all sessions of a process."""

    def __init__(
        self, capture_domains: Collection[str], recipients: RecipientBook, intake: Intake, limits: Limits
    ) -> None:
        self._max_received_fields = limits.received_fields
        self._capture_domains = frozenset(capture_domains)
        self._recipients = recipients
        self._intake = intake

    def sender(self) -> str:
        """The reply to a MAIL that is well-formed: anybody may write, while there is room."""
        try:
            self._intake.check_room()
        except IntakeFull:
            return replies.NEARLY_FULL
        return replies.SENDER_OK

    async def check_recipients(self) -> bool:
        """To be awaited before a mail's first RCPT. Whether addresses that are not known can be told from new ones."""
        return await self._recipients.check()

    def recipient(self, path: Path, checked: bool) -> tuple[str, str]:
        """The reply, and the recipient as the envelope holds it; "" where it is refused.

        checked: what check_recipients() said."""
        if not path.has_domain:
            name = path.address.casefold()
            return (replies.RECIPIENT_OK, name) if name == "postmaster" else (replies.BAD_RECIPIENT, "")
        address = normalise(path.address)
        local, _, domain = address.rpartition("@")
        if domain not in self._capture_domains:
            return replies.NO_RELAYING, ""
        if local in _ALWAYS_TAKEN:
            return replies.RECIPIENT_OK, address
        match self._recipients.look_up(address, clock.now_ms(), checked):
            case Answer.KNOWN:
                return replies.RECIPIENT_OK, address
            case Answer.UNKNOWN:
                return replies.NO_SUCH_RECIPIENT, ""
            case Answer.NOT_CHECKABLE:
                return replies.TRY_LATER, ""

    async def keep(self, envelope: Envelope, mail: IncomingMail) -> str:
        """The reply to the mail itself, when it is on disk or cannot be kept. Mail may not be read to its end then.

        Raises: ClientGone."""
        try:
            watched = LoopWatch(mail, envelope.recipients, self._max_received_fields)
            receipt_id = await self._intake.put(envelope, watched)
        except ClientGone:
            raise
        except MailTooLarge:
            return replies.TOO_LARGE
        except MailLooped:
            return replies.LOOPED
        except IntakeFull:
            return replies.NEARLY_FULL
        except Exception:
            log.exception("mail_not_kept")
            return replies.TRY_LATER
        fault_point.reach("receiver.before-250")
        return replies.KEPT.format(receipt_id=receipt_id)
