"""What a message is made of. Whatever people typed may stand in these values: message.compose() makes it harmless."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from crm_store.mail.parsed_mail import Mailbox


@dataclass(frozen=True, slots=True)
class DraftAttachment:
    """name: "" for none. content_type: "" for unknown; parameters other than charset are left out.

    content: the bytes, or what fetches them: then one attachment at a time is in memory. content_id: without brackets,
    of an image that the HTML shows as cid:…; a part that the HTML does not name is an ordinary attachment."""

    name: str
    content_type: str
    content: bytes | Callable[[], bytes]
    content_id: str | None = None


@dataclass(frozen=True, slots=True)
class ReplyTo:
    """E5: the message that is answered. Ids without brackets, oldest reference first; message_id: None for none."""

    message_id: str | None
    references: tuple[str, ...] = ()

    @classmethod
    def to(cls, message_id: str | None, references: Sequence[str], in_reply_to: Sequence[str]) -> "ReplyTo":
        """Of the answered message's own fields. RFC 5322 §3.6.4: without References its single In-Reply-To counts."""
        alone = tuple(in_reply_to) if len(in_reply_to) == 1 else ()
        return cls(message_id, tuple(references) or alone)


@dataclass(frozen=True, slots=True)
class Draft:
    """text: "" where only HTML is given: it is then made from that. html: None for a mail of text only.

    signature: plain lines, "" for none. token: the delivery's (26 letters and digits or more). message_id: without
    brackets; None where the mailbox's host sets it (Gmail). fields: further header fields, constants of ours as RFC
    3834's ("Auto-Submitted", "auto-generated"), printable ASCII."""

    from_name: str
    from_address: str
    to: tuple[Mailbox, ...]
    subject: str
    text: str
    token: str
    html: str | None = None
    cc: tuple[Mailbox, ...] = ()
    bcc: tuple[Mailbox, ...] = ()
    signature: str = ""
    attachments: tuple[DraftAttachment, ...] = ()
    reply: ReplyTo | None = None
    message_id: str | None = None
    fields: tuple[tuple[str, str], ...] = ()
