"""One copy of a message, stored: the message it is a copy of, what a reader sees of it, and what it alone tells."""

import json
from collections.abc import Iterable
from dataclasses import dataclass

from crm_store.errors import Temporary
from crm_store.facts import MAX_VARIANTS, find_message
from crm_store.mail.parsed_mail import ParsedMail
from crm_store.models.messages import Attachment, Message, MessageContent, Sighting
from crm_store.rules.parties import Parties, Party
from crm_store.rules.sameness import content_digest, identity_of, message_id_key
from crm_store.rules.states import AttachmentState, Automatic, Path

# E4: in a received message parts count in order; from the one that passes the limit on they are listed only.
MAX_ATTACHMENT_BYTES = 26_214_400


@dataclass(frozen=True, slots=True)
class Copy:
    """One copy of a message for one location, as one path brought it.

    blob_sha256: of its raw bytes, which the blob store holds. automatic: C7; None where a person wrote it. capture_id:
    on the BCC path. user_id, gmail_id: on the Gmail path, whose mailbox, and which of its messages."""

    location_id: int
    path: Path
    mail: ParsedMail
    parties: Parties
    blob_sha256: bytes
    seen_at_ms: int
    automatic: Automatic | None = None
    capture_id: int | None = None
    user_id: int | None = None
    gmail_id: str | None = None


def message_of(mail: ParsedMail, *, now_ms: int) -> Message:
    """C9: the message that this is a copy of, or a new one. The unique index decides between two who come at once."""
    identity = identity_of(mail)
    for variant in range(MAX_VARIANTS * 2):
        known = find_message(mail)
        if known is not None:
            return known
        # Beyond the first, `variant` is taken by another text; on PostgreSQL this waits for whoever inserts it now.
        Message.insert(
            identity=identity,
            variant=variant,
            message_id=mail.message_id,
            message_id_key=message_id_key(mail.message_id) if mail.message_id else None,
            sent_at_ms=mail.sent_at_ms,
            created_at_ms=now_ms,
        ).on_conflict(action="NOTHING").execute()
        made = Message.get_or_none((Message.identity == identity) & (Message.variant == variant))
        if made is not None and not _has_content(made):
            return made
    raise Temporary("too many messages of one identity at once")


def _has_content(message: Message) -> bool:
    return MessageContent.select(MessageContent.id).where(MessageContent.message_id == message.id).exists()


def sighting_of(copy: Copy, message: Message) -> Sighting:
    """The row of this copy; the one there is, where the same copy is seen again."""
    known = _known_sighting(copy)
    if known is not None:
        return known
    sighting: Sighting = Sighting.create(
        message_id=message.id,
        content_id=_content_id(copy, message),
        location_id=copy.location_id,
        path=copy.path,
        capture_id=copy.capture_id,
        user_id=copy.user_id,
        gmail_id=copy.gmail_id,
        blob_sha256=copy.blob_sha256,
        bcc=_shown(copy.parties.bcc),
        seen_at_ms=copy.seen_at_ms,
    )
    _attachments(copy, sighting)
    return sighting


def _known_sighting(copy: Copy) -> Sighting | None:
    if copy.capture_id is not None:
        by_capture: Sighting | None = Sighting.get_or_none(Sighting.capture_id == copy.capture_id)
        return by_capture
    by_mailbox: Sighting | None = Sighting.get_or_none(
        (Sighting.location_id == copy.location_id)
        & (Sighting.user_id == copy.user_id)
        & (Sighting.gmail_id == copy.gmail_id)
    )
    return by_mailbox


def _content_id(copy: Copy, message: Message) -> int:
    mail, parties = copy.mail, copy.parties
    to, cc = _shown(parties.to), _shown(parties.cc)
    digest = content_digest(
        [
            mail.subject,
            mail.author.name,
            mail.author.address,
            json.dumps([to, cc, mail.has_html, mail.problems]),
            mail.text,
        ]
    )
    MessageContent.insert(
        message_id=message.id,
        digest=digest,
        subject=mail.subject,
        author_name=mail.author.name,
        author_address=mail.author.address,
        to=to,
        cc=cc,
        text=mail.text,
        has_html=mail.has_html,
        problems=list(mail.problems),
    ).on_conflict(action="NOTHING").execute()
    content = MessageContent.get((MessageContent.message_id == message.id) & (MessageContent.digest == digest))
    return int(content.id)


def _attachments(copy: Copy, sighting: Sighting) -> None:
    total = 0
    for attachment in copy.mail.attachments:
        total += attachment.size_bytes
        Attachment.create(
            sighting_id=sighting.id,
            location_id=copy.location_id,
            position=attachment.position,
            name=attachment.name,
            content_type=attachment.content_type,
            size_bytes=attachment.size_bytes,
            content_id=attachment.content_id,
            inline=attachment.inline,
            state=AttachmentState.STORED if total <= MAX_ATTACHMENT_BYTES else AttachmentState.TOO_LARGE,
        )


def _shown(parties: Iterable[Party]) -> list[dict[str, str]]:
    return [{"name": party.name, "address": party.address} for party in parties]
