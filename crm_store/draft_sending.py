"""A draft becomes an e-mail, once, and a draft again while that can be taken back (E7)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from crm_store import draft_files, drafts, outbox, outbox_posting
from crm_store.access import Access
from crm_store.blobs.store import BlobStore
from crm_store.database.engine import on_sqlite
from crm_store.database.session import writing
from crm_store.drafts import DAY_MS, KEPT_DAYS, Written
from crm_store.errors import Conflict, Invalid
from crm_store.mail.compose.draft import DraftAttachment
from crm_store.mail.mailboxes import read_mailboxes
from crm_store.mail.parsed_mail import Mailbox
from crm_store.mail.problems import Problems
from crm_store.models.drafts import Draft
from crm_store.outbox_posting import NewEmail
from crm_store.rules.outbox import EmailKind

_SENT_KEPT_DAYS = 30


def send(
    access: Access, location_id: int, draft_id: int, blobs: BlobStore, *, send_at_ms: int | None, now_ms: int
) -> int:
    """The e-mail's id; however often it is asked for, one is queued. send_at_ms: None for now.

    Raises: NotFound; Invalid with the field's name, and the draft stays; Conflict for one that is discarded."""
    row = drafts.own_row(access, location_id, draft_id)
    if row.email_id is not None:
        return int(row.email_id)
    outbox_posting.require_sender(access, location_id, access.user_id)
    prepared = outbox_posting.prepare(location_id, _asked(row, blobs, send_at_ms), blobs, now_ms=now_ms)
    with writing():
        locked = Draft.select(Draft.email_id, Draft.discarded_at_ms).where(Draft.id == row.id)
        known = locked.for_update(not on_sqlite()).get()
        if known.email_id is not None:
            return int(known.email_id)
        if known.discarded_at_ms is not None:
            raise Conflict("it is discarded")
        email_id = outbox_posting.queue(access, prepared, blobs, now_ms=now_ms)
        kept_until_ms = max(now_ms, send_at_ms or 0) + _SENT_KEPT_DAYS * DAY_MS
        Draft.update(email_id=email_id, erase_at_ms=kept_until_ms).where(Draft.id == row.id).execute()
    return email_id


def take_back(access: Access, location_id: int, email_id: int, *, key: str, now_ms: int) -> int:
    """What waits is not sent, and is a draft again: the one it was, or a new one from what is kept of it, without its
    files. The draft's id. key: for a new one.

    Raises: NotFound, Forbidden, Conflict where it has left, or is leaving."""
    view = outbox.get(access, email_id)
    with writing():
        row: Draft | None = Draft.get_or_none(Draft.email_id == email_id)
        if view.state not in ("failed", "cancelled"):
            outbox.cancel(access, email_id, now_ms=now_ms)
        if row is not None and row.user_id == access.user_id:
            again = {"email_id": None, "changed_at_ms": now_ms, "erase_at_ms": now_ms + KEPT_DAYS * DAY_MS}
            Draft.update(**again).where(Draft.id == row.id).execute()
            return int(row.id)
        written = Written(
            from_address=view.sender.address,
            to=_typed(view.to),
            cc=_typed(view.cc),
            bcc=_typed(view.bcc),
            subject=view.subject,
            text=view.text,
        )
        return drafts.save(
            access, location_id, key, written, reply_to_entry_id=view.reply_to_entry_id, now_ms=now_ms
        ).id


def mailboxes(typed: str, field: str) -> list[Mailbox]:
    """As people type them: names or none, with commas, semicolons or a line each. Raises: Invalid."""
    found = read_mailboxes(typed.replace(";", ",").replace("\n", ","), Problems())
    if any(not one.address for one in found):
        raise Invalid(field, "has a name without an address")
    return list(found)


def _asked(row: Draft, blobs: BlobStore, send_at_ms: int | None) -> NewEmail:
    files = draft_files.of_drafts([row.id]).get(row.id, [])
    quote = row.quote if row.with_quote else ""
    return NewEmail(
        user_id=row.user_id,
        kind=EmailKind.INDIVIDUAL,
        to=mailboxes(row.to, "to"),
        cc=mailboxes(row.cc, "cc"),
        bcc=mailboxes(row.bcc, "bcc"),
        subject=" ".join(row.subject.split()),
        text="\n\n".join(filter(None, (row.text.strip("\n"), quote))),
        html=None,
        attachments=[
            DraftAttachment(one.name, one.content_type, partial(blobs.read, one.blob_sha256)) for one in files
        ],
        from_address=row.from_address or None,
        reply_to_entry_id=row.reply_to_entry_id,
        send_at_ms=send_at_ms,
    )


def _typed(people: Sequence[outbox.Recipient]) -> str:
    return ", ".join(f'"{one.name}" <{one.address}>' if one.name else one.address for one in people)
