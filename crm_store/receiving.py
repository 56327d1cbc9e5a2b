"""From the intake into the CRM database: each mail becomes a receipt, and a capture for each location it was sent to.

What B5 and B13 forbid is dropped here, before anything of it is stored: only ids, times and the rule remain."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path as FilePath
from typing import Any

from crm_store import bcc_addresses, decisions, fault_point, returned_mail
from crm_store.bcc_addresses import BccTarget
from crm_store.blobs import erasure
from crm_store.blobs.keeping import keep
from crm_store.blobs.store import BlobStore, NewBlob
from crm_store.capture_preview import preview_of
from crm_store.database.prepared import PreparedInsert
from crm_store.database.rows import tuples
from crm_store.database.session import writing
from crm_store.facts import internal_among, never_logged
from crm_store.mail.parsed_mail import ParsedMail
from crm_store.models.captures import Capture, CaptureRecipient, Receipt
from crm_store.returned_mail import Returned
from crm_store.rules.automatic import automatic_kind
from crm_store.rules.confidential import is_confidential
from crm_store.rules.decision import Decision, hold, ignore
from crm_store.rules.original import Reading
from crm_store.rules.rule import Reason, Rule
from crm_store.rules.states import CaptureState, Path

ROLE_MAILBOXES = frozenset({"postmaster", "abuse"})  # RFC 5321 §4.5.1, RFC 2142 §4

_RECEIPTS = PreparedInsert(Receipt)
_CAPTURES = PreparedInsert(Capture)
_RECIPIENTS = PreparedInsert(CaptureRecipient)


@dataclass(frozen=True, slots=True)
class ReceivedMail:
    """One mail as the intake holds it, read. content: its raw bytes, or the spool file that holds them.

    recipients: normalised, as named at RCPT. returned_to: tokens of the deliveries whose return addresses they are."""

    intake_id: str
    received_at_ms: int
    envelope_from: str
    peer: str
    helo: str
    recipients: tuple[str, ...]
    content: bytes | FilePath
    size_bytes: int
    sha256: bytes
    mail: ParsedMail
    reading: Reading
    returned_to: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Share:
    """What one location gets of a mail. decision: None where a worker is to decide; then the content is kept.

    location_id: None for mail to postmaster and abuse, which belongs to the installation. returned: of what came to a
    return address alone: it is decided when it is inserted."""

    location_id: int | None
    targets: tuple[BccTarget, ...]
    decision: Decision | None
    keeps_content: bool
    returned: Returned | None = None


def known(intake_ids: Sequence[str]) -> set[str]:
    """Which of these the CRM has already; they need not be read again."""
    return {
        intake_id
        for (intake_id,) in tuples(Receipt.select(Receipt.intake_id).where(Receipt.intake_id.in_(list(intake_ids))))
    }


def receive(mails: Sequence[ReceivedMail], blobs: BlobStore, *, now_ms: int) -> int:
    """Make all of them durable in the CRM; how many were new. Safe to run twice, and by two at once.

    Raises: StoreUnavailable; then none, or all, of them may be there."""
    fresh = [(mail, _shares(mail, now_ms)) for mail in mails]
    kept = [mail for mail, shares in fresh if any(share.keeps_content for share in shares)]
    dropped = [mail.sha256 for mail, shares in fresh if not any(share.keeps_content for share in shares)]
    fault_point.reach("drainer.before-blobs")
    stored = [(NewBlob(mail.sha256, mail.content), mail.size_bytes) for mail in kept]
    blobs.put([blob for blob, _ in stored])  # first, so that no row points to nothing
    fault_point.reach("drainer.after-blobs")
    with writing():
        returned = [share.returned for _, shares in fresh for share in shares if share.returned]
        returned_mail.lock(returned, now_ms=now_ms)
        _note_addresses(fresh)
        keep(stored, blobs, now_ms=now_ms)
        erasure.mark_left_behind(dropped, blobs)
        new = sum(_insert(mail, shares, now_ms) for mail, shares in fresh)
        fault_point.reach("drainer.before-crm-commit")
    fault_point.reach("drainer.after-crm-commit")
    return new


def _note_addresses(mails: Sequence[tuple[ReceivedMail, Sequence[_Share]]]) -> None:
    came_at_ms: dict[int, int] = {}
    shown_at_ms: dict[int, int] = {}
    for mail, shares in mails:
        for target in (target for share in shares for target in share.targets):
            came_at_ms[target.id] = max(mail.received_at_ms, came_at_ms.get(target.id, 0))
            if target.address in mail.reading.parties.capture_to_cc:
                shown_at_ms.setdefault(target.id, mail.received_at_ms)
    bcc_addresses.note_captures(came_at_ms, shown_at_ms)


def _shares(mail: ReceivedMail, now_ms: int) -> list[_Share]:
    by_location: dict[int, list[BccTarget]] = {}
    for target in bcc_addresses.targets(list(mail.recipients), now_ms=mail.received_at_ms):
        by_location.setdefault(target.location_id, []).append(target)
    shares = [_location_share(mail, location_id, targets, now_ms) for location_id, targets in by_location.items()]
    shares += _returned_shares(mail, set(by_location))
    if any(recipient.partition("@")[0] in ROLE_MAILBOXES for recipient in mail.recipients):
        shares.append(_Share(None, (), hold(Rule.F1, Reason.TO_POSTMASTER), keeps_content=True))
    if not shares:  # the address went away between RCPT and now
        shares.append(_Share(None, (), ignore(Rule.C1, Reason.ADDRESS_UNKNOWN), keeps_content=False))
    return shares


def _returned_shares(mail: ReceivedMail, taken: set[int]) -> list[_Share]:
    """One for each location, and none where a BCC address of it was named as well: no mail system does that."""
    shares = []
    for token in mail.returned_to:
        returned = returned_mail.returned_to(token, mail.mail, null_sender=mail.envelope_from == "")
        if returned is not None and returned.location_id not in taken:
            taken.add(returned.location_id)
            shares.append(_Share(returned.location_id, (), None, keeps_content=False, returned=returned))
    return shares


def _location_share(mail: ReceivedMail, location_id: int, targets: list[BccTarget], now_ms: int) -> _Share:
    if not any(target.works for target in targets):
        return _Share(location_id, tuple(targets), ignore(Rule.C1, Reason.ADDRESS_RETIRED), keeps_content=False)
    reading, users = mail.reading, tuple(target.user_id for target in targets)
    internal = internal_among(location_id, (party.folded for party in reading.parties.everybody()), now_ms=now_ms)
    automatic = automatic_kind(reading.mail.automatic, null_sender=mail.envelope_from == "")
    if is_confidential(reading.parties, internal, automatic, reading.forwarded):
        return _Share(location_id, tuple(targets), ignore(Rule.B5, Reason.INTERNAL_MAIL), keeps_content=False)
    if never_logged(location_id, users, reading):
        return _Share(location_id, tuple(targets), ignore(Rule.B13, Reason.NEVER_LOGGED), keeps_content=False)
    return _Share(location_id, tuple(targets), None, keeps_content=True)


def _insert(mail: ReceivedMail, shares: list[_Share], now_ms: int) -> bool:
    """Whether the receipt was new: of two drainers one finds the other's row, and leaves the rest to it."""
    receipt_id = _RECEIPTS.insert_new(intake_id=mail.intake_id, received_at_ms=mail.received_at_ms)
    if receipt_id is None:
        return False
    for share in shares:
        if share.returned is None:
            _insert_share(receipt_id, mail, share, now_ms)
        else:
            _insert_returned(receipt_id, mail, share, share.returned, now_ms)
    return True


def _insert_returned(receipt_id: int, mail: ReceivedMail, share: _Share, returned: Returned, now_ms: int) -> None:
    decision = returned_mail.decide(returned)
    capture_id = _insert_share(receipt_id, mail, replace(share, decision=decision), now_ms)
    returned_mail.note(
        returned,
        decision,
        mail.mail,
        mail.reading.parties,
        sha256=mail.sha256,
        capture_id=capture_id,
        told_at_ms=mail.received_at_ms,
        now_ms=now_ms,
    )


def _insert_share(receipt_id: int, mail: ReceivedMail, share: _Share, now_ms: int) -> int:
    """The capture's id."""
    capture_id = _insert_capture(receipt_id, mail, share, now_ms)
    for target in share.targets:
        _RECIPIENTS.insert(
            capture_id=capture_id,
            bcc_address_id=target.id,
            user_id=target.user_id,
            location_id=target.location_id,
        )
    if share.decision is not None:
        decisions.write(
            Path.BCC,
            share.decision.outcome,
            share.decision.rule,
            share.decision.reason,
            message_id=mail.mail.message_id,
            location_id=share.location_id,
            capture_id=capture_id,
            entry_id=share.decision.entry_id,
            now_ms=now_ms,
        )
    return capture_id


def _insert_capture(receipt_id: int, mail: ReceivedMail, share: _Share, now_ms: int) -> int:
    decision = share.decision
    return _CAPTURES.insert(
        receipt_id=receipt_id,
        location_id=share.location_id,
        state=CaptureState.RECEIVED if decision is None else decision.outcome,
        rule=None if decision is None else decision.rule,
        reason=None if decision is None else decision.reason,
        message_id=mail.mail.message_id,
        received_at_ms=mail.received_at_ms,
        decided_at_ms=None if decision is None else now_ms,
        next_try_at_ms=now_ms if decision is None else None,
        **(_content(mail) if share.keeps_content else {}),
    )


def _content(mail: ReceivedMail) -> dict[str, Any]:
    """What a capture shows of its mail (D1), by column. Any: a column's value."""
    return {
        "blob_sha256": mail.sha256,
        "envelope_from": mail.envelope_from,
        "peer": mail.peer,
        "helo": mail.helo,
        **preview_of(mail.mail, mail.reading, mail.envelope_from),
    }
