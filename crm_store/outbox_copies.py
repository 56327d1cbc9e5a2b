"""What has left, as its host or we have it; and which delivery it is.

A copy's X-SunnyDay-Delivery says which; it counts in the mailbox of the account that was to send it, and there only of
what that account sent: a receiver knows the token, too."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime

from crm_store.copies import Copy
from crm_store.database.prepared import Prepared, Statement
from crm_store.mail.parsed_mail import ParsedMail
from crm_store.mail.read import read
from crm_store.models.outbox import Delivery, Email, OutboxLane
from crm_store.rules.outbox import EmailKind, OutboxState
from crm_store.rules.parties import Parties, parties_of
from crm_store.rules.states import Path
from crm_store.rules.thread import mailbox_thread_key

_TOKEN = re.compile(rb"^X-SunnyDay-Delivery:[ \t]*([a-z2-7]{32})[ \t]*\r?$", re.IGNORECASE | re.MULTILINE)
_MOST_HEADER_BYTES = 262_144


@dataclass(frozen=True, slots=True)
class SentDelivery:
    """A delivery that has left. user_id: who sends it. entry_id: None where nothing shows it yet."""

    id: int
    email_id: int
    location_id: int
    user_id: int
    kind: EmailKind
    state: OutboxState
    entry_id: int | None


@dataclass(frozen=True, slots=True)
class SentCopy:
    """The sent message as its host, or we, have it. gmail_id, gmail_thread_id: None of a provider.

    path: who saw it: CRM for who sent it, GMAIL for the sync."""

    path: Path
    raw: bytes = field(repr=False)
    sha256: bytes
    mail: ParsedMail
    parties: Parties
    seen_at_ms: int
    gmail_id: str | None = None
    gmail_thread_id: str | None = None

    @classmethod
    def of_ours(
        cls,
        raw: bytes,
        capture_domains: Collection[str],
        *,
        gmail_id: str | None = None,
        gmail_thread_id: str | None = None,
        now_ms: int,
    ) -> SentCopy:
        """By who sent it."""
        mail = read(raw)
        return cls(
            path=Path.CRM,
            raw=raw,
            sha256=hashlib.sha256(raw).digest(),
            mail=mail,
            parties=parties_of(mail, capture_domains),
            seen_at_ms=now_ms,
            gmail_id=gmail_id,
            gmail_thread_id=gmail_thread_id,
        )

    def thread_key(self, own: SentDelivery) -> bytes | None:
        """Of the mailbox's own thread; None of a provider's."""
        return None if self.gmail_thread_id is None else mailbox_thread_key(own.user_id, self.gmail_thread_id)

    def filed_as(self, own: SentDelivery) -> Copy:
        return Copy(
            location_id=own.location_id,
            path=Path.CRM,
            mail=self.mail,
            parties=self.parties,
            blob_sha256=self.sha256,
            seen_at_ms=self.seen_at_ms,
            user_id=own.user_id,
            gmail_id=self.gmail_id,
            thread_key=self.thread_key(own),
        )


def token_of(raw: bytes) -> str | None:
    """The delivery that a mail names in its header; None where it names none. raw: the header may be all there is."""
    end = raw.find(b"\r\n\r\n", 0, _MOST_HEADER_BYTES)
    found = _TOKEN.search(raw, 0, end + 2 if end >= 0 else _MOST_HEADER_BYTES)
    return found[1].decode("ascii").lower() if found else None


def known(raw: bytes, connection_id: int | None) -> SentDelivery | None:
    """The delivery that this connection's account sent with this mail; None for all other mail, which is ordinary.

    connection_id: a row's; None for mail that the account did not send."""
    token = None if connection_id is None else token_of(raw)
    if token is None:
        return None
    row: Delivery | None = Delivery.get_or_none(Delivery.token == token)
    if row is None or OutboxLane.get_by_id(row.lane_id).connection_id != connection_id:
        return None
    return sent_delivery(row.id)


def sent_delivery(delivery_id: int) -> SentDelivery:
    (one,) = sent_deliveries([delivery_id])
    return one


def sent_deliveries(delivery_ids: list[int]) -> list[SentDelivery]:
    """In their order. Not the whole rows: an e-mail to a thousand names all of them."""
    rows = {row[0]: row for row in _deliveries.rows(delivery_ids)}
    emails = {row[0]: row[1:] for row in _emails.rows(sorted({row[1] for row in rows.values()}))}
    found = []
    for delivery_id in delivery_ids:
        _, email_id, location_id, state, entry_id = rows[delivery_id]
        user_id, kind = emails[email_id]
        own = SentDelivery(delivery_id, email_id, location_id, user_id, EmailKind(kind), OutboxState(state), entry_id)
        found.append(own)
    return found


@Prepared
def _deliveries(delivery_ids: list[int]) -> Statement:
    columns = (Delivery.id, Delivery.email_id, Delivery.location_id, Delivery.state, Delivery.entry_id)
    return Delivery.select(*columns).where(Delivery.id.in_(delivery_ids))


@Prepared
def _emails(email_ids: list[int]) -> Statement:
    return Email.select(Email.id, Email.user_id, Email.kind).where(Email.id.in_(email_ids))


def date_field(at_ms: int) -> bytes:
    """RFC 5322 §3.6.1."""
    return f"Date: {format_datetime(datetime.fromtimestamp(at_ms / 1000, UTC))}\r\n".encode("ascii")


def bcc_field(own: SentDelivery) -> bytes:
    """What went to the relay has no Bcc; the sender's own copy has, as every mail program keeps it."""
    if own.kind is not EmailKind.INDIVIDUAL:
        return b""
    addresses = [one["address"] for one in Email.get_by_id(own.email_id).bcc]
    return b"Bcc: " + ",\r\n ".join(addresses).encode() + b"\r\n" if addresses else b""
