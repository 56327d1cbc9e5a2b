"""One copy of a message, stored: the message it is a copy of, what a reader sees of it, and what it alone tells."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from crm_store.database.prepared import Prepared, PreparedInsert, Statement
from crm_store.database.rows import tuples
from crm_store.errors import Temporary
from crm_store.facts import find_message
from crm_store.mail.parsed_mail import ParsedMail
from crm_store.models.messages import Attachment, Message, MessageContent, Sighting
from crm_store.rules.parties import Parties, Party
from crm_store.rules.sameness import content_digest, identity_of, message_id_key
from crm_store.rules.states import AttachmentState, Automatic, Path

# E4: in a received message parts count in order; from the one that passes the limit on they are listed only.
MAX_ATTACHMENT_BYTES = 26_214_400

_TRIES = 20  # each is lost to somebody else who files another text of that identity at this moment

_MESSAGES = PreparedInsert(Message)
_CONTENTS = PreparedInsert(MessageContent)
_SIGHTINGS = PreparedInsert(Sighting)
_ATTACHMENTS = PreparedInsert(Attachment)


@dataclass(frozen=True, slots=True)
class MessageRow:
    """A message as stored. key: what answers find it by, None without a Message-ID. is_new: it has no copy yet."""

    id: int
    key: bytes | None
    is_new: bool


@dataclass(frozen=True, slots=True)
class Copy:
    """One copy of a message for one location, as one path brought it.

    blob_sha256: of its raw bytes, which the blob store holds. automatic: C7; None where a person wrote it. capture_id:
    on the BCC path. user_id, gmail_id: on the Gmail path, whose mailbox, and which of its messages. thread_key: of the
    mailbox's own thread (B9)."""

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
    thread_key: bytes | None = None


def message_of(mail: ParsedMail, *, now_ms: int) -> MessageRow:
    """C9: the message that this is a copy of, or a new one. The unique index decides between two who come at once."""
    row = message_columns(mail, now_ms=now_ms)
    key = row["message_id_key"]
    for _ in range(_TRIES):
        # On PostgreSQL this waits for whoever inserts the same one now.
        made = _MESSAGES.insert_new(**row)
        if made is not None:
            return MessageRow(made, key, is_new=True)
        known = find_message(mail)
        if known is not None:
            return MessageRow(known, key, is_new=False)
        row["variant"] = _next_variant(row["identity"])
    raise Temporary("too many messages of one identity at once")


def message_columns(mail: ParsedMail, *, now_ms: int) -> dict[str, Any]:
    """Of the first of its identity. Any: a column's value, here and below."""
    return {
        "identity": identity_of(mail),
        "variant": 0,
        "message_id": mail.message_id,
        "message_id_key": message_id_key(mail.message_id) if mail.message_id else None,
        "sent_at_ms": mail.sent_at_ms,
        "created_at_ms": now_ms,
    }


def _next_variant(identity: bytes) -> int:
    newest = Message.select(Message.variant).where(Message.identity == identity).order_by(Message.variant.desc())
    return max((variant for (variant,) in tuples(newest.limit(1))), default=-1) + 1


def sighting_of(copy: Copy, message: MessageRow) -> int:
    """The id of this copy's row; of the one there is, where the same copy is seen again."""
    known = None if message.is_new else _known_sighting(copy)
    if known is not None:
        return known
    content_id = _content_id(copy, message.id)
    sighting_id = _SIGHTINGS.insert(**sighting_columns(copy, message.id, content_id))
    for row in attachment_columns(copy, sighting_id):
        _ATTACHMENTS.insert(**row)
    return sighting_id


def sighting_columns(copy: Copy, message_id: int, content_id: int) -> dict[str, Any]:
    return {
        "message_id": message_id,
        "content_id": content_id,
        "location_id": copy.location_id,
        "path": copy.path,
        "capture_id": copy.capture_id,
        "user_id": copy.user_id,
        "gmail_id": copy.gmail_id,
        "blob_sha256": copy.blob_sha256,
        "bcc": _shown(copy.parties.bcc),
        "seen_at_ms": copy.seen_at_ms,
    }


def _known_sighting(copy: Copy) -> int | None:
    if copy.capture_id is not None:
        known = _of_capture.first(copy.capture_id)
    else:
        known = _of_mailbox.first(copy.location_id, copy.user_id, copy.gmail_id)
    return None if known is None else int(known[0])


@Prepared
def _of_capture(capture_id: int) -> Statement:
    return Sighting.select(Sighting.id).where(Sighting.capture_id == capture_id)


@Prepared
def _of_mailbox(location_id: int, user_id: int | None, gmail_id: str | None) -> Statement:
    return Sighting.select(Sighting.id).where(
        (Sighting.location_id == location_id) & (Sighting.user_id == user_id) & (Sighting.gmail_id == gmail_id)
    )


def _content_id(copy: Copy, message_id: int) -> int:
    row = content_columns(copy, message_id)
    made = _CONTENTS.insert_new(**row)
    if made is not None:
        return made
    known = _content.first(message_id, row["digest"])
    assert known is not None, "what cannot be inserted is there"
    return int(known[0])


def content_columns(copy: Copy, message_id: int) -> dict[str, Any]:
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
    return {
        "message_id": message_id,
        "digest": digest,
        "subject": mail.subject,
        "author_name": mail.author.name,
        "author_address": mail.author.address,
        "to": to,
        "cc": cc,
        "text": mail.text,
        "has_html": mail.has_html,
        "problems": list(mail.problems),
    }


@Prepared
def _content(message_id: int, digest: bytes) -> Statement:
    return MessageContent.select(MessageContent.id).where(
        (MessageContent.message_id == message_id) & (MessageContent.digest == digest)
    )


def read_anew(sighting: Sighting, copy: Copy) -> bool:
    """Make what is shown of a copy what its mail says now; whether that is something else. Ids of attachments stay."""
    changed = _renew_attachments(copy, sighting.id)
    content_id, before = _content_id(copy, sighting.message_id), sighting.content_id
    bcc = _shown(copy.parties.bcc)
    if content_id != before or bcc != sighting.bcc:
        Sighting.update(content_id=content_id, bcc=bcc).where(Sighting.id == sighting.id).execute()
        changed = True
    if content_id != before and not Sighting.select(Sighting.id).where(Sighting.content_id == before).exists():
        MessageContent.delete().where(MessageContent.id == before).execute()
    return changed


def _renew_attachments(copy: Copy, sighting_id: int) -> bool:
    told = {row["position"]: row for row in _described(copy)}
    known = {row.position: row for row in Attachment.select().where(Attachment.sighting_id == sighting_id)}
    gone = [row.id for position, row in known.items() if position not in told]
    new = [row for position, row in told.items() if position not in known]
    other = [(known[at], row) for at, row in told.items() if at in known and _differs(known[at], row)]
    if gone:
        Attachment.delete().where(Attachment.id.in_(gone)).execute()
    for row in new:
        _ATTACHMENTS.insert(sighting_id=sighting_id, location_id=copy.location_id, **row)
    for before, row in other:
        Attachment.update(**row).where(Attachment.id == before.id).execute()
    return bool(gone or new or other)


def _differs(before: Attachment, told: dict[str, Any]) -> bool:
    return any(getattr(before, name) != value for name, value in told.items())


def attachment_columns(copy: Copy, sighting_id: int) -> Iterator[dict[str, Any]]:
    for row in _described(copy):
        yield {"sighting_id": sighting_id, "location_id": copy.location_id, **row}


def _described(copy: Copy) -> Iterator[dict[str, Any]]:
    total = 0
    for attachment in copy.mail.attachments:
        total += attachment.size_bytes
        yield {
            "position": attachment.position,
            "name": attachment.name,
            "content_type": attachment.content_type,
            "size_bytes": attachment.size_bytes,
            "content_id": attachment.content_id,
            "inline": attachment.inline,
            "state": AttachmentState.STORED if total <= MAX_ATTACHMENT_BYTES else AttachmentState.TOO_LARGE,
        }


def _shown(parties: Iterable[Party]) -> list[dict[str, str]]:
    return [{"name": party.name, "address": party.address} for party in parties]
