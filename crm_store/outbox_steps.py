"""One step of one delivery, and what it makes of its e-mail. Every change of a delivery's state goes by here."""

from __future__ import annotations

from typing import Any

from crm_store.database.prepared import Prepared, Statement
from crm_store.database.rows import tuples
from crm_store.errors import Temporary
from crm_store.models.outbox import Delivery, Email
from crm_store.rules.outbox import LEGAL_STEPS, OutboxReason, OutboxState, OutboxStep, told_state

# Columns of one of which it is known that nothing left. Any: their values.
SURE: dict[str, Any] = {"ambiguity": None, "ambiguous_at_ms": None}
VOID: dict[str, Any] = {"began_at_ms": None, "history_id": None, **SURE}


class DeliveryChanged(Temporary):
    """It is not (any more) in a state from which this step is legal: cancelled, found, or failed by somebody else."""


def step(
    delivery_id: int, taken: OutboxStep, reason: OutboxReason | None = None, *, detail: str = "", **changes: Any
) -> None:
    """Call inside a transaction. changes: other columns' values. Raises: DeliveryChanged; then nothing has changed.

    What is due, and what is known of an attempt, goes with the state: changes say what is to be kept of it."""
    row = _known.first(delivery_id)
    if row is None:
        raise DeliveryChanged(f"delivery {delivery_id} is gone")
    before = OutboxState(row[0])
    if before not in LEGAL_STEPS[taken]:
        raise DeliveryChanged(f"delivery {delivery_id}: no {taken} from {before}")
    after = LEGAL_STEPS[taken][before]
    changed = Delivery.update(state=after, reason=reason, detail=detail, **{"due_at_ms": None, **changes}).where(
        Delivery.id == delivery_id, Delivery.state == before
    )
    if not changed.execute():
        raise DeliveryChanged(f"delivery {delivery_id} was {before}")
    _tell(int(row[1]), before, after, reason)


@Prepared
def _known(delivery_id: int) -> Statement:
    return Delivery.select(Delivery.state, Delivery.email_id).where(Delivery.id == delivery_id)


def _tell(email_id: int, before: OutboxState, after: OutboxState, reason: OutboxReason | None) -> None:
    """Its e-mail's counts, and its state and reason by them."""
    if before is not after:
        Email.update({before: getattr(Email, before) - 1, after: getattr(Email, after) + 1}).where(
            Email.id == email_id
        ).execute()
    columns = [getattr(Email, state) for state in OutboxState]
    (counted,) = tuples(Email.select(*columns).where(Email.id == email_id))
    counts = dict(zip(OutboxState, counted, strict=True))
    told: dict[str, Any] = {"state": told_state(counts)}
    if sum(counts.values()) == 1 or after in (OutboxState.FAILED, OutboxState.UNKNOWN):
        told["reason"] = reason
    if told["state"] is OutboxState.SENT:
        told.update(text="", html=None)  # its entry has them
    Email.update(told).where(Email.id == email_id).execute()


def attempt(delivery_id: int, taken: OutboxStep, reason: OutboxReason | None) -> bool:
    """The step if it is legal; whether it was."""
    try:
        step(delivery_id, taken, reason)
    except DeliveryChanged:
        return False
    return True


def require(delivery_id: int, state: OutboxState) -> None:
    """Raises: DeliveryChanged where it is in another one."""
    row = _known.first(delivery_id)
    if row is None or row[0] != state:
        raise DeliveryChanged(f"delivery {delivery_id} is not {state}")
