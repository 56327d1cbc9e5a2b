"""/sandbox/api: faults, behaviour, limits, counters, push, outbox, clients."""

import json
from dataclasses import asdict
from typing import TypeVar

from fastapi import APIRouter
from pydantic import BaseModel

from syncer.sandbox.api.faults import Fault
from syncer.sandbox.api.quota import Limits
from syncer.sandbox.control import shapes
from syncer.sandbox.control.asking import Sandbox
from syncer.sandbox.google import Behaviour
from syncer.sandbox.mailbox import accounts
from syncer.sandbox.oauth import clients
from syncer.sandbox.oauth.clients import Client
from syncer.sandbox.push.subscription import Subscription

Changed = TypeVar("Changed", Behaviour, Limits, Subscription)


router = APIRouter()


@router.post("/faults", status_code=201, tags=["faults"])
async def add_fault(google: Sandbox, made: shapes.FaultMade) -> shapes.FaultShown:
    return _fault(google.faults.add(Fault(**made.model_dump())))


@router.get("/faults", tags=["faults"])
async def faults(google: Sandbox) -> list[shapes.FaultShown]:
    return [_fault(fault) for fault in google.faults.every()]


@router.delete("/faults", status_code=204, tags=["faults"])
async def no_faults(google: Sandbox) -> None:
    google.faults.clear()


@router.get("/counters", tags=["counters"])
async def counters(google: Sandbox) -> list[shapes.CountShown]:
    """Calls, units and statuses by account and method."""
    return [
        shapes.CountShown(
            account=account, method=method, calls=count.calls, units=count.units, statuses=dict(count.statuses)
        )
        for (account, method), count in sorted(google.counters.counts.items())
    ]


@router.delete("/counters", status_code=204, tags=["counters"])
async def no_counters(google: Sandbox) -> None:
    google.counters.clear()


@router.patch("/behaviour", tags=["behaviour"])
async def behave(google: Sandbox, change: shapes.BehaviourChange) -> Behaviour:
    return _change(google.behaviour, change)


@router.patch("/limits", tags=["behaviour"])
async def limit(google: Sandbox, change: shapes.LimitsChange) -> Limits:
    return _change(google.limits, change)


@router.patch("/push", tags=["push"])
async def push(google: Sandbox, change: shapes.SubscriptionChange) -> Subscription:
    return _change(google.subscription, change)


@router.get("/pushes", tags=["push"])
async def pushes(google: Sandbox) -> list[shapes.PushShown]:
    """The last hundred that were tried."""
    return [shapes.PushShown(**asdict(answered)) for answered in google.notifications.answered]


@router.get("/outbox", tags=["mail"])
async def outbox(google: Sandbox) -> list[shapes.OutboxShown]:
    """The last thousand mails to addresses that are none of ours."""
    rows = google.store.rows("select * from outbox order by id desc limit 1000")
    return [
        shapes.OutboxShown(
            sender=accounts.by_id(google.store, row["account_id"]).email,
            recipients=json.loads(row["recipients"]),
            state=row["state"],
            raw=bytes(row["data"]).decode("utf-8", "replace"),
        )
        for row in reversed(rows)
    ]


@router.put("/relay", status_code=204, tags=["mail"])
async def relay(google: Sandbox, made: shapes.RelayMade) -> None:
    """Where mail to other addresses goes from now on, as --smtp says it at the start; null keeps it in the outbox."""
    google.relay = made.address


@router.post("/as-ever", status_code=204, tags=["behaviour"])
async def as_ever(google: Sandbox) -> None:
    """Faults, counters, behaviour, limits and push as at the start. Accounts, mail and grants stay."""
    google.as_ever()


@router.post("/settle", status_code=204, tags=["mail"])
async def settle(google: Sandbox) -> None:
    """Returns when mail under way is handed out and pushes are delivered."""
    await google.settled()


@router.put("/clients/{client_id}", status_code=204, tags=["clients"])
async def client(google: Sandbox, client_id: str, made: shapes.ClientMade) -> None:
    """No redirect_uris: any is good, which Google never allows."""
    clients.save(google.store, Client(client_id, made.secret, tuple(made.redirect_uris)))


def _change(value: Changed, change: BaseModel) -> Changed:
    for name, new in change.model_dump(exclude_none=True).items():
        setattr(value, name, new)
    return value


def _fault(fault: Fault) -> shapes.FaultShown:
    return shapes.FaultShown(**asdict(fault))
