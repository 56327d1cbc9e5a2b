"""What a lane of the outbox does next, and what becomes of it: one step each, committed with the lane's lease or not at
all (crm_store/outbox_turns.py).

A run that has begun a delivery must not let it leave later than SEND_WITHIN_MS after: another run may have its lane.
What is known to have left is written by crm_store/outbox_sent.py, or crm_store/outbox_relayed.py."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from peewee import SQL

from crm_store import fault_point
from crm_store.blobs.store import BlobStore
from crm_store.database.prepared import Prepared, Statement
from crm_store.database.session import writing
from crm_store.models.outbox import Delivery, OutboxLane
from crm_store.outbox_steps import SURE, VOID, DeliveryChanged, require, step, steps
from crm_store.outbox_turns import HeldLane, hold
from crm_store.rules.outbox import Ambiguity, OutboxReason, OutboxState, OutboxStep

SEND_WITHIN_MS = 240_000
# Literals, as in the indexes.
_WAITS = Delivery.state == SQL("'waiting'")
_IS_UNKNOWN = Delivery.state == SQL("'unknown'")
_AMBIGUITY = {OutboxReason.ANSWER_UNCLEAR: Ambiguity.ANSWER}
_COLUMNS = (
    Delivery.id,
    Delivery.token,
    Delivery.state,
    Delivery.attempt,
    Delivery.due_at_ms,
    Delivery.began_at_ms,
    Delivery.history_id,
    Delivery.ambiguity,
    Delivery.ambiguous_at_ms,
    Delivery.envelope_from,
    Delivery.recipients,
    Delivery.message_id,
    Delivery.gmail_thread_id,
    Delivery.own_header,
    Delivery.blob_sha256,
    Delivery.size_bytes,
    Delivery.reason,
)


@dataclass(frozen=True, slots=True)
class DeliveryWork:
    """A delivery that is due: state is WAITING, to be begun, or UNKNOWN, to be looked for.

    attempt: how often it was begun. due_at_ms: since when it may go, or is to be looked for. began_at_ms, history_id:
    of the attempt that is not proven void, as are ambiguity and ambiguous_at_ms; None of one that waits. recipients:
    addresses. own_header, blob_sha256, size_bytes: see message().
    reason: as of a lane, BOUNCED of one that has left; None for none."""

    delivery_id: int
    token: str
    state: OutboxState
    attempt: int
    due_at_ms: int
    began_at_ms: int | None
    history_id: str | None
    ambiguity: Ambiguity | None
    ambiguous_at_ms: int | None
    envelope_from: str
    recipients: tuple[str, ...]
    message_id: str | None
    gmail_thread_id: str | None
    own_header: bytes
    blob_sha256: bytes
    size_bytes: int
    reason: OutboxReason | None


def next_delivery(held: HeldLane, *, now_ms: int) -> DeliveryWork | None:
    """What the lane does next: one that is to be looked for, else the first that may go; None where nothing is due."""
    return next(iter(next_deliveries(held, 1, now_ms=now_ms)), None)


def next_deliveries(held: HeldLane, most: int, *, now_ms: int, most_bytes: int | None = None) -> list[DeliveryWork]:
    """The same, of several that may go at once: one that is to be looked for is alone, and so is a large one.

    most_bytes: of all that are more than one; None for no bound."""
    lane_id = held.lane.id
    found = _to_look_for.rows(lane_id, now_ms, 1)
    if not found and not _is_paused(lane_id, now_ms):
        found = _to_begin.rows(lane_id, now_ms, most)
    works = [_work(*row) for row in found]
    sizes = accumulate(work.size_bytes for work in works)
    return [
        work
        for number, (work, total) in enumerate(zip(works, sizes, strict=True))
        if number == 0 or most_bytes is None or total <= most_bytes
    ]


@Prepared
def _to_look_for(lane_id: int, now_ms: int, most: int) -> Statement:
    due = Delivery.select(*_COLUMNS).where(Delivery.lane_id == lane_id, _IS_UNKNOWN, Delivery.due_at_ms <= now_ms)
    return due.order_by(Delivery.due_at_ms, Delivery.id).limit(most)


@Prepared
def _to_begin(lane_id: int, now_ms: int, most: int) -> Statement:
    due = Delivery.select(*_COLUMNS).where(Delivery.lane_id == lane_id, _WAITS, Delivery.due_at_ms <= now_ms)
    return due.order_by(Delivery.due_at_ms, Delivery.id).limit(most)


def _is_paused(lane_id: int, now_ms: int) -> bool:
    reason, until_ms = _pause.rows(lane_id)[0]
    return reason is not None and (until_ms is None or until_ms > now_ms)


@Prepared
def _pause(lane_id: int) -> Statement:
    return OutboxLane.select(OutboxLane.reason, OutboxLane.paused_until_ms).where(OutboxLane.id == lane_id)


def message(work: DeliveryWork, blobs: BlobStore) -> bytes:
    """The message as it was composed, CRLF: without Date, and for Gmail without Message-ID.

    Raises: NotFound, StoreUnavailable."""
    return work.own_header + blobs.read(work.blob_sha256)


def begin(held: HeldLane, delivery_id: int, *, history_id: str | None, now_ms: int) -> None:
    """Committed before anything of it leaves. history_id: the mailbox's before it (users.getProfile), 20 digits.

    Raises: LeaseLost, DeliveryChanged where its user was faster, or its connection has ended."""
    if not begin_all(held, [delivery_id], history_id=history_id, now_ms=now_ms):
        raise DeliveryChanged(f"delivery {delivery_id} does not wait any more")


def begin_all(held: HeldLane, delivery_ids: Sequence[int], *, now_ms: int, history_id: str | None = None) -> set[int]:
    """The same of several, in one transaction: those that are under way now. Raises: LeaseLost."""
    fault_point.reach("send.before-begin-commit")
    with writing():
        hold(held, now_ms=now_ms)
        begun = began(delivery_ids, now_ms=now_ms, history_id=history_id)
    fault_point.reach("send.after-begin-commit")
    return begun


def began(delivery_ids: Sequence[int], *, now_ms: int, history_id: str | None = None) -> set[int]:
    """The same in the caller's transaction, which holds the lane."""
    return steps(delivery_ids, OutboxStep.BEGIN, began_at_ms=now_ms, history_id=history_id, **SURE)


def put_back(
    held: HeldLane, delivery_id: int, reason: OutboxReason, *, until_ms: int, now_ms: int, detail: str = ""
) -> None:
    """It is proven that nothing left; it goes again then. Raises: LeaseLost, DeliveryChanged."""
    with writing():
        hold(held, now_ms=now_ms)
        step(delivery_id, OutboxStep.PUT_BACK, reason, detail=detail, due_at_ms=until_ms, **VOID)
    fault_point.reach("send.after-put-back-commit")


def untried(held: HeldLane, works: Sequence[DeliveryWork], *, now_ms: int) -> None:
    """They were begun, and nothing of them went: as if they had not been. works: as they were before.

    Raises: LeaseLost."""
    with writing():
        hold(held, now_ms=now_ms)
        for work in works:
            as_before = {"due_at_ms": work.due_at_ms, "attempt": work.attempt, **VOID}
            steps([work.delivery_id], OutboxStep.PUT_BACK, **as_before)
    fault_point.reach("send.after-put-back-commit")


def unsure(
    held: HeldLane,
    delivery_id: int,
    reason: OutboxReason,
    *,
    look_at_ms: int | None,
    now_ms: int,
    detail: str = "",
) -> None:
    """It may have left; it is looked for then. look_at_ms: None where nobody can look; its user says (resolve).

    reason: ANSWER_UNCLEAR for a definite 5xx, anything else for a silence. Of one that was unknown before only the
    next look changes. Raises: LeaseLost, DeliveryChanged."""
    with writing():
        hold(held, now_ms=now_ms)
        since = {"ambiguity": _AMBIGUITY.get(reason, Ambiguity.SILENCE), "ambiguous_at_ms": now_ms}
        if is_unknown(delivery_id):
            since = {}
        step(delivery_id, OutboxStep.UNSURE, reason, detail=detail, due_at_ms=look_at_ms, **since)
    fault_point.reach("send.after-unsure-commit")


def is_unknown(delivery_id: int) -> bool:
    try:
        require(delivery_id, OutboxState.UNKNOWN)
    except DeliveryChanged:
        return False
    return True


def failed(held: HeldLane, delivery_id: int, reason: OutboxReason, *, now_ms: int, detail: str = "") -> None:
    """It did not leave, and will not by itself; its text is kept. detail: what the other side said, cleaned and short.

    Raises: LeaseLost, DeliveryChanged."""
    with writing():
        hold(held, now_ms=now_ms)
        step(delivery_id, OutboxStep.FAIL, reason, detail=detail, **VOID)
    fault_point.reach("send.after-failed-commit")


def _work(
    delivery_id: int,
    token: str,
    state: str,
    attempt: int,
    due_at_ms: int,
    began_at_ms: int | None,
    history_id: str | None,
    ambiguity: str | None,
    ambiguous_at_ms: int | None,
    envelope_from: str,
    recipients: str | list[str],
    message_id: str | None,
    gmail_thread_id: str | None,
    own_header: bytes,
    blob_sha256: bytes,
    size_bytes: int,
    reason: str | None,
) -> DeliveryWork:
    """A row of _COLUMNS, as the driver gives it: JSON as its text, or as what it says."""
    return DeliveryWork(
        delivery_id=delivery_id,
        token=token,
        state=OutboxState(state),
        attempt=attempt,
        due_at_ms=due_at_ms,
        began_at_ms=began_at_ms,
        history_id=history_id,
        ambiguity=None if ambiguity is None else Ambiguity(ambiguity),
        ambiguous_at_ms=ambiguous_at_ms,
        envelope_from=envelope_from,
        recipients=tuple(json.loads(recipients) if isinstance(recipients, str) else recipients),
        message_id=message_id,
        gmail_thread_id=gmail_thread_id,
        own_header=bytes(own_header),
        blob_sha256=bytes(blob_sha256),
        size_bytes=size_bytes,
        reason=None if reason is None else OutboxReason(reason),
    )
