"""The whole stand-in as one value: what is stored, what is limited, what goes wrong, what time it is."""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass, field, fields
from typing import TypeVar

import structlog

from crm_store import clock
from crm_store.settings import ListenAddress
from syncer.sandbox.api.counters import Counters
from syncer.sandbox.api.faults import Faults
from syncer.sandbox.api.quota import Limits, Quota
from syncer.sandbox.api.upload_sessions import UploadSessions
from syncer.sandbox.oauth.signing import SigningKey
from syncer.sandbox.push.notifications import Notifications
from syncer.sandbox.push.subscription import Subscription
from syncer.sandbox.store import Store

log = structlog.get_logger()


class Dropped(BaseException):
    """The connection is to be cut without a status line. It passes every `except Exception`: nobody may answer 500."""


@dataclass
class Behaviour:
    """What Google does now and then, on demand and for all accounts.

    clock_skew_ms: our clock against the machine's. latency_ms: added to every call. empty_history_pages: so many pages
    of each history.list come without `history` and with a nextPageToken (facts/gmail.md 1.1). history_lag_ms: changes
    become readable so much later. repeat_history: each record comes twice. contacts_lag_ms: contacts "propagate" so
    long (1.10). access_token_s: their life."""

    clock_skew_ms: int = 0
    latency_ms: int = 0
    empty_history_pages: int = 0
    history_lag_ms: int = 0
    repeat_history: bool = False
    contacts_lag_ms: int = 0
    access_token_s: int = 3599


Ordered = TypeVar("Ordered", Behaviour, Limits, Subscription)


@dataclass
class Google:
    """relay: the SMTP server that takes mail to addresses outside; None keeps it in the outbox."""

    store: Store
    relay: ListenAddress | None = None
    behaviour: Behaviour = field(default_factory=Behaviour)
    limits: Limits = field(default_factory=Limits)
    faults: Faults = field(default_factory=Faults)
    counters: Counters = field(default_factory=Counters)
    uploads: UploadSessions = field(default_factory=UploadSessions)
    subscription: Subscription = field(default_factory=Subscription)

    def __post_init__(self) -> None:
        self.quota = Quota(self.limits)
        self.key = SigningKey.of(self.store)
        self.notifications = Notifications(self)
        self._tasks: set[asyncio.Task[None]] = set()

    def now_ms(self) -> int:
        """The stand-in's clock."""
        return clock.now_ms() + self.behaviour.clock_skew_ms

    def as_ever(self) -> None:
        """What was ordered is forgotten; accounts, mail and grants stay."""
        _reset(self.behaviour, Behaviour())
        _reset(self.limits, Limits())
        _reset(self.subscription, Subscription())
        self.faults.clear()
        self.counters.clear()
        self.quota.clear()

    def notify(self) -> None:
        """After a transaction: tell watchers what changed."""
        self.notifications.look()

    def begin(self, work: Coroutine[None, None, None]) -> None:
        """Let it run beside the calls; stop() waits for none."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            log.error("sandbox_work_failed", exc_info=error)

    async def settled(self) -> None:
        """Until nothing runs beside the calls: mail handed out, notifications delivered."""
        while self._tasks:
            await asyncio.wait(list(self._tasks))

    def stop(self) -> None:
        for task in self._tasks:
            task.cancel()


def _reset(value: Ordered, default: Ordered) -> None:
    for one in fields(default):
        setattr(value, one.name, getattr(default, one.name))
