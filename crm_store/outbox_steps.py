"""Steps of deliveries, and what they make of their e-mails. Every change of a delivery's state goes by here.

Who changes several in one transaction takes the locks of all their e-mails first (lock_emails): an e-mail before its
deliveries, and of two e-mails the older one. Else two who do so in another order wait for each other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from crm_store.database.engine import on_sqlite
from crm_store.database.prepared import Prepared, Statement
from crm_store.errors import Temporary
from crm_store.models.outbox import Delivery, Email
from crm_store.rules.outbox import LEGAL_STEPS, OutboxReason, OutboxState, OutboxStep, told_state

# Columns of one of which it is known that nothing left. Any: their values.
SURE: dict[str, Any] = {"ambiguity": None, "ambiguous_at_ms": None}
VOID: dict[str, Any] = {"began_at_ms": None, "history_id": None, **SURE}

_STATES = tuple(OutboxState)
# Steps of one that leaves, or has left: that it came back is what there is to tell, whatever was written first (C7).
_LEAVING = (OutboxStep.BEGIN, OutboxStep.SENT, OutboxStep.UNSURE, OutboxStep.FOUND)


class DeliveryChanged(Temporary):
    """It is not (any more) in a state from which this step is legal: cancelled, found, or failed by somebody else."""


def step(
    delivery_id: int, taken: OutboxStep, reason: OutboxReason | None = None, *, detail: str = "", **changes: Any
) -> None:
    """Call inside a transaction. changes: other columns' values. Raises: DeliveryChanged; then nothing has changed.

    What is due, and what is known of an attempt, goes with the state: changes say what is to be kept of it."""
    if not steps([delivery_id], taken, reason, detail=detail, **changes):
        raise DeliveryChanged(f"delivery {delivery_id}: no {taken} from what it is in")


def steps(
    delivery_ids: Sequence[int],
    taken: OutboxStep,
    reason: OutboxReason | None = None,
    *,
    detail: str = "",
    **changes: Any,
) -> set[int]:
    """The same step of several, in few statements; of which it was legal. Those that began have one attempt more."""
    lock_emails(delivery_ids)
    legal = LEGAL_STEPS[taken]
    alike: dict[tuple[OutboxState, bool], list[int]] = {}
    email_of: dict[int, int] = {}
    for delivery_id, state, email_id, told in _known.rows(list(delivery_ids)) if delivery_ids else ():
        if state in legal:
            keeps = taken in _LEAVING and told == OutboxReason.BOUNCED
            alike.setdefault((OutboxState(state), keeps), []).append(delivery_id)
            email_of[delivery_id] = email_id
    changed: set[int] = set()
    for (before, keeps), ids in alike.items():
        columns = {"due_at_ms": None, **changes, **({} if keeps else {"reason": reason, "detail": detail})}
        done = _change(before, legal[before], ids, columns, counted=taken is OutboxStep.BEGIN)
        for email_id, count in sorted(Counter(email_of[one] for one in done).items()):
            _tell(email_id, before, legal[before], OutboxReason.BOUNCED if keeps else reason, count)
        changed |= done
    return changed


def lock_emails(delivery_ids: Sequence[int]) -> None:
    """Until the transaction ends nobody else changes these deliveries' e-mails. SQLite has one writer anyway."""
    if delivery_ids and not on_sqlite():
        _lock.rows(sorted({email_id for (email_id,) in _emails_of.rows(list(delivery_ids))}))


@Prepared
def _emails_of(delivery_ids: list[int]) -> Statement:
    return Delivery.select(Delivery.email_id).where(Delivery.id.in_(delivery_ids))


@Prepared
def _lock(email_ids: list[int]) -> Statement:
    return Email.select(Email.id).where(Email.id.in_(email_ids)).order_by(Email.id).for_update()


@Prepared
def _known(delivery_ids: list[int]) -> Statement:
    columns = (Delivery.id, Delivery.state, Delivery.email_id, Delivery.reason)
    return Delivery.select(*columns).where(Delivery.id.in_(delivery_ids)).order_by(Delivery.id)


def _change(
    before: OutboxState, after: OutboxState, ids: list[int], columns: dict[str, Any], *, counted: bool
) -> set[int]:
    named = {"state": after, **columns}
    rows = _update(tuple(named), counted).rows(before, ids, list(named.values()))
    return {int(delivery_id) for (delivery_id,) in rows}


@lru_cache(maxsize=64)
def _update(names: tuple[str, ...], counted: bool) -> Prepared[[str, list[int], list[Any]]]:
    def build(before: str, ids: list[int], values: list[Any]) -> Statement:
        columns = {getattr(Delivery, name): value for name, value in zip(names, values, strict=True)}
        if counted:
            columns[Delivery.attempt] = Delivery.attempt + 1
        changed: Statement = (
            Delivery.update(columns).where(Delivery.id.in_(ids), Delivery.state == before).returning(Delivery.id)
        )
        return changed

    return Prepared(build)


def _tell(email_id: int, before: OutboxState, after: OutboxState, reason: OutboxReason | None, count: int) -> None:
    """Its e-mail's counts, and its state and reason by them. count: how many deliveries of it went."""
    more = Counter({after: count})
    more.subtract({before: count})
    counted = _count.first([more[state] for state in _STATES], email_id)
    assert counted is not None, "a delivery has an e-mail"
    *counts, said_state, said_reason = counted
    state = told_state(dict(zip(_STATES, counts, strict=True)))
    told = reason if sum(counts) == 1 or after in (OutboxState.FAILED, OutboxState.UNKNOWN) else said_reason
    if (state, told) != (said_state, said_reason):
        _say.run(state, told, email_id)
    if state is OutboxState.SENT and said_state != OutboxState.SENT:
        _forget_text.run("", None, email_id)


@Prepared
def _count(more: list[int], email_id: int) -> Statement:
    columns = [getattr(Email, state) for state in _STATES]
    changes = {column: column + by for column, by in zip(columns, more, strict=True)}
    counted: Statement = (
        Email.update(changes).where(Email.id == email_id).returning(*columns, Email.state, Email.reason)
    )
    return counted


@Prepared
def _say(state: str, reason: str | None, email_id: int) -> Statement:
    return Email.update(state=state, reason=reason).where(Email.id == email_id)


@Prepared
def _forget_text(text: str, html: str | None, email_id: int) -> Statement:
    """Its entry has them."""
    return Email.update(text=text, html=html).where(Email.id == email_id)


def attempt(delivery_id: int, taken: OutboxStep, reason: OutboxReason | None) -> bool:
    """The step if it is legal; whether it was."""
    return bool(steps([delivery_id], taken, reason))


def require(delivery_id: int, state: OutboxState) -> None:
    """Raises: DeliveryChanged where it is in another one."""
    known = _known.first([delivery_id])
    if known is None or known[1] != state:
        raise DeliveryChanged(f"delivery {delivery_id} is not {state}")
