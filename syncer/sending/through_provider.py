"""One delivery through its location's own relay (E2, E8): begun at the last moment, and never repeated once it may have
left. There is no place to look for it: what the relay did not answer is unknown until its user says what became of
it."""

import structlog

from crm_store import fault_point, outbox_sent, outbox_work, providers
from crm_store.database.session import writing
from crm_store.errors import NotFound
from crm_store.outbox_work import DeliveryWork, HeldLane
from crm_store.providers import Relay
from crm_store.return_paths import ReturnPaths
from crm_store.rules.outbox import OutboxReason, OutboxState
from crm_store.rules.provider import try_again_at_ms
from crm_store.settings import Settings
from syncer import large_mail
from syncer.engine import Engine
from syncer.sending.smtp_relay import Outcome, Parcel, PutOff, Refused, RelayTrouble, SmtpRelay, Taken, Unanswered, Way

log = structlog.get_logger()

UNREACHABLE_PAUSE_MS = 60_000  # it keeps its order, and goes on within a minute of the relay's coming back
LOGIN_PAUSE_MS = 600_000  # only an admin can mend it; whoever does wakes the lane
_PATIENT_ATTEMPTS = 3  # so often all wait for a recipient who is put off
_MAX_DETAIL_CHARS = 300


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

    def carry(self, work: DeliveryWork) -> bool:
        """Whether the lane may go on. Raises: LeaseLost, DeliveryChanged, StoreUnavailable, RelayTrouble."""
        now_ms = self._engine.clock()
        if work.state is not OutboxState.WAITING:
            outbox_work.unsure(self._held, work.delivery_id, OutboxReason.INTERRUPTED, look_at_ms=None, now_ms=now_ms)
            return True
        if isinstance(self._session, NoRelay):
            outbox_work.failed(self._held, work.delivery_id, OutboxReason.NO_PROVIDER, now_ms=now_ms)
            return True
        free_at_ms = providers.take_slot(self._held.lane.location_id, now_ms=now_ms)
        if free_at_ms is not None:
            outbox_work.pause_lane(self._held, OutboxReason.RATE_LIMITED, free_at_ms, now_ms=now_ms)
            return False
        try:
            self._send(work, self._session)
        except NotFound:
            log.error("outbox_content_missing", delivery_id=work.delivery_id)
            outbox_work.failed(self._held, work.delivery_id, OutboxReason.REFUSED, now_ms=self._engine.clock())
        return True

    def _send(self, work: DeliveryWork, session: SmtpRelay) -> None:
        with large_mail.turn(work.size_bytes):
            date = outbox_sent.date_field(self._engine.clock())
            raw = date + outbox_work.message(work, self._engine.blobs)
            sender = self._returns.address(
                work.token, self._engine.settings.capture_domains[0], now_ms=self._engine.clock()
            )
            parcel = Parcel(sender, work.recipients, raw, patient=work.attempt < _PATIENT_ATTEMPTS)
            outcome = session.send(parcel, keep=self._keep, leaving=lambda: self._leaving(work))
            fault_point.reach("relay.after-answer")
            self._note(work, outcome, raw)
        if not self._goes:  # whatever it waited for is over
            outbox_work.resume_lane(self._held, now_ms=self._engine.clock())
            self._goes = True

    def _keep(self) -> None:
        outbox_work.keep(self._held, now_ms=self._engine.clock())

    def _leaving(self, work: DeliveryWork) -> None:
        fault_point.reach("relay.after-content")
        outbox_work.begin(self._held, work.delivery_id, history_id=None, now_ms=self._engine.clock())

    def _note(self, work: DeliveryWork, outcome: Outcome, raw: bytes) -> None:
        now_ms = self._engine.clock()
        match outcome:
            case Taken(refused):
                self._sent(work, raw, ", ".join(refused))
            case Unanswered():
                outbox_work.unsure(self._held, work.delivery_id, OutboxReason.NO_ANSWER, look_at_ms=None, now_ms=now_ms)
            case Refused(reason, said):
                log.warning("mail_refused", delivery_id=work.delivery_id, reason=str(reason))
                outbox_work.failed(self._held, work.delivery_id, reason, now_ms=now_ms, detail=said)
            case PutOff(said, begun):
                self._later(work, said, begun, now_ms)

    def _sent(self, work: DeliveryWork, raw: bytes, refused: str) -> None:
        """refused: whom the relay did not take."""
        outbox_sent.sent_through_provider(
            self._held,
            work.delivery_id,
            raw,
            self._engine.blobs,
            self._engine.settings.capture_domains,
            now_ms=self._engine.clock(),
            reason=OutboxReason.RECIPIENTS_REFUSED if refused else None,
            detail=refused[:_MAX_DETAIL_CHARS],
        )
        log.info("mail_sent", delivery_id=work.delivery_id)

    def _later(self, work: DeliveryWork, said: str, begun: bool, now_ms: int) -> None:
        """It has not left. An attempt that ended before the dot is counted all the same, for the pauses to grow."""
        again_ms = try_again_at_ms(work.attempt + 1, now_ms=now_ms)
        busy = OutboxReason.PROVIDER_BUSY
        if again_ms is None:
            outbox_work.failed(self._held, work.delivery_id, OutboxReason.REFUSED, now_ms=now_ms, detail=said)
            return
        with writing():
            if not begun:
                outbox_work.begin(self._held, work.delivery_id, history_id=None, now_ms=now_ms)
            outbox_work.put_back(self._held, work.delivery_id, busy, until_ms=again_ms, now_ms=now_ms, detail=said)


def pause_of(trouble: RelayTrouble) -> int:
    """For how long nothing of the lane is tried."""
    mendable = (OutboxReason.PROVIDER_LOGIN, OutboxReason.PROVIDER_TLS)
    return LOGIN_PAUSE_MS if trouble.reason in mendable else UNREACHABLE_PAUSE_MS
