"""/sandbox/api/accounts/…/messages: mail that arrives, is sent, and changes, as people and the world do it."""

from typing import Annotated

from fastapi import APIRouter, HTTPException, Query, Request, Response

from syncer.sandbox.control import shapes
from syncer.sandbox.control.asking import KnownAccount, KnownMessage, Mailbox, Sandbox
from syncer.sandbox.control.filling import fill
from syncer.sandbox.mailbox import delivery, listing
from syncer.sandbox.mailbox.listing import Wanted
from syncer.sandbox.mailbox.messages import INBOX, UNREAD, Message
from syncer.sandbox.mailbox.relay import hand_out

_MOST_LISTED = 200_000

router = APIRouter(prefix="/accounts/{email}", tags=["mail"])


@router.get("/messages")
async def messages(box: Mailbox) -> list[shapes.MessageShown]:
    """All there are, SPAM and TRASH too, the newest first."""
    wanted = Wanted(with_spam_and_trash=True)
    listed = listing.page(box.store, box.account_id, wanted, None, _MOST_LISTED, box.now_ms)
    return [_shown(found) for one in listed if (found := box.find(one.id))]


@router.post("/messages", status_code=201)
async def arrive(
    google: Sandbox,
    account: KnownAccount,
    box: Mailbox,
    request: Request,
    label: Annotated[list[str] | None, Query()] = None,
    internal_date_ms: int | None = None,
    exact: bool = True,
) -> shapes.MessageShown:
    """The body is a mail that arrives now. label: instead of INBOX and UNREAD. exact: no line is added on top."""
    raw, labels = await request.body(), label or [INBOX, UNREAD]
    if exact:
        added = box.add(raw, labels, internal_date_ms=internal_date_ms)
    else:
        added = delivery.deliver(google.store, account, raw, google.now_ms(), label_ids=labels)
    google.notify()
    return _shown(added)


@router.post("/send", status_code=201)
async def send(
    google: Sandbox, account: KnownAccount, request: Request, thread_id: str = "", keep_id: bool = False
) -> shapes.MessageShown:
    """The body is a mail that the account's owner sends. keep_id: over SMTP, which keeps Message-ID."""
    raw = await request.body()
    try:
        sent = delivery.send(google.store, account, raw, thread_id, google.now_ms(), keep_id=keep_id)
    except delivery.NoRecipient:
        raise HTTPException(422, "The mail has no recipient.") from None
    if sent.outbox_id is not None:
        google.begin(hand_out(google, sent.outbox_id))
    google.notify()
    return _shown(sent.message)


@router.post("/fill", status_code=201)
async def fill_mailbox(google: Sandbox, box: Mailbox, wanted: shapes.Filling) -> shapes.Filled:
    """Many mails at once, for benches."""
    filled = await fill(box, wanted)
    google.notify()
    return filled


@router.get("/messages/{message_id}/raw")
async def raw_message(box: Mailbox, message: KnownMessage) -> Response:
    return Response(box.raw(message), media_type="message/rfc822")


@router.post("/messages/{message_id}/labels")
async def change_labels(
    google: Sandbox, box: Mailbox, message: KnownMessage, change: shapes.LabelChange
) -> shapes.MessageShown:
    changed = box.change_labels(message, change.add, change.remove)
    google.notify()
    return _shown(changed)


@router.delete("/messages/{message_id}", status_code=204)
async def delete_message(google: Sandbox, box: Mailbox, message: KnownMessage) -> None:
    """For ever."""
    box.delete(message)
    google.notify()


def _shown(message: Message) -> shapes.MessageShown:
    return shapes.MessageShown(
        id=message.id,
        thread_id=message.thread_id,
        label_ids=list(message.label_ids),
        rfc822_id=message.rfc822_id,
        subject=message.subject,
        internal_date_ms=message.internal_date_ms,
    )
