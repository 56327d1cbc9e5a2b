"""Mail on its way: what Gmail does to a message that is sent, and where it goes (facts/gmail.md 1.2, 1.3)."""

import json
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime, formataddr

from crm_store.mail.parsed_mail import ParsedMail
from crm_store.mail.read import read
from syncer.sandbox.mailbox import accounts, header
from syncer.sandbox.mailbox.accounts import Account
from syncer.sandbox.mailbox.messages import INBOX, SENT, UNREAD, Message, Messages
from syncer.sandbox.store import Store

_NEW_MAIL = (INBOX, UNREAD, "CATEGORY_PERSONAL")


class NoRecipient(ValueError):
    """Nobody in To, Cc or Bcc has an address."""


@dataclass(frozen=True, slots=True)
class Sent:
    """outbox_id: the row of what goes outside; None where nothing does."""

    message: Message
    outbox_id: int | None


def send(store: Store, account: Account, raw: bytes, thread_id: str, now_ms: int, *, keep_id: bool = False) -> Sent:
    """The sender's copy, and one for each account of ours; the rest lands in the outbox.

    keep_id: as mail that came over SMTP, whose Message-ID stays. Raises: NoRecipient."""
    parsed = read(raw)
    recipients = _recipients(parsed)
    if not recipients:
        raise NoRecipient
    stamped = _stamped(store, account, raw, parsed, now_ms, keep_id=keep_id)
    ours = {owner.id: owner for address in recipients if (owner := accounts.owner_of(store, address))}
    outside = [address for address in recipients if accounts.owner_of(store, address) is None]
    with store.transaction():
        # One message for mail to oneself, with both labels [F nodejs-client#710].
        labels = (UNREAD, SENT, INBOX) if account.id in ours else (SENT,)
        # Bcc stays on the sender's own copy, and on no other (1.2).
        message = Messages(store, account.id, now_ms).add(stamped, labels, thread_id=thread_id)
        handed_on = header.without(stamped, {"bcc"})
        for owner in ours.values():
            if owner.id != account.id:
                deliver(store, owner, handed_on, now_ms, return_path=account.email)
        outbox_id = _to_outbox(store, account, outside, handed_on, now_ms) if outside else None
    return Sent(message, outbox_id)


def deliver(
    store: Store,
    account: Account,
    raw: bytes,
    now_ms: int,
    *,
    return_path: str = "",
    label_ids: Iterable[str] = _NEW_MAIL,
) -> Message:
    """Mail that arrives at an account, with the header lines that a receiving server writes."""
    received = f"by 2002:a05:6358:0:0:0:0:0 with SMTP id {secrets.token_hex(8)}; {_date(now_ms)}"
    top = [("Delivered-To", account.email), ("Received", received), ("Return-Path", f"<{return_path}>")]
    return Messages(store, account.id, now_ms).add(header.with_first(raw, top), label_ids)


def _recipients(parsed: ParsedMail) -> list[str]:
    """Each address once, in order."""
    everyone = (*parsed.to, *parsed.cc, *parsed.bcc)
    return list(dict.fromkeys(accounts.normal(one.address) for one in everyone if "@" in one.address))


def _stamped(store: Store, account: Account, raw: bytes, parsed: ParsedMail, now_ms: int, *, keep_id: bool) -> bytes:
    """Message-ID is Gmail's [F lieer#198]; so is Date [U]; From is the account's or a verified alias' [U]."""
    top: list[tuple[str, str]] = []
    drop: set[str] = {"date"}
    if not keep_id or not parsed.message_id:
        drop.add("message-id")
        top.append(("Message-ID", f"<CA{secrets.token_urlsafe(36)}@mail.gmail.com>"))
    top.append(("Date", _date(now_ms)))
    if not any(part[0].lower() == "mime-version" for part in header.fields(raw)):
        top.append(("MIME-Version", "1.0"))
    if not _may_send_as(store, account, parsed.author.address):
        drop.add("from")
        default = next((own for own in accounts.addresses(store, account.id) if own.is_default), None)
        address, name = (default.address, default.display_name) if default else (account.email, account.name)
        top.append(("From", formataddr((name, address))))
    return header.with_first(header.without(raw, drop), top)


def _may_send_as(store: Store, account: Account, address: str) -> bool:
    address = accounts.normal(address)
    return any(
        own.address == address and own.verified and own.kind != "former"
        for own in accounts.addresses(store, account.id)
    )


def _to_outbox(store: Store, account: Account, recipients: list[str], raw: bytes, now_ms: int) -> int:
    return store.insert(
        "insert into outbox (account_id, recipients, data, state, at_ms) values (?, ?, ?, 'waiting', ?)",
        account.id,
        json.dumps(recipients),
        raw,
        now_ms,
    )


def _date(now_ms: int) -> str:
    return format_datetime(datetime.fromtimestamp(now_ms / 1000, UTC))
