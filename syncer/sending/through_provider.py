"""Deliveries through their location's own relay (E2, E8): begun at the last moment, and never repeated once they may
have left. There is no place to look for them: what the relay did not answer is unknown until its user says what became
of it.

Small ones go together: several are begun in one commit, and that they were sent, with their entries, is in the commit
that begins the next ones."""

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass

import structlog

from crm_store import fault_point, outbox_sent, outbox_turns, outbox_work, providers
from crm_store.database.session import writing
from crm_store.errors import NotFound
from crm_store.outbox_copies import SentCopy, date_field
from crm_store.outbox_relayed import Relayed, not_sent, own_copies, sent_through_provider, stored
from crm_store.outbox_steps import DeliveryChanged
from crm_store.outbox_turns import HeldLane
from crm_store.outbox_work import DeliveryWork
from crm_store.providers import Relay
from crm_store.return_paths import ReturnPaths
from crm_store.rules.outbox import OutboxReason, OutboxState
from crm_store.rules.provider import try_again_at_ms
from crm_store.settings import Settings
from syncer import large_mail
from syncer.engine import Engine
from syncer.sending.plan import next_at_once
from syncer.sending.smtp_relay import (
    DOT_S,
    Outcome,
    Parcel,
    PutOff,
    Refused,
    RelayTrouble,
    SmtpRelay,
    Taken,
    Unanswered,
    Way,
)

log = structlog.get_logger()

UNREACHABLE_PAUSE_MS = 60_000  # it keeps its order, and goes on within a minute of the relay's coming back
LOGIN_PAUSE_MS = 600_000  # only an admin can mend it; whoever does wakes the lane
_PATIENT_ATTEMPTS = 3  # so often all wait for a recipient who is put off
_MAX_DETAIL_CHARS = 300
_TOGETHER_BYTES = 1_048_576
_TOGETHER_S = 5.0  # the rest of those that were begun wait again, and are begun anew
# What was begun has left within outbox_work.SEND_WITHIN_MS, or not at all.
_LEAVE_WITHIN_S = outbox_work.SEND_WITHIN_MS / 1000 - DOT_S - 5


class NoRelay:
    """Of a location that has no provider (any more)."""

    def close(self) -> None:
        """There is nothing to close."""


def open_session(settings: Settings, relay: Relay | None) -> SmtpRelay | NoRelay:
    """Nothing is connected to before the first mail goes."""
    if relay is None:
        return NoRelay()
    return SmtpRelay(relay, Way(settings.capture_domains[0], settings.provider_private_hosts))


class SendThroughProvider:
    """For one run over one lane."""

    def __init__(self, engine: Engine, held: HeldLane, session: SmtpRelay | NoRelay) -> None:
        self._engine, self._held, self._session = engine, held, session
        self._returns = ReturnPaths.of(engine.settings)
        self._goes = False
        self._at_once = 1

    def work_off(self, go_on: Callable[[], bool]) -> None:
        """What is due, in order, while go_on says so. Raises: LeaseLost, StoreUnavailable, RelayTrouble."""
        while go_on():
            works = self._due()
            if not works:
                return
            if works[0].state is not OutboxState.WAITING or isinstance(self._session, NoRelay):
                self._without_relay(works[0])
            elif works[0].size_bytes > _TOGETHER_BYTES:
                with suppress(DeliveryChanged):  # its user was faster
                    self._by_itself(works[0], self._session)
            else:
                self._together(works, self._session, go_on)

    def _due(self) -> list[DeliveryWork]:
        """Of those that wait no more than the provider's rate lets go now."""
        now_ms = self._engine.clock()
        works = outbox_work.next_deliveries(self._held, self._at_once, most_bytes=_TOGETHER_BYTES, now_ms=now_ms)
        if not works or works[0].state is not OutboxState.WAITING or isinstance(self._session, NoRelay):
            return works
        slots = providers.take_slots(self._held.lane.location_id, len(works), now_ms=now_ms)
        if not slots.count:
            outbox_turns.pause_lane(self._held, OutboxReason.RATE_LIMITED, slots.free_at_ms, now_ms=now_ms)
            self._goes = True
        return works[: slots.count]

    def _without_relay(self, work: DeliveryWork) -> None:
        now_ms = self._engine.clock()
        with suppress(DeliveryChanged):  # its user was faster
            if work.reason is OutboxReason.BOUNCED and work.state is OutboxState.UNKNOWN:
                self._has_left(work)
            elif work.state is OutboxState.WAITING:
                outbox_work.failed(self._held, work.delivery_id, OutboxReason.NO_PROVIDER, now_ms=now_ms)
            else:
                silence = work.reason or OutboxReason.INTERRUPTED
                outbox_work.unsure(self._held, work.delivery_id, silence, look_at_ms=None, now_ms=now_ms)

    def _has_left(self, work: DeliveryWork) -> None:
        """Raises: LeaseLost, DeliveryChanged, StoreUnavailable."""
        domains, now_ms = self._engine.settings.capture_domains, self._engine.clock()
        outbox_sent.came_back(self._held, work.delivery_id, self._engine.blobs, domains, now_ms=now_ms)

    def _by_itself(self, work: DeliveryWork, session: SmtpRelay) -> None:
        """Begun when all but its end is written, however long that takes."""
        began = False

        def leaving() -> None:
            nonlocal began
            fault_point.reach("relay.after-content")
            now_ms = self._engine.clock()
            outbox_work.begin(self._held, work.delivery_id, history_id=None, now_ms=now_ms)
            began = True

        with large_mail.turn(work.size_bytes):
            raw = date_field(self._engine.clock()) + outbox_work.message(work, self._engine.blobs)
            outcome = session.send(self._parcel(work, raw), keep=self._keep, leaving=leaving)
            fault_point.reach("relay.after-answer")
            copies = self._stored(own_copies({work.delivery_id: raw}))
            self._settle(_Round([_Answered(work, outcome, began)], copies, [], None), [])

    def _together(self, works: list[DeliveryWork], session: SmtpRelay, go_on: Callable[[], bool]) -> None:
        session.open()  # while nothing is begun
        now_ms = self._engine.clock()
        begun = outbox_work.begin_all(self._held, [work.delivery_id for work in works], now_ms=now_ms)
        under_way = [work for work in works if work.delivery_id in begun]
        with ThreadPoolExecutor(1) as beside:
            while under_way:
                began_s = time.monotonic()
                handed = self._hand_over(under_way, session, now_ms, began_s, beside)
                self._at_once = next_at_once(len(under_way), time.monotonic() - began_s)
                following = [] if handed.untried or not go_on() else self._due()
                now_ms = self._engine.clock()
                under_way = self._settle(handed, [work for work in following if _is_small(work)])
                if handed.trouble is not None:
                    raise handed.trouble

    def _hand_over(
        self, works: Sequence[DeliveryWork], session: SmtpRelay, began_at_ms: int, began_s: float, beside: Executor
    ) -> "_Round":
        """What was begun at that moment, as far as it can be told in time; its copies are stored meanwhile."""
        raws = self._raws(works, date_field(began_at_ms))
        storing = beside.submit(self._stored, own_copies(raws))

        def leaving() -> None:
            fault_point.reach("relay.after-content")
            if time.monotonic() - began_s > _LEAVE_WITHIN_S:
                raise RelayTrouble(OutboxReason.UNREACHABLE)

        answered: list[_Answered] = []
        untried: Sequence[DeliveryWork] = []
        trouble: RelayTrouble | None = None
        for number, work in enumerate(works):
            outcome: Outcome = Refused(OutboxReason.REFUSED, "")
            if time.monotonic() - began_s > _TOGETHER_S and number:
                untried = works[number:]
                break
            if work.delivery_id in raws:
                try:
                    parcel = self._parcel(work, raws[work.delivery_id])
                    outcome = session.send(parcel, keep=self._keep, leaving=leaving)
                except RelayTrouble as error:
                    untried, trouble = works[number:], error
                    break
                fault_point.reach("relay.after-answer")
            answered.append(_Answered(work, outcome, began=True))
        return _Round(answered, storing.result(), untried, trouble)

    def _raws(self, works: Sequence[DeliveryWork], date: bytes) -> dict[int, bytes]:
        """As they leave. What an e-mail's deliveries share is read once."""
        shared: dict[bytes, bytes] = {}
        raws = {}
        for work in works:
            try:
                if work.blob_sha256 not in shared:
                    shared[work.blob_sha256] = self._engine.blobs.read(work.blob_sha256)
            except NotFound:
                log.error("outbox_content_missing", delivery_id=work.delivery_id)
                continue
            raws[work.delivery_id] = date + work.own_header + shared[work.blob_sha256]
        return raws

    def _stored(self, own: Mapping[int, bytes]) -> dict[int, SentCopy]:
        engine = self._engine
        return stored(own, engine.blobs, engine.settings.capture_domains, now_ms=engine.clock())

    def _parcel(self, work: DeliveryWork, raw: bytes) -> Parcel:
        domain = self._engine.settings.capture_domains[0]
        sender = self._returns.address(work.token, domain, now_ms=self._engine.clock())
        return Parcel(sender, work.recipients, raw, patient=work.attempt < _PATIENT_ATTEMPTS)

    def _keep(self) -> None:
        outbox_turns.keep(self._held, now_ms=self._engine.clock())

    def _settle(self, handed: "_Round", following: Sequence[DeliveryWork]) -> list[DeliveryWork]:
        """What became of them, and those of the following that are under way now, in one commit."""
        now_ms = self._engine.clock()
        begun: set[int] = set()
        relayed = [one.relayed() for one in handed.answered if isinstance(one.outcome, Taken)]
        left = {one.delivery_id for one in relayed}

        def then() -> None:
            not_sent([copy for one, copy in handed.copies.items() if one not in left], self._engine.blobs)
            for one in handed.answered:
                with suppress(DeliveryChanged):
                    self._note(one, now_ms)
            if handed.untried:
                outbox_work.untried(self._held, handed.untried, now_ms=now_ms)
            if handed.answered and not self._goes:  # whatever it waited for is over
                outbox_turns.resume_lane(self._held, now_ms=now_ms)
                self._goes = True
            if following:
                begun.update(outbox_work.began([work.delivery_id for work in following], now_ms=now_ms))

        if relayed:
            sent_through_provider(self._held, relayed, handed.copies, self._engine.blobs, now_ms=now_ms, then=then)
            log.info("mails_sent", lane_id=self._held.lane.id, count=len(relayed))
        else:
            with writing():
                outbox_turns.hold(self._held, now_ms=now_ms)
                then()
        return [work for work in following if work.delivery_id in begun]

    def _note(self, one: "_Answered", now_ms: int) -> None:
        """What was not taken. Raises: LeaseLost, DeliveryChanged."""
        delivery_id = one.work.delivery_id
        match one.outcome:
            case Unanswered():
                # It is looked at once more: a bounce may have been faster than this.
                no_answer = OutboxReason.NO_ANSWER
                outbox_work.unsure(self._held, delivery_id, no_answer, look_at_ms=now_ms, now_ms=now_ms)
            case Refused(reason, said):
                log.warning("mail_refused", delivery_id=delivery_id, reason=str(reason))
                outbox_work.failed(self._held, delivery_id, reason, now_ms=now_ms, detail=said)
            case PutOff(said):
                self._later(one, said, now_ms)

    def _later(self, one: "_Answered", said: str, now_ms: int) -> None:
        """It has not left. An attempt that ended before the dot is counted all the same, for the pauses to grow."""
        delivery_id = one.work.delivery_id
        again_ms = try_again_at_ms(one.work.attempt + 1, now_ms=now_ms)
        if again_ms is None:
            outbox_work.failed(self._held, delivery_id, OutboxReason.REFUSED, now_ms=now_ms, detail=said)
            return
        if not one.began:
            outbox_work.begin(self._held, delivery_id, history_id=None, now_ms=now_ms)
        busy = OutboxReason.PROVIDER_BUSY
        outbox_work.put_back(self._held, delivery_id, busy, until_ms=again_ms, now_ms=now_ms, detail=said)


@dataclass(frozen=True, slots=True)
class _Answered:
    """began: that it leaves was committed."""

    work: DeliveryWork
    outcome: Outcome
    began: bool

    def relayed(self) -> Relayed:
        refused = ", ".join(self.outcome.refused) if isinstance(self.outcome, Taken) else ""
        return Relayed(
            self.work.delivery_id,
            self.work.blob_sha256,
            OutboxReason.RECIPIENTS_REFUSED if refused else None,
            refused[:_MAX_DETAIL_CHARS],
        )


@dataclass(frozen=True, slots=True)
class _Round:
    """copies: by delivery, of all but notices. untried: begun, and nothing of them went; trouble: why."""

    answered: list[_Answered]
    copies: Mapping[int, SentCopy]
    untried: Sequence[DeliveryWork]
    trouble: RelayTrouble | None


def _is_small(work: DeliveryWork) -> bool:
    return work.state is OutboxState.WAITING and work.size_bytes <= _TOGETHER_BYTES


def pause_of(trouble: RelayTrouble) -> int:
    """For how long nothing of the lane is tried."""
    mendable = (OutboxReason.PROVIDER_LOGIN, OutboxReason.PROVIDER_TLS)
    return LOGIN_PAUSE_MS if trouble.reason in mendable else UNREACHABLE_PAUSE_MS
