"""/sandbox/api/accounts: accounts, their mail, history and grants."""

from typing import Annotated

from fastapi import APIRouter, HTTPException, Query, Request, Response

from syncer.sandbox.control import shapes
from syncer.sandbox.control.filling import fill
from syncer.sandbox.google import Google
from syncer.sandbox.mailbox import accounts, delivery, history, listing
from syncer.sandbox.mailbox.accounts import Account
from syncer.sandbox.mailbox.listing import Wanted
from syncer.sandbox.mailbox.messages import Message, Messages
from syncer.sandbox.mailbox.relay import hand_out
from syncer.sandbox.oauth import grants, scopes

_MOST_LISTED = 200_000


def account_routes(google: Google) -> APIRouter:
    router = APIRouter(prefix="/accounts", tags=["accounts"])
    store = google.store

    def known(email: str) -> Account:
        account = accounts.by_email(store, email)
        if account is None:
            raise HTTPException(404, "There is no such account.")
        return account

    def mailbox(email: str) -> Messages:
        return Messages(store, known(email).id, google.now_ms())

    def message(email: str, message_id: str) -> Message:
        found = mailbox(email).find(message_id)
        if found is None:
            raise HTTPException(404, "There is no such message.")
        return found

    @router.get("")
    async def every() -> list[shapes.AccountShown]:
        return [_account(google, account) for account in accounts.every(store)]

    @router.post("", status_code=201)
    async def add(made: shapes.AccountMade) -> shapes.AccountShown:
        try:
            account = accounts.add(store, made.email, made.name or made.email.partition("@")[0], google.now_ms())
        except ValueError as error:
            raise HTTPException(409, str(error)) from None
        return _account(google, account)

    @router.post("/{email}/rename")
    async def rename(email: str, made: shapes.AccountMade) -> shapes.AccountShown:
        """Another address for the same sub; mail to the old one still arrives."""
        account = known(email)
        other = accounts.owner_of(store, made.email)
        if other and other.id != account.id:
            raise HTTPException(409, "The address belongs to another account.")
        accounts.rename(store, account, made.email)
        return _account(google, accounts.by_id(store, account.id))

    @router.put("/{email}/aliases", status_code=204)
    async def alias(email: str, made: shapes.AliasMade) -> None:
        owner = accounts.owner_of(store, made.address)
        if owner and owner.email != email:
            raise HTTPException(409, "The address belongs to another account.")
        accounts.add_alias(store, known(email).id, made.address, made.name, verified=made.verified)

    @router.delete("/{email}/aliases/{address}", status_code=204)
    async def no_alias(email: str, address: str) -> None:
        if not accounts.remove_alias(store, known(email).id, address):
            raise HTTPException(404, "There is no such alias.")

    @router.get("/{email}/messages")
    async def messages(email: str) -> list[shapes.MessageShown]:
        """All there are, SPAM and TRASH too, the newest first."""
        box, wanted = mailbox(email), Wanted(with_spam_and_trash=True)
        listed = listing.page(store, box.account_id, wanted, None, _MOST_LISTED, box.now_ms)
        return [_message(found) for one in listed if (found := box.find(one.id))]

    @router.post("/{email}/messages", status_code=201)
    async def arrive(
        email: str,
        request: Request,
        label: Annotated[list[str] | None, Query()] = None,
        internal_date_ms: int | None = None,
        exact: bool = True,
    ) -> shapes.MessageShown:
        """The body is a mail that arrives now. label: instead of INBOX and UNREAD. exact: no line is added on top."""
        raw, box, labels = await request.body(), mailbox(email), label or ["INBOX", "UNREAD"]
        if exact:
            added = box.add(raw, labels, internal_date_ms=internal_date_ms)
        else:
            added = delivery.deliver(store, known(email), raw, google.now_ms(), label_ids=labels)
        google.notify()
        return _message(added)

    @router.post("/{email}/send", status_code=201)
    async def send(email: str, request: Request, thread_id: str = "", keep_id: bool = False) -> shapes.MessageShown:
        """The body is a mail that the account's owner sends. keep_id: over SMTP, which keeps Message-ID."""
        raw = await request.body()
        try:
            sent = delivery.send(store, known(email), raw, thread_id, google.now_ms(), keep_id=keep_id)
        except delivery.NoRecipient:
            raise HTTPException(422, "The mail has no recipient.") from None
        if sent.outbox_id is not None:
            google.begin(hand_out(google, sent.outbox_id))
        google.notify()
        return _message(sent.message)

    @router.post("/{email}/fill", status_code=201)
    async def filling(email: str, wanted: shapes.Filling) -> shapes.Filled:
        """Many mails at once, for benches."""
        filled = await fill(mailbox(email), wanted)
        google.notify()
        return filled

    @router.get("/{email}/messages/{message_id}/raw")
    async def raw(email: str, message_id: str) -> Response:
        return Response(mailbox(email).raw(message(email, message_id)), media_type="message/rfc822")

    @router.post("/{email}/messages/{message_id}/labels")
    async def labels(email: str, message_id: str, change: shapes.LabelChange) -> shapes.MessageShown:
        changed = mailbox(email).change_labels(message(email, message_id), change.add, change.remove)
        google.notify()
        return _message(changed)

    @router.delete("/{email}/messages/{message_id}", status_code=204)
    async def delete(email: str, message_id: str) -> None:
        """For ever."""
        mailbox(email).delete(message(email, message_id))
        google.notify()

    @router.post("/{email}/history/expire", status_code=204)
    async def expire(email: str) -> None:
        """Every history id that was ever told is out of date from now on."""
        history.expire(store, known(email).id, google.now_ms())

    @router.post("/{email}/history/jump", status_code=204)
    async def jump(email: str, to: shapes.HistoryJump) -> None:
        """Ids go on from here: they may pass 2^63."""
        account = known(email)
        if not int(history.current(store, account.id)) < int(to.to) < 2**64 - 10**6:
            raise HTTPException(422, "It must be larger than the mailbox's id, and leave room below 2^64.")
        history.jump(store, account.id, int(to.to), google.now_ms())

    @router.post("/{email}/grants", status_code=201)
    async def grant(email: str, made: shapes.GrantMade) -> shapes.Tokens:
        """As if the person had consented in the browser."""
        account, now_ms, valid_s = known(email), google.now_ms(), google.behaviour.access_token_s
        wanted = scopes.asked(made.scopes)
        granted = grants.extend(store, account.id, made.client_id, wanted)
        return shapes.Tokens(
            access_token=grants.new_access_token(store, granted, wanted, now_ms, valid_s),
            refresh_token=grants.new_refresh_token(store, granted, wanted, now_ms),
            expires_in=valid_s,
            scope=" ".join(wanted),
        )

    @router.delete("/{email}/grants", status_code=204)
    async def revoke(email: str) -> None:
        """As if the person had removed every app's access."""
        for granted in grants.of_account(store, known(email).id):
            grants.revoke_grant(store, granted.id, google.now_ms())

    @router.post("/{email}/expire-access-tokens", status_code=204)
    async def expire_tokens(email: str) -> None:
        """Refresh tokens stay good."""
        grants.expire_access_tokens(store, known(email).id)

    return router


def _account(google: Google, account: Account) -> shapes.AccountShown:
    return shapes.AccountShown(
        sub=account.sub,
        email=account.email,
        name=account.name,
        history_id=history.shown(history.current(google.store, account.id)),
        messages=google.store.count("select count(*) from messages where account_id = ?", account.id),
    )


def _message(message: Message) -> shapes.MessageShown:
    return shapes.MessageShown(
        id=message.id,
        thread_id=message.thread_id,
        label_ids=list(message.label_ids),
        rfc822_id=message.rfc822_id,
        subject=message.subject,
        internal_date_ms=message.internal_date_ms,
    )
