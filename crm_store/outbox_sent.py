"""What has left: filed where it was sent from and nowhere else, once, whoever sees it first (B3, B10, E1, E2, E9).

The run that sent it reads the copy back, and the sync sees it in Sent; both come by here, and the second finds what the
first has filed. A copy's X-SunnyDay-Delivery says which delivery it is; it counts in the mailbox of the account that
was to send it, and there only of what that account sent: a receiver knows the token, too."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.utils import format_datetime

from crm_store import decisions, facts, fault_point, filing, held_copies, outbox_work
from crm_store.blobs import erasure
from crm_store.blobs.keeping import keep
from crm_store.blobs.store import BlobStore, NewBlob
from crm_store.copies import Copy
from crm_store.database.prepared import Prepared, Statement
from crm_store.database.session import lock_location, writing
from crm_store.mail.parsed_mail import ParsedMail
from crm_store.mail.read import read
from crm_store.models.outbox import Delivery, Email, OutboxLane
from crm_store.outbox_steps import DeliveryChanged, require, step
from crm_store.outbox_work import HeldLane
from crm_store.rules.decide import decide
from crm_store.rules.decision import Decision, join
from crm_store.rules.outbox import EmailKind, OutboxReason, OutboxState, OutboxStep
from crm_store.rules.parties import Parties, parties_of
from crm_store.rules.rule import Reason, Rule
from crm_store.rules.states import CaptureState, Path
from crm_store.rules.thread import mailbox_thread_key

_TOKEN = re.compile(rb"^X-SunnyDay-Delivery:[ \t]*([a-z2-7]{32})[ \t]*\r?$", re.IGNORECASE | re.MULTILINE)
_MOST_HEADER_BYTES = 262_144

# Called in the transaction, with what was decided in which location, before the delivery itself is written.
Settle = Callable[[Mapping[int, Decision]], None]


@dataclass(frozen=True, slots=True)
class SentDelivery:
    """A delivery that a copy names. user_id: who sends it. entry_id: None where nothing shows it yet."""

    id: int
    location_id: int
    user_id: int
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
    return _own(row.id)


def sent_through_gmail(
    held: HeldLane,
    delivery_id: int,
    raw: bytes | None,
    blobs: BlobStore,
    capture_domains: Collection[str],
    *,
    gmail_id: str,
    gmail_thread_id: str | None,
    now_ms: int,
) -> int | None:
    """It is in Sent under this id. The entry that shows it; None where none does (yet).

    raw: as Gmail has it; None where it could not be read back: then the sync files it when it sees it.
    Safe to run twice, and where the sync was first. Raises: LeaseLost, StoreUnavailable."""
    own = _own(delivery_id)
    if raw is None:
        with writing():
            outbox_work.hold(held, now_ms=now_ms)
            _note_sent(delivery_id, _Said(gmail_id), None, now_ms)
        return own.entry_id
    mail = read(raw)
    copy = SentCopy(
        path=Path.CRM,
        raw=raw,
        sha256=hashlib.sha256(raw).digest(),
        mail=mail,
        parties=parties_of(mail, capture_domains),
        seen_at_ms=now_ms,
        gmail_id=gmail_id,
        gmail_thread_id=gmail_thread_id,
    )
    return file_sent(own, copy, blobs, settle=_holding(held, now_ms), now_ms=now_ms).entry_id


def sent_through_provider(
    held: HeldLane,
    delivery_id: int,
    raw: bytes,
    blobs: BlobStore,
    capture_domains: Collection[str],
    *,
    now_ms: int,
    reason: OutboxReason | None = None,
    detail: str = "",
) -> int | None:
    """The relay took it. raw: as it left, with Date and Message-ID. The entry that shows it; None of a notice.

    reason, detail: of recipients that it did not take. Raises: LeaseLost, DeliveryChanged, StoreUnavailable."""
    kind, email_id = _kind_of(delivery_id)
    said = _Said(None, reason, detail)
    if kind == EmailKind.NOTICE:
        with writing():
            outbox_work.hold(held, now_ms=now_ms)
            _note_sent(delivery_id, said, None, now_ms)
        return None
    own_copy = _bcc_field(kind, email_id) + raw
    return _file_from_provider(delivery_id, own_copy, said, blobs, capture_domains, _holding(held, now_ms), now_ms)


def taken_as_sent(delivery_id: int, blobs: BlobStore, capture_domains: Collection[str], *, now_ms: int) -> None:
    """Its user says that it was sent. What Gmail sent the sync files when it sees it; of a provider's nobody has
    another copy than ours. Raises: DeliveryChanged, StoreUnavailable."""
    with writing():
        require(delivery_id, OutboxState.UNKNOWN)
        row = Delivery.get_by_id(delivery_id)
        email = Email.get_by_id(row.email_id)
        said = _Said(None, OutboxReason.RESOLVED)
        if email.kind == EmailKind.NOTICE or OutboxLane.get_by_id(row.lane_id).connection_id is not None:
            _note_sent(delivery_id, said, None, now_ms)
            return
        assert row.blob_sha256 is not None, "what is not known to be sent has its content"
        raw = date_field(row.began_at_ms or now_ms) + bytes(row.own_header) + blobs.read(bytes(row.blob_sha256))
        own_copy = _bcc_field(email.kind, email.id) + raw
        _file_from_provider(delivery_id, own_copy, said, blobs, capture_domains, lambda _: None, now_ms)


def _file_from_provider(
    delivery_id: int,
    own_copy: bytes,
    said: _Said,
    blobs: BlobStore,
    capture_domains: Collection[str],
    settle: Settle,
    now_ms: int,
) -> int | None:
    mail = read(own_copy)
    copy = SentCopy(
        path=Path.CRM,
        raw=own_copy,
        sha256=hashlib.sha256(own_copy).digest(),
        mail=mail,
        parties=parties_of(mail, capture_domains),
        seen_at_ms=now_ms,
    )
    return _file(_own(delivery_id), copy, said, blobs, settle, now_ms).entry_id


def date_field(at_ms: int) -> bytes:
    """RFC 5322 §3.6.1."""
    return f"Date: {format_datetime(datetime.fromtimestamp(at_ms / 1000, UTC))}\r\n".encode("ascii")


def _holding(held: HeldLane, now_ms: int) -> Settle:
    return lambda _: outbox_work.hold(held, now_ms=now_ms)


def _bcc_field(kind: str, email_id: int) -> bytes:
    """What went to the relay has no Bcc; the sender's own copy has, as every mail program keeps it."""
    if kind != EmailKind.INDIVIDUAL:
        return b""
    addresses = [one["address"] for one in Email.get_by_id(email_id).bcc]
    return b"Bcc: " + ",\r\n ".join(addresses).encode() + b"\r\n" if addresses else b""


@dataclass(frozen=True, slots=True)
class Filed:
    """entry_id: None where a rule says that it is not recorded (B5, B13), or it was un-logged (G3)."""

    decision: Decision
    entry_id: int | None


@dataclass(frozen=True, slots=True)
class _Said:
    """gmail_id: what Gmail calls it. reason, detail: what a relay said beside yes."""

    gmail_id: str | None
    reason: OutboxReason | None = None
    detail: str = ""


def file_sent(own: SentDelivery, copy: SentCopy, blobs: BlobStore, *, settle: Settle, now_ms: int) -> Filed:
    """Message, sightings, entry, decisions, and the delivery sent: all of it or nothing. Safe to run twice, by two.

    Raises: StoreUnavailable, and what settle raises; then nothing has changed."""
    return _file(own, copy, _Said(copy.gmail_id), blobs, settle, now_ms)


def _file(own: SentDelivery, copy: SentCopy, said: _Said, blobs: BlobStore, settle: Settle, now_ms: int) -> Filed:
    blob = NewBlob(copy.sha256, copy.raw)
    stored = False
    while True:
        if stored:
            fault_point.reach("send.before-sent-commit")
        with writing():
            lock_location(own.location_id)
            own = _own(own.id)  # somebody else may have filed it since
            decision, as_sent = _decided(own, copy, now_ms)
            recorded = decision.outcome is CaptureState.RECORDED
            if stored or not recorded:
                if recorded:
                    keep([(blob, len(copy.raw))], blobs, now_ms=now_ms)
                else:
                    erasure.mark_left_behind([copy.sha256], blobs)
                entry_id = _carry_out(own, as_sent, copy, decision, now_ms)
                settle({own.location_id: decision})
                _note_sent(own.id, said, entry_id, now_ms)
                break
        blobs.put([blob])  # B5: bytes are stored only of what is recorded, and before any row points to them
        stored = True
    fault_point.reach("send.after-sent-commit")
    return Filed(decision, entry_id)


def _decided(own: SentDelivery, copy: SentCopy, now_ms: int) -> tuple[Decision, Copy]:
    key = None if copy.gmail_thread_id is None else mailbox_thread_key(own.user_id, copy.gmail_thread_id)
    sighted = facts.Sighted(Path.CRM, copy.mail, copy.parties, (own.user_id,), thread_key=key)
    asked = facts.gather(own.location_id, sighted, now_ms=now_ms)
    # E2: what a program asked us to send says so in its header (RFC 3834), and is no less the CRM's own mail.
    decision = decide(replace(asked, automatic=None, report=None, sent=()))
    return decision, Copy(
        location_id=own.location_id,
        path=Path.CRM,
        mail=copy.mail,
        parties=copy.parties,
        blob_sha256=copy.sha256,
        seen_at_ms=copy.seen_at_ms,
        user_id=own.user_id,
        gmail_id=copy.gmail_id,
        thread_key=key,
    )


def _carry_out(own: SentDelivery, as_sent: Copy, copy: SentCopy, decision: Decision, now_ms: int) -> int | None:
    entry_id = filing.carry_out(as_sent, decision, now_ms=now_ms)
    if own.entry_id is None:
        decisions.write(
            Path.CRM,
            decision.outcome,
            decision.rule,
            decision.reason,
            message_id=copy.mail.message_id,
            location_id=own.location_id,
            capture_id=None,
            entry_id=entry_id,
            now_ms=now_ms,
        )
    if copy.path is Path.GMAIL:
        assert copy.gmail_id is not None, "a mailbox's message has an id"
        by_gmail = decision
        if entry_id is not None:
            by_gmail = join(Rule.C8, Reason.SAME_MESSAGE, entry_id)
            filing.carry_out(replace(as_sent, path=Path.GMAIL), by_gmail, now_ms=now_ms)
        decisions.write_mailbox(
            own.user_id,
            copy.gmail_id,
            by_gmail.outcome,
            by_gmail.rule,
            by_gmail.reason,
            message_id=copy.mail.message_id,
            location_id=own.location_id if entry_id is not None else None,
            entry_id=entry_id,
            now_ms=now_ms,
        )
    if entry_id is not None:
        held_copies.wake(copy.mail.message_id, own.user_id, own.location_id, now_ms=now_ms)
    return entry_id


def _note_sent(delivery_id: int, said: _Said, entry_id: int | None, now_ms: int) -> None:
    """The delivery is sent; what it was composed of goes once its sent copy is filed."""
    state, blob_sha256 = _kept.rows(delivery_id)[0]
    if state != OutboxState.SENT:
        under_way = state in (OutboxState.SENDING, OutboxState.UNKNOWN)
        taken = OutboxStep.SENT if under_way else OutboxStep.FOUND
        known_now = {"sent_at_ms": now_ms, "ambiguity": None, "ambiguous_at_ms": None}
        step(delivery_id, taken, said.reason, detail=said.detail, **known_now)
    elif said.gmail_id is None:
        raise DeliveryChanged(f"delivery {delivery_id} was sent already")
    filed: dict[str, object] = {"gmail_id": said.gmail_id}
    if entry_id is not None:
        filed |= {"entry_id": entry_id, "blob_sha256": None}
        erasure.mark([bytes(blob_sha256)] if blob_sha256 is not None else [])
    Delivery.update(filed).where(Delivery.id == delivery_id).execute()


def _own(delivery_id: int) -> SentDelivery:
    """Not the whole rows: an e-mail to a thousand names all of them."""
    email_id, location_id, state, entry_id = _known.rows(delivery_id)[0]
    (user_id,) = _user.rows(email_id)[0]
    return SentDelivery(delivery_id, location_id, user_id, OutboxState(state), entry_id)


def _kind_of(delivery_id: int) -> tuple[str, int]:
    """Its e-mail's kind and id."""
    email_id = int(_known.rows(delivery_id)[0][0])
    return str(_kind.rows(email_id)[0][0]), email_id


@Prepared
def _known(delivery_id: int) -> Statement:
    columns = (Delivery.email_id, Delivery.location_id, Delivery.state, Delivery.entry_id)
    return Delivery.select(*columns).where(Delivery.id == delivery_id)


@Prepared
def _kept(delivery_id: int) -> Statement:
    return Delivery.select(Delivery.state, Delivery.blob_sha256).where(Delivery.id == delivery_id)


@Prepared
def _user(email_id: int) -> Statement:
    return Email.select(Email.user_id).where(Email.id == email_id)


@Prepared
def _kind(email_id: int) -> Statement:
    return Email.select(Email.kind).where(Email.id == email_id)
