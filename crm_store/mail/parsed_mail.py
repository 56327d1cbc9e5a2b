"""What is understood of one mail. Every text here is clean: no NUL, no lone surrogate, NFC where it names people."""

from dataclasses import dataclass

from crm_store.mail.automatic.signs import AutomaticSigns


@dataclass(frozen=True, slots=True)
class Mailbox:
    """One name-and-address pair (RFC 5322 §3.4). address as written, "" where none could be read; name may be ""."""

    name: str
    address: str


@dataclass(frozen=True, slots=True)
class Attachment:
    """A part that is not the message's text.

    position: counts the leaf parts of this mail from 0, stable for the same bytes; files in a winmail.dat count apart.
    name: "" where the mail gives none.
    content_id: without brackets, or None.
    size_bytes, sha256: of the decoded content; sha256 is None for what was not decoded (bounds)."""

    position: int
    name: str
    content_type: str
    size_bytes: int
    sha256: str | None
    content_id: str | None
    inline: bool


@dataclass(frozen=True, slots=True)
class ThreadIndex:
    """What Outlook says of the talk ([MS-OXOMSG] 2.2.1.3). root: the same in all its mails; b"" if it says nothing."""

    root: bytes = b""
    is_reply: bool = False


@dataclass(frozen=True, slots=True)
class ParsedMail:
    """message_id, in_reply_to, references: without angle brackets. sent_at_ms: the Date header; None if unreadable.
    utc_offset_s: the zone of its author, as Date has it, east of UTC; 0 where it has none.

    from_: every From mailbox, in order; () where there is none. bcc: header Bcc, which clients leave in their copies.
    text: what a person would read as the mail's text, "\\n" line ends, from HTML where there is no text part.
    problems: words of mail.problems for what could not be read as it was written; () for a clean mail (C10).
    embedded: the first mail that is attached (C6), read alike; None where there is none, and in an embedded mail."""

    message_id: str | None
    in_reply_to: tuple[str, ...]
    references: tuple[str, ...]
    from_: tuple[Mailbox, ...]
    sender: tuple[Mailbox, ...]
    reply_to: tuple[Mailbox, ...]
    to: tuple[Mailbox, ...]
    cc: tuple[Mailbox, ...]
    bcc: tuple[Mailbox, ...]
    subject: str
    sent_at_ms: int | None
    text: str
    has_html: bool
    attachments: tuple[Attachment, ...]
    automatic: AutomaticSigns
    problems: tuple[str, ...]
    utc_offset_s: int = 0
    embedded: "ParsedMail | None" = None
    thread_index: ThreadIndex = ThreadIndex()

    @property
    def author(self) -> Mailbox:
        """The first From mailbox (Words: author); an empty one where there is none."""
        return self.from_[0] if self.from_ else Mailbox("", "")
