"""What operators do with captures beside letting them in: reject, try again, undo; and many at a time (D2)."""

import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from peewee import IntegrityError

from crm_store import audit, capture_undo, decisions, sender_list_changes
from crm_store.access import Access
from crm_store.capture_queue import for_decision, get
from crm_store.capture_steps import LEGAL_STEPS, Step, refused
from crm_store.capture_undo import Note
from crm_store.capture_views import CaptureView, open_step
from crm_store.database.session import lock_location, writing
from crm_store.errors import Conflict, Invalid, NotFound, ProductError, Temporary
from crm_store.models.captures import Capture
from crm_store.rules.rule import Reason, Rule
from crm_store.rules.states import CaptureState, Path, Role, SenderList
from crm_store.sender_list_changes import Pattern

log = structlog.get_logger()

MAX_BULK = 200


def reject(access: Access, capture_id: int, *, block_sender: bool = False, now_ms: int) -> CaptureView:
    """It is not recorded; its content stays for as long as this can be undone.

    Raises: NotFound, Forbidden, Conflict where somebody else was first; Invalid for a block that shuts out a member."""
    with writing():
        row = _locked(access, capture_id, Step.REJECT, now_ms)
        listed_id = _block(access, row, now_ms) if block_sender else None
        note = Note(
            rule=str(row.rule),
            reason=str(row.reason),
            decided_at_ms=row.decided_at_ms or now_ms,
            listed_id=listed_id,
            filed=None,
        )
        _take(
            row,
            Step.REJECT,
            rule=Rule.D2,
            reason=Reason.REJECTED,
            decided_at_ms=now_ms,
            decided_by=access.user_id,
            undo=note.as_json(),
        )
        _decided(row, CaptureState.REJECTED, Rule.D2, Reason.REJECTED, now_ms)
        _audit(access, row, Step.REJECT, now_ms, why="and block its sender" if block_sender else "")
    return get(access, capture_id, now_ms=now_ms)


def retry(access: Access, capture_id: int, *, now_ms: int) -> CaptureView:
    """The rules are asked again: lists, contacts and members may have changed.

    Raises: NotFound, Forbidden, Conflict."""
    with writing():
        row = _locked(access, capture_id, Step.RETRY, now_ms)
        if row.location_id is None:
            raise Conflict("mail to postmaster and abuse belongs to no location, whose rules could be asked")
        _take(
            row,
            Step.RETRY,
            next_try_at_ms=now_ms,
            attempts=Capture.attempts + 1,  # a worker that has it now has lost it
            decided_at_ms=None,
            decided_by=None,
            undo=None,
        )
        _audit(access, row, Step.RETRY, now_ms)
    return get(access, capture_id, now_ms=now_ms)


def undo(access: Access, capture_id: int, *, now_ms: int) -> CaptureView:
    """Held again, as if nobody had decided. Raises: NotFound, Forbidden; Conflict that says what rests on it."""
    try:
        with writing():
            row = _locked(access, capture_id, Step.UNDO, now_ms)
            note = capture_undo.note_in(row)
            if row.state == CaptureState.RECORDED:
                if note.filed is None:
                    capture_undo.take_back_copy(row)
                else:
                    capture_undo.take_back_entry(row, note.filed)
            if note.listed_id is not None:
                sender_list_changes.take_back(note.listed_id, by=access.user_id, now_ms=now_ms)
            _take(
                row,
                Step.UNDO,
                rule=note.rule,
                reason=note.reason,
                decided_at_ms=note.decided_at_ms,
                decided_by=None,
                undo=None,
                entry_id=None,
            )
            _decided(row, CaptureState.HELD, note.rule, note.reason, now_ms)
            _audit(access, row, Step.UNDO, now_ms)
    except IntegrityError as error:
        raise Conflict("something rests on what was made of it") from error
    return get(access, capture_id, now_ms=now_ms)


@dataclass(frozen=True, slots=True)
class Outcome:
    """Of one capture among many: what it is now, or why nothing was done."""

    view: CaptureView | None
    error: ProductError | None


def each(
    access: Access, location_id: int, capture_ids: Sequence[int | None], act: Callable[[int], CaptureView], step: Step
) -> list[Outcome]:
    """Do the same with many captures of the location, each for itself: one that fails stops no other.

    capture_ids: None for what is no id. The outcomes are in their order.
    Raises: NotFound, Forbidden; Invalid for too many."""
    access.reader_of(location_id, Role.OPERATOR)
    if not 1 <= len(capture_ids) <= MAX_BULK:
        raise Invalid("ids", f"lists 1 to {MAX_BULK} captures")
    outcomes: dict[int, Outcome] = {}
    for number in _order(capture_ids, step):
        outcomes[number] = _one_of_many(location_id, capture_ids[number], act)
    return [outcomes[number] for number in range(len(capture_ids))]


def _order(capture_ids: Sequence[int | None], step: Step) -> list[int]:
    """As they are listed; but what was filed last is undone first, because it may rest on what was filed before."""
    if step is not Step.UNDO:
        return list(range(len(capture_ids)))
    rows = Capture.select(Capture.id, Capture.entry_id, Capture.undo).where(
        Capture.id.in_([capture_id for capture_id in capture_ids if capture_id is not None])
    )
    # Copies that joined an entry go before the one that made it.
    filed = {row.id: (row.entry_id or 0, (row.undo or {}).get("filed") is None) for row in rows}
    keys = [filed.get(capture_id or 0, (0, False)) for capture_id in capture_ids]
    return sorted(range(len(capture_ids)), key=lambda number: keys[number], reverse=True)


def _one_of_many(location_id: int, capture_id: int | None, act: Callable[[int], CaptureView]) -> Outcome:
    try:
        here = (Capture.id == capture_id) & (Capture.location_id == location_id)
        if capture_id is None or not Capture.select(Capture.id).where(here).exists():
            raise NotFound("no such capture")
        return Outcome(act(capture_id), None)
    except ProductError as error:
        return Outcome(None, error)
    except Exception as error:  # noqa: BLE001  # our fault, and no reason to leave the others undone and untold
        # Never its text: a database puts the values of a row into that.
        where = "".join(traceback.format_tb(error.__traceback__))
        log.error("capture_of_many_failed", capture_id=capture_id, error=type(error).__qualname__, where=where)
        return Outcome(None, Temporary("something went wrong on our side"))


def _locked(access: Access, capture_id: int, step: Step, now_ms: int) -> Capture:
    """The row, if the asker may take the step and it is open, with its location locked."""
    location_id = for_decision(access, capture_id).location_id
    if location_id is not None:
        lock_location(location_id)
    row = Capture.get_by_id(capture_id)
    if not open_step(step, row, now_ms=now_ms):
        raise refused(step, CaptureState(row.state))
    return row


def _take(row: Capture, step: Step, **values: Any) -> None:
    """Any: a column's value. Raises: Conflict where the row is not what it was any more."""
    state = LEGAL_STEPS[step][CaptureState(row.state)]
    same = (Capture.id == row.id) & (Capture.state == row.state) & (Capture.attempts == row.attempts)
    if row.blob_sha256 is not None:
        same &= Capture.blob_sha256.is_null(False)  # its time may end at this moment
    if not Capture.update(state=state, **values).where(same).execute():
        raise refused(step, CaptureState(Capture.get_by_id(row.id).state))


def _block(access: Access, row: Capture, now_ms: int) -> int | None:
    if row.location_id is None or not row.author_normal or not row.author_address:
        raise Invalid("block_sender", "can't be: this mail names no author that a location could block")
    pattern = Pattern(row.author_address, row.author_normal)
    listed, is_new = sender_list_changes.put(
        row.location_id, SenderList.BLOCKED, pattern, by=access.user_id, now_ms=now_ms, field="block_sender"
    )
    return listed.id if is_new else None


def _decided(row: Capture, outcome: CaptureState, rule: str, reason: str, now_ms: int) -> None:
    decisions.write(
        Path.BCC,
        outcome,
        rule,
        reason,
        message_id=row.message_id,
        location_id=row.location_id,
        capture_id=row.id,
        entry_id=None,
        now_ms=now_ms,
    )


def _audit(access: Access, row: Capture, step: Step, now_ms: int, why: str = "") -> None:
    subject = f"capture {row.id}"
    audit.write(f"capture.{step}", subject, by=access.user_id, now_ms=now_ms, location_id=row.location_id, why=why)
