"""Captures as people see them (D1): whoever may see one, here is what they see."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from crm_store import wording
from crm_store.access import Access
from crm_store.capture_guess import Guess, guesses
from crm_store.capture_preview import sent_on_of
from crm_store.capture_steps import Step, is_open
from crm_store.capture_undo import is_for_good
from crm_store.contact_book import ContactView
from crm_store.database.rows import tuples
from crm_store.models.bcc import BccAddress
from crm_store.models.captures import Capture, CaptureRecipient, Receipt
from crm_store.reader_locale import locale_of
from crm_store.rules.rule import Reason
from crm_store.rules.sent_on import vouched
from crm_store.rules.states import CaptureState, Direction, Role
from crm_store.rules.verdict import from_kept
from crm_store.verdict_wording import verdict_sentence

# Allowing answers who writes, never whether it is really they (C4).
WHO_IS_NOT_PROVEN = frozenset(
    {
        Reason.NOT_AUTHENTICATED,
        Reason.NAME_IMITATES,
        Reason.DOMAIN_IMITATES,
        Reason.UNREADABLE,
        Reason.NO_AUTHOR,
        Reason.TO_POSTMASTER,
        Reason.FORWARDER_NOT_PROVEN,
    }
)


@dataclass(frozen=True, slots=True)
class MailboxView:
    name: str
    address: str


@dataclass(frozen=True, slots=True)
class AttachedView:
    name: str
    content_type: str
    size_bytes: int
    inline: bool


@dataclass(frozen=True, slots=True)
class AuthenticationView:
    """Result words of RFC 8601 §2.7, one sentence, and the header field that says the same, "" where there is none."""

    spf: str
    dkim: str
    dmarc: str
    verdict: str
    header: str


@dataclass(frozen=True, slots=True)
class OriginalView:
    """What a mail forwards, as it is understood (C6). sent_at_ms: None where that is not told."""

    author: MailboxView
    to: list[MailboxView]
    cc: list[MailboxView]
    subject: str
    sent_at_ms: int | None


@dataclass(frozen=True, slots=True)
class WouldView:
    """What approving would do. contact: whose conversation, None where nobody is there to go to or one would be made;
    then new says who. suggestions: normalised addresses to choose from. entry_id: the entry that it would be added to,
    which shows the same message already. original: of a forward, by which it would be filed. forwarder: of a redirected
    mail, who sent it on, as is proven; else as it says."""

    direction: Direction
    contact: ContactView | None
    new: MailboxView | None
    suggestions: list[str]
    entry_id: int | None
    original: OriginalView | None
    forwarder: str | None


@dataclass(frozen=True, slots=True)
class CaptureView:
    """One capture. Fields of content are None where it is not kept.

    location_id: None for mail to postmaster and abuse. receipt_id: what the 250 told the sender. rule, reason,
    reason_code: None before anything was decided. recipients: BCC addresses of the location, the asker's own alone for
    who is no operator. message_id: without angle brackets. would: of a held one. actions: words that are open to the
    asker."""

    id: int
    location_id: int | None
    receipt_id: str
    state: CaptureState
    rule: str | None
    reason: str | None
    reason_code: str | None
    message_id: str | None
    envelope_from: str | None
    recipients: list[str]
    author: MailboxView | None
    to: list[MailboxView] | None
    cc: list[MailboxView] | None
    subject: str | None
    text_preview: str | None
    attachments: list[AttachedView] | None
    received_at_ms: int
    decided_at_ms: int | None
    next_try_at_ms: int | None
    authentication: AuthenticationView | None
    would: WouldView | None
    actions: list[str]
    entry_id: int | None


def views(
    access: Access, location_id: int | None, rows: Sequence[Capture], *, now_ms: int, language: str | None = None
) -> list[CaptureView]:
    """rows: of this location, all of which the asker may see. As many queries for a page as for one.

    language: of its sentences; None for the asker's own."""
    if not rows:
        return []
    works_queue = may_decide(access, location_id)
    receipts = dict(tuples(_receipts(rows)))
    recipients = _recipients(rows, None if works_queue else access.user_id)
    held = [row for row in rows if row.state == CaptureState.HELD]
    where = {} if location_id is None else guesses(location_id, held, now_ms=now_ms)
    locale = language or locale_of(access, location_id)
    return [
        CaptureView(
            id=row.id,
            location_id=row.location_id,
            receipt_id=receipts[row.receipt_id],
            state=CaptureState(row.state),
            rule=row.rule,
            reason=_reason(row, locale),
            reason_code=row.reason,
            message_id=row.message_id,
            envelope_from=row.envelope_from,
            recipients=recipients.get(row.id, []),
            author=None if row.author_address is None else MailboxView(row.author_name or "", row.author_address),
            to=_mailboxes(row.to),
            cc=_mailboxes(row.cc),
            subject=row.subject,
            text_preview=row.text_preview,
            attachments=None if row.attachments is None else [AttachedView(**one) for one in row.attachments],
            received_at_ms=row.received_at_ms,
            decided_at_ms=row.decided_at_ms,
            next_try_at_ms=row.next_try_at_ms,
            authentication=_authentication(row.authentication, locale),
            would=_would(row, where[row.id]) if row.id in where else None,
            actions=_actions(row, where.get(row.id), now_ms) if works_queue else [],
            entry_id=row.entry_id,
        )
        for row in rows
    ]


def may_decide(access: Access, location_id: int | None) -> bool:
    """Operators and admins of the location; of mail to postmaster and abuse the installation's admins."""
    if location_id is None:
        return access.installation_admin
    role = access.roles.get(location_id)
    return role is not None and role.rank >= Role.OPERATOR.rank


def open_step(step: Step, row: Capture, *, now_ms: int) -> bool:
    return is_open(
        step,
        CaptureState(row.state),
        has_content=row.blob_sha256 is not None,
        by_person=row.decided_by is not None,
        can_be_undone=row.undo is not None,
        decided_at_ms=row.decided_at_ms,
        now_ms=now_ms,
    )


def _actions(row: Capture, guess: Guess | None, now_ms: int) -> list[str]:
    """approve: to the guess; assign: to a chosen or new contact; allow, block: with approving and rejecting."""
    has_location, has_author = row.location_id is not None, bool(row.author_normal)
    approvable = has_location and open_step(Step.APPROVE, row, now_ms=now_ms)
    rejectable = open_step(Step.REJECT, row, now_ms=now_ms)
    is_internal = guess is not None and guess.sender_is_internal
    open_ones = {
        "approve": approvable and guess is not None and (guess.contact is not None or guess.new is not None),
        "assign": approvable,
        "allow": approvable and has_author and row.reason not in WHO_IS_NOT_PROVEN,
        "reject": rejectable,
        "block": rejectable and has_location and has_author and not is_internal,
        "retry": has_location and open_step(Step.RETRY, row, now_ms=now_ms),
        "undo": open_step(Step.UNDO, row, now_ms=now_ms) and not is_for_good(row),
    }
    return [word for word, is_one in open_ones.items() if is_one]


def _would(row: Capture, guess: Guess) -> WouldView:
    new = None if guess.new is None else MailboxView(guess.new.name, guess.new.address)
    return WouldView(
        direction=guess.direction,
        contact=guess.contact,
        new=new,
        suggestions=list(row.suggestions),
        entry_id=guess.entry_id,
        original=_original(row),
        forwarder=_forwarder(row),
    )


def _original(row: Capture) -> OriginalView | None:
    told = row.clues["original"]
    if told is None or "subject" not in told:  # an older version did not keep that
        return None
    author = MailboxView(told["name"], told["address"])
    to, cc = (_mailboxes(told[name]) or [] for name in ("to", "cc"))
    return OriginalView(author, to, cc, told["subject"], told["sent_at_ms"])


def _forwarder(row: Capture) -> str | None:
    """Who is proven to have sent it on, whom allowing allows; else whom it says."""
    told = sent_on_of(row.clues)
    if told is None or not told.surely:
        return None
    kept = row.authentication
    proven = vouched(told, from_kept(kept)) if kept is not None and "basis" in kept else ()
    return (proven or told.by)[0].address


def _reason(row: Capture, locale: str | None) -> str | None:
    if row.state == CaptureState.FAILED:
        return wording.failed_sentence(locale)
    waits = row.state == CaptureState.RECEIVED and row.reason != Reason.AUTHENTICATION_WAITS
    if waits or row.reason is None or row.rule is None:
        return None
    return wording.sentence(row.reason, row.rule, locale)


def _authentication(kept: Mapping[str, Any] | None, locale: str | None) -> AuthenticationView | None:
    if kept is None or "basis" not in kept:  # of before senders were checked
        return None
    verdict = from_kept(kept)
    return AuthenticationView(
        spf=verdict.spf.result if verdict.spf else "none",
        dkim=verdict.dkim_result,
        dmarc=verdict.dmarc.result if verdict.dmarc else "none",
        verdict=verdict_sentence(verdict, locale),
        header=verdict.header,
    )


def _receipts(rows: Sequence[Capture]) -> Any:
    return Receipt.select(Receipt.id, Receipt.intake_id).where(Receipt.id.in_([row.receipt_id for row in rows]))


def _recipients(rows: Sequence[Capture], user_id: int | None) -> dict[int, list[str]]:
    """The BCC addresses that each was sent to; those of this user alone where one is given. rows: of one location."""
    named = (
        CaptureRecipient.select(CaptureRecipient.capture_id, BccAddress.address)
        .join(BccAddress, on=(BccAddress.id == CaptureRecipient.bcc_address_id))
        .where(CaptureRecipient.capture_id.in_([row.id for row in rows]))
        .order_by(CaptureRecipient.id)
    )
    if user_id is not None:
        named = named.where(CaptureRecipient.user_id == user_id, CaptureRecipient.location_id == rows[0].location_id)
    found: dict[int, list[str]] = {}
    for capture_id, address in tuples(named):
        found.setdefault(capture_id, []).append(address)
    return found


def _mailboxes(kept: Iterable[Mapping[str, str]] | None) -> list[MailboxView] | None:
    return None if kept is None else [MailboxView(one["name"], one["address"]) for one in kept]
