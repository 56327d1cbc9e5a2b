"""What bounces said, kept without an address for as long as the mail that they are about may still be recorded (C7).

So one that is decided before its mail, or before the copy that names its recipient, is shown as any other."""

import json
from typing import Any

from crm_store import decisions, undelivered
from crm_store.copies import Copy
from crm_store.database.prepared import Prepared, PreparedInsert, Statement
from crm_store.database.rows import tuples
from crm_store.database.session import writing
from crm_store.models.captures import Capture, DecisionRow
from crm_store.models.messages import BounceReport
from crm_store.rules import bounce as rules
from crm_store.rules.decision import Bounce, Told
from crm_store.rules.rule import Reason, Rule
from crm_store.rules.sameness import message_id_key
from crm_store.rules.states import CaptureState, DeliveryState, Path

KEPT_MS = 30 * 86_400_000  # so long a capture is held by default (D4)
_MAX_REPORTS = 50  # about one mail; whoever sends more plays with it

_REPORTS = PreparedInsert(BounceReport)


def keep(copy: Copy, bounce: Bounce, *, told_at_ms: int, now_ms: int) -> None:
    """copy: of the bounce. Twice is the same as once. Call in the transaction in which it was decided."""
    _REPORTS.insert_new(
        location_id=copy.location_id,
        message_id_key=message_id_key(bounce.message_id),
        told=[[[key.hex() for key in one.keys], one.state, one.status, one.cause] for one in bounce.told],
        told_at_ms=told_at_ms,
        kept_at_ms=now_ms,
        capture_id=copy.capture_id,
        user_id=copy.user_id,
        gmail_id=copy.gmail_id,
    )


def tell(location_id: int, message_id: str, *, now_ms: int) -> None:
    """Show what was kept about a mail of which the location has just recorded a copy, and say so in the ledger.

    Call in that transaction, under the location's lock: a bounce that is decided meanwhile waits for it."""
    kept = _kept.rows(location_id, message_id_key(message_id))
    if not kept:
        return
    sent = undelivered.sent_mail(location_id, message_id)
    for told, told_at_ms, capture_id, user_id, gmail_id in kept:
        shown = rules.undelivered(Bounce(message_id, _told(told)), sent)
        if shown:
            undelivered.note(shown, told_at_ms=told_at_ms)
            entry_id = min(one.entry_id for one in shown)
            if capture_id is not None:
                _shown_by_bcc(capture_id, location_id, entry_id, now_ms)
            else:
                _shown_by_mailbox(user_id, gmail_id, location_id, entry_id, now_ms)


@Prepared
def _kept(location_id: int, key: bytes) -> Statement:
    columns = (BounceReport.told, BounceReport.told_at_ms, BounceReport.capture_id, BounceReport.user_id)
    about = (BounceReport.location_id == location_id) & (BounceReport.message_id_key == key)
    kept = BounceReport.select(*columns, BounceReport.gmail_id).where(about)
    return kept.order_by(BounceReport.id).limit(_MAX_REPORTS)


def _told(kept: Any) -> tuple[Told, ...]:
    """kept: as the driver gives JSON: text, or what it says."""
    rows: list[Any] = json.loads(kept) if isinstance(kept, str) else kept
    return tuple(
        Told(tuple(bytes.fromhex(key) for key in keys), DeliveryState(state), status, cause)
        for keys, state, status, cause in rows
    )


def _shown_by_bcc(capture_id: int, location_id: int, entry_id: int, now_ms: int) -> None:
    ignored = (Capture.id == capture_id) & (Capture.state == CaptureState.IGNORED)
    Capture.update(reason=Reason.BOUNCE_SHOWN).where(ignored).execute()
    decisions.write(
        Path.BCC,
        CaptureState.IGNORED,
        Rule.C7,
        Reason.BOUNCE_SHOWN,
        message_id=None,  # its decision is there, and keeps its own
        location_id=location_id,
        capture_id=capture_id,
        entry_id=entry_id,
        now_ms=now_ms,
    )


def _shown_by_mailbox(user_id: int, gmail_id: str, location_id: int, entry_id: int, now_ms: int) -> None:
    mine = (DecisionRow.user_id == user_id) & (DecisionRow.gmail_id == gmail_id)
    of_bounce = DecisionRow.select(DecisionRow.message_id).where(mine).limit(1)
    decisions.write_mailbox(
        user_id,
        gmail_id,
        CaptureState.IGNORED,
        Rule.C7,
        Reason.BOUNCE_SHOWN,
        message_id=next((message_id for (message_id,) in tuples(of_bounce)), None),
        location_id=location_id,
        entry_id=entry_id,
        now_ms=now_ms,
    )


def take_back(location_id: int, key: bytes | None, entry_id: int) -> None:
    """The entry is gone, as if it had never been: of bounces that were shown there the ledger says what it said before.

    key: of its message's Message-ID, None where it has none. Call in the transaction that deletes it."""
    for _, _, capture_id, user_id, gmail_id in _kept.rows(location_id, key) if key else ():
        other: dict[Any, Any] = {DecisionRow.reason: Reason.ABOUT_OTHER_MAIL, DecisionRow.entry_id: None}
        if capture_id is not None:
            of_capture = (DecisionRow.capture_id == capture_id) & (DecisionRow.entry_id == entry_id)
            if DecisionRow.update(other).where(of_capture).execute():
                Capture.update(reason=Reason.ABOUT_OTHER_MAIL).where(Capture.id == capture_id).execute()
            continue
        mine = (DecisionRow.user_id == user_id) & (DecisionRow.gmail_id == gmail_id)
        here, elsewhere = DecisionRow.entry_id == entry_id, DecisionRow.location_id != location_id
        if DecisionRow.select(DecisionRow.id).where(mine & elsewhere).exists():
            DecisionRow.delete().where(mine & here).execute()
        else:
            DecisionRow.update({**other, DecisionRow.location_id: None}).where(mine & here).execute()


def sweep(*, now_ms: int, limit: int) -> int:
    """Forget what was kept for long enough, oldest first; how many, at most limit."""
    over = BounceReport.select(BounceReport.id).where(BounceReport.kept_at_ms <= now_ms - KEPT_MS)
    ids = [row_id for (row_id,) in tuples(over.order_by(BounceReport.kept_at_ms, BounceReport.id).limit(limit))]
    if not ids:
        return 0
    with writing():
        return int(BounceReport.delete().where(BounceReport.id.in_(ids)).execute())
