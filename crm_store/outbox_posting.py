"""Taking an e-mail in: checked and composed at once, so that whoever posts it hears at once what is wrong with it; its
bytes are durable before a row refers to them; queued in one transaction."""

from __future__ import annotations

import hashlib
import secrets
from base64 import b32encode
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from crm_store import audit, locations, members, outbox_answered, outbox_lanes, outbox_recipients, providers
from crm_store.access import Access
from crm_store.blobs.keeping import keep
from crm_store.blobs.store import BlobStore, NewBlob
from crm_store.copies import MAX_ATTACHMENT_BYTES
from crm_store.database.prepared import PreparedInsert
from crm_store.database.session import writing
from crm_store.errors import Forbidden, Invalid
from crm_store.mail.compose.draft import Draft, DraftAttachment
from crm_store.mail.compose.message import content, own_header
from crm_store.mail.parsed_mail import Mailbox
from crm_store.models.outbox import Delivery, Email, OutboxLane
from crm_store.models.people import Identity, User
from crm_store.notice_wording import PRODUCT
from crm_store.outbox_answered import Answered
from crm_store.outbox_lanes import Way
from crm_store.outbox_recipients import Recipients
from crm_store.rules.address import domain_of, fold_identity, normalise
from crm_store.rules.outbox import EmailKind, LaneKind, OutboxReason, OutboxState

MOST_DAYS_AHEAD = 366
_DAY_MS = 86_400_000

_EMAILS = PreparedInsert(Email)
_DELIVERIES = PreparedInsert(Delivery)


@dataclass(frozen=True, slots=True)
class NewEmail:
    """What somebody asks to be sent. from_address: None for the default. subject: "" in an answer for the talk's own.

    send_at_ms: None for now. fields: further lines of the header, of a notice; constants of ours."""

    user_id: int
    kind: EmailKind
    to: Sequence[Mailbox]
    cc: Sequence[Mailbox]
    bcc: Sequence[Mailbox]
    subject: str
    text: str
    html: str | None
    attachments: Sequence[DraftAttachment]
    from_address: str | None = None
    reply_to_entry_id: int | None = None
    send_at_ms: int | None = None
    fields: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True)
class _Message:
    """One delivery to be. own_header: see models.outbox.Delivery."""

    token: str
    message_id: str | None
    recipients: list[str]
    own_header: bytes


@dataclass(frozen=True, slots=True)
class PreparedEmail:
    """Checked, composed, and its bytes stored. shared: see models.outbox.Delivery. reason: why it waits, if it does."""

    new: NewEmail
    location_id: int
    way: Way
    draft: Draft
    recipients: Recipients
    gmail_thread_id: str | None
    messages: list[_Message]
    shared: NewBlob
    shared_bytes: int
    not_before_ms: int
    reason: OutboxReason | None


def require_sender(access: Access, location_id: int, user_id: int) -> None:
    """Nobody sends as somebody else, but for who runs the installation. Raises: NotFound, Forbidden, Invalid."""
    if not access.installation_admin:
        access.reader_of(location_id)
        if user_id != access.user_id:
            raise Forbidden("only they themselves may send as this user")
    locations.require(location_id)
    if not members.works_in(user_id, location_id):
        raise Invalid("user_id", "is no member of the location")


def prepare(location_id: int, new: NewEmail, blobs: BlobStore, *, now_ms: int) -> PreparedEmail:
    """Nothing is queued yet. Ask require_sender first. Raises: Invalid with the field's name, StoreUnavailable."""
    recipients = outbox_recipients.checked(new.to, new.cc, new.bcc, new.kind)
    if new.kind is not EmailKind.NOTICE:
        outbox_recipients.require_outside(location_id, recipients, new.kind, now_ms=now_ms)
    if not (new.text or new.html):
        raise Invalid("text", "is empty, and so is html")
    _require_small(new.attachments)
    user: User = User.get_by_id(new.user_id)
    not_before_ms, reason = _when(new, user.undo_s, now_ms)
    answered = _answered(location_id, new, blobs)
    talks = answered.gmail_threads if answered else {}
    way = outbox_lanes.way_for(location_id, new.user_id, new.kind, from_address=new.from_address, in_mailboxes=talks)
    draft = _draft(new, recipients, user, _sender(new, way, user), answered)
    messages, shared = _composed(draft, new.kind, way)
    blob = NewBlob(hashlib.sha256(shared).digest(), shared)
    blobs.put([blob])
    return PreparedEmail(
        new=new,
        location_id=location_id,
        way=way,
        draft=draft,
        recipients=recipients,
        gmail_thread_id=None if way.connection_id is None else talks.get(way.connection_id),
        messages=messages,
        shared=blob,
        shared_bytes=len(shared),
        not_before_ms=not_before_ms,
        reason=reason,
    )


def queue(access: Access, prepared: PreparedEmail, blobs: BlobStore, *, now_ms: int) -> int:
    """The e-mail's id; from here on it is sent. Raises: Invalid where its connection has ended meanwhile (E8)."""
    new, draft = prepared.new, prepared.draft
    with writing():
        lane_id = outbox_lanes.lane_of(prepared.way)
        due_at_ms = prepared.not_before_ms
        if new.kind is EmailKind.NOTICE:  # a person waits for it: a mailing to thousands goes on behind it
            due_at_ms = outbox_lanes.front_ms(lane_id, now_ms=now_ms)
        keep([(prepared.shared, prepared.shared_bytes)], blobs, now_ms=now_ms)
        email_id = _EMAILS.insert(
            location_id=prepared.location_id,
            user_id=new.user_id,
            kind=new.kind,
            state=OutboxState.WAITING,
            reason=prepared.reason,
            from_name=draft.from_name,
            from_address=draft.from_address,
            to=_named(prepared.recipients.to),
            cc=_named(prepared.recipients.cc),
            bcc=_named(prepared.recipients.bcc),
            subject=draft.subject,
            text=new.text,
            html=new.html,
            attachments=[{"name": one.name, "content_type": one.content_type} for one in new.attachments],
            reply_to_entry_id=new.reply_to_entry_id,
            not_before_ms=prepared.not_before_ms,
            created_at_ms=now_ms,
            waiting=len(prepared.messages),
        )
        for message in prepared.messages:
            _DELIVERIES.insert(
                email_id=email_id,
                location_id=prepared.location_id,
                lane_id=lane_id,
                state=OutboxState.WAITING,
                reason=prepared.reason,
                token=message.token,
                message_id=message.message_id,
                envelope_from=draft.from_address,
                recipients=message.recipients,
                own_header=message.own_header,
                blob_sha256=prepared.shared.sha256,
                size_bytes=len(message.own_header) + prepared.shared_bytes,
                gmail_thread_id=prepared.gmail_thread_id,
                due_at_ms=due_at_ms,
            )
        make_due(lane_id, prepared.not_before_ms)
        if new.kind is not EmailKind.NOTICE:  # no person asked for it
            audit.write(
                "email.send", f"email {email_id}", by=access.user_id, now_ms=now_ms, location_id=prepared.location_id
            )
    return email_id


def make_due(lane_id: int, at_ms: int) -> None:
    """Something in it is due then: it is looked at no later. Call inside a transaction."""
    later = OutboxLane.next_run_at_ms.is_null() | (OutboxLane.next_run_at_ms > at_ms)
    OutboxLane.update(next_run_at_ms=at_ms).where(OutboxLane.id == lane_id, later).execute()


def made_for(kind: LaneKind, email: Email, delivery: Delivery) -> dict[str, Any]:
    """Columns of an individual e-mail's delivery that is to go the other way than it was composed for. Any: a column's
    value."""
    to, cc, bcc = ([Mailbox(one["name"], one["address"]) for one in named] for named in (email.to, email.cc, email.bcc))
    draft = Draft(
        from_name=email.from_name,
        from_address=email.from_address,
        to=tuple(to),
        cc=tuple(cc),
        bcc=tuple(bcc),
        subject=email.subject,
        text=email.text,
        token=delivery.token,
    )
    message = _message(draft, by_gmail=kind is LaneKind.GMAIL)
    return {
        "message_id": message.message_id,
        "own_header": message.own_header,
        "size_bytes": delivery.size_bytes - len(delivery.own_header) + len(message.own_header),
    }


def new_token() -> str:
    """160 random bits in 32 letters and digits."""
    return b32encode(secrets.token_bytes(20)).decode("ascii").lower()


def _require_small(attachments: Sequence[DraftAttachment]) -> None:
    """E4."""
    total = sum(len(one.content) for one in attachments if isinstance(one.content, bytes))
    if total > MAX_ATTACHMENT_BYTES:
        raise Invalid("attachments", f"have {total} bytes together; at most {MAX_ATTACHMENT_BYTES} can be sent")


def _when(new: NewEmail, undo_s: int, now_ms: int) -> tuple[int, OutboxReason | None]:
    """E7: when it may go, and what it waits for until then. What a program asked for, nobody takes back by hand."""
    undo_ms = undo_s * 1000 if new.kind is EmailKind.INDIVIDUAL else 0
    at_ms = max(now_ms + undo_ms, new.send_at_ms or 0)
    if at_ms > now_ms + MOST_DAYS_AHEAD * _DAY_MS:
        raise Invalid("send_at", f"is at most {MOST_DAYS_AHEAD} days ahead")
    if at_ms == now_ms:
        return at_ms, None
    return at_ms, OutboxReason.UNDO if at_ms == now_ms + undo_ms else OutboxReason.SCHEDULED


def _answered(location_id: int, new: NewEmail, blobs: BlobStore) -> Answered | None:
    if new.reply_to_entry_id is None:
        return None
    return outbox_answered.answered(location_id, new.reply_to_entry_id, new.user_id, blobs)


def _sender(new: NewEmail, way: Way, user: User) -> str:
    """Raises: Invalid for an address that is not the user's: Gmail would put its own in its place."""
    if new.from_address is None:
        return way.address or _providers_sender(way) or str(user.email)
    if new.from_address == _providers_sender(way):
        return new.from_address
    folded = fold_identity(new.from_address)
    own = Identity.select(Identity.id).where(Identity.user_id == user.id, Identity.folded == folded)
    if not folded or not own.exists():
        raise Invalid("from", "is none of the user's addresses: connect its account, or verify it as an alias")
    return new.from_address


def _providers_sender(way: Way) -> str | None:
    """None for a Gmail account, and a provider that has none of its own."""
    return providers.sender_of(way.location_id) if way.kind is LaneKind.PROVIDER else None


def _draft(new: NewEmail, recipients: Recipients, user: User, sender: str, answered: Answered | None) -> Draft:
    by_itself = new.kind in (EmailKind.AUTOMATED, EmailKind.NOTICE)
    return Draft(
        from_name=PRODUCT if new.kind is EmailKind.NOTICE else user.name,
        from_address=sender,
        to=recipients.to,
        cc=recipients.cc,
        bcc=recipients.bcc,
        subject=new.subject or (answered.subject if answered else ""),
        text=new.text,
        html=new.html,
        token=new_token(),
        signature=user.signature if new.kind is EmailKind.INDIVIDUAL else "",
        attachments=tuple(new.attachments),
        reply=answered.reply if answered else None,
        fields=(*((("Auto-Submitted", "auto-generated"),) if by_itself else ()), *new.fields),  # RFC 3834 §5
    )


def _composed(draft: Draft, kind: EmailKind, way: Way) -> tuple[list[_Message], bytes]:
    """The messages, and what they share. Only Gmail takes Bcc out of what it sends, and sets its own Message-ID."""
    by_gmail = way.kind is LaneKind.GMAIL
    apart = [draft] if kind is EmailKind.INDIVIDUAL else [replace(draft, to=(one,)) for one in draft.to]
    messages = [_message(replace(one, token=new_token()), by_gmail=by_gmail) for one in apart]
    return messages, content(draft)


def _message(draft: Draft, *, by_gmail: bool) -> _Message:
    one = replace(draft, message_id=None if by_gmail else _message_id(draft))
    return _Message(
        token=one.token,
        message_id=one.message_id,
        recipients=[mailbox.address for mailbox in (*one.to, *one.cc, *one.bcc)],
        own_header=own_header(one, bcc_field=by_gmail),
    )


def _message_id(draft: Draft) -> str:
    return f"{new_token()}@{domain_of(normalise(draft.from_address))}"


def _named(mailboxes: Sequence[Mailbox]) -> list[dict[str, str]]:
    return [{"name": one.name, "address": one.address} for one in mailboxes]
