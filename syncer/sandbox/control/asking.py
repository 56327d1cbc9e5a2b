"""What a control call is about: the stand-in, an account of it, a mailbox, a message.

All of it runs on the event loop's thread: the store is that thread's alone, so none of these is a plain function."""

from typing import Annotated

from fastapi import Depends, HTTPException, Request

from syncer.sandbox.google import Google
from syncer.sandbox.mailbox import accounts
from syncer.sandbox.mailbox.accounts import Account
from syncer.sandbox.mailbox.messages import Message, Messages


async def _google(request: Request) -> Google:
    google = request.app.state.google
    assert isinstance(google, Google)
    return google


Sandbox = Annotated[Google, Depends(_google)]


async def _account(google: Sandbox, email: str) -> Account:
    account = accounts.by_email(google.store, email)
    if account is None:
        raise HTTPException(404, "There is no such account.")
    return account


KnownAccount = Annotated[Account, Depends(_account)]


async def _mailbox(google: Sandbox, account: KnownAccount) -> Messages:
    return Messages(google.store, account.id, google.now_ms())


Mailbox = Annotated[Messages, Depends(_mailbox)]


async def _message(box: Mailbox, message_id: str) -> Message:
    found = box.find(message_id)
    if found is None:
        raise HTTPException(404, "There is no such message.")
    return found


KnownMessage = Annotated[Message, Depends(_message)]
