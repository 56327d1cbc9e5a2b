"""One run over one lane of the outbox: a bounded slice, then back into the line, so that no lane starves another."""

import secrets
import time
from collections.abc import Callable
from contextlib import closing

import structlog

from crm_store import connection_work, notices, outbox_endings, outbox_turns, outbox_work, providers
from crm_store.connection_work import MailboxAccess
from crm_store.errors import ProductError, StoreUnavailable
from crm_store.outbox_steps import DeliveryChanged
from crm_store.outbox_turns import HeldLane, LaneRing, LeaseLost
from crm_store.outbox_work import DeliveryWork
from crm_store.rules.outbox import LaneKind, OutboxReason
from crm_store.sealing import Unopenable
from syncer.engine import Engine
from syncer.errors import AccessLost
from syncer.sending.send_through_gmail import SendThroughGmail
from syncer.sending.smtp_relay import RelayTrouble
from syncer.sending.through_provider import LOGIN_PAUSE_MS, SendThroughProvider, open_session, pause_of
from syncer.sending.trouble import FAULT_PAUSE_MS, lane_pause

log = structlog.get_logger()

SLICE_DELIVERIES = 50
SLICE_S = 5.0

# Whether the lane may go on.
Carry = Callable[[DeliveryWork], bool]


def run(engine: Engine, ring: LaneRing) -> bool:
    """Do a slice. Whether the lane was ours to the end. Safe to run twice, and by two at once.

    Raises: StoreUnavailable; then the lane comes back when its lease ends."""
    held = outbox_turns.take(ring, engine.name + secrets.token_hex(12), now_ms=engine.clock())
    if held is None:
        return False
    try:
        match held.lane.kind:
            case LaneKind.GMAIL:
                _through_gmail(engine, held)
            case LaneKind.PROVIDER:
                _through_provider(engine, held)
    except LeaseLost:
        log.info("sending_overtaken", lane_id=held.lane.id)
        return False
    outbox_turns.leave(held)
    return True


def work_off(engine: Engine, held: HeldLane, carry: Carry) -> None:
    """What is due, in order, until carry says that nothing goes on, or the slice ends. Raises: what carry raises."""
    go_on, failures = _slice(engine), held.lane.failures
    for _ in range(SLICE_DELIVERIES):
        if not go_on():
            return
        work = outbox_work.next_delivery(held, now_ms=engine.clock())
        if work is None:
            return
        try:
            if not carry(work):
                return
            if failures:
                outbox_turns.works_again(held, now_ms=engine.clock())
                failures = 0
        except DeliveryChanged:  # its user, or the sync, was faster
            log.info("delivery_overtaken", delivery_id=work.delivery_id)


def _slice(engine: Engine) -> Callable[[], bool]:
    """Whether the run may go on."""
    until_s = time.monotonic() + SLICE_S
    return lambda: not engine.stopping() and time.monotonic() < until_s


def _through_gmail(engine: Engine, held: HeldLane) -> None:
    assert held.lane.connection_id is not None, "a Gmail lane is a connection's"
    access = _open(engine, held.lane.connection_id)
    if access is None or access.last_sync:
        outbox_endings.ended_meanwhile(held.lane.connection_id)
    if access is None:
        _sleep_until_sign_in(engine, held, held.lane.connection_id)
        return
    try:
        work_off(engine, held, SendThroughGmail(engine, held, access, engine.open_remote(access)).carry)
    except (LeaseLost, StoreUnavailable):
        raise
    except Exception as error:  # noqa: BLE001 - whatever it is: this lane waits, and the others go on
        _wait(engine, held, access, error)


def _through_provider(engine: Engine, held: HeldLane) -> None:
    try:
        relay = providers.relay_of(held.lane.location_id, engine.sealer)
    except Unopenable:
        log.exception("provider_password_does_not_open", lane_id=held.lane.id)
        _pause(engine, held, OutboxReason.PROVIDER_LOGIN, LOGIN_PAUSE_MS)
        return
    with closing(open_session(engine.settings, relay)) as session:
        try:
            SendThroughProvider(engine, held, session).work_off(_slice(engine))
        except (LeaseLost, StoreUnavailable):
            raise
        except RelayTrouble as trouble:
            log.warning("sending_put_off", lane_id=held.lane.id, reason=str(trouble.reason))
            _pause(engine, held, trouble.reason, pause_of(trouble), trouble.said)
            if relay != providers.relay_of(held.lane.location_id, engine.sealer):  # who mended it has woken nobody
                outbox_turns.resume_lane(held, now_ms=engine.clock())
        except Exception:
            log.exception("sending_failed", lane_id=held.lane.id)
            _pause(engine, held, OutboxReason.UNREACHABLE, FAULT_PAUSE_MS)


def _pause(engine: Engine, held: HeldLane, reason: OutboxReason, pause_ms: int, detail: str = "") -> None:
    now_ms = engine.clock()
    outbox_turns.pause_lane(held, reason, now_ms + pause_ms, now_ms=now_ms, detail=detail)


def _open(engine: Engine, connection_id: int) -> MailboxAccess | None:
    return connection_work.open_mailbox(connection_id, engine.sealer)


def _wait(engine: Engine, held: HeldLane, access: MailboxAccess, error: Exception) -> None:
    """What a failure means for the lane, and what its user is told."""
    now_ms = engine.clock()
    if isinstance(error, AccessLost):
        base_url = engine.settings.base_url
        notices.lost_access(access.connection_id, access.epoch, error.problem, engine.blobs, base_url, now_ms=now_ms)
        outbox_endings.ended_meanwhile(access.connection_id)
        _sleep_until_sign_in(engine, held, access.connection_id)
        return
    failures = outbox_turns.failed_again(held, now_ms=now_ms)
    pause = lane_pause(error, failures=failures, now_ms=now_ms, jitter=secrets.randbelow(1000))
    if isinstance(error, ProductError):
        log.warning("sending_put_off", lane_id=held.lane.id, error=str(error), until_ms=pause.until_ms)
    else:
        log.error("sending_failed", lane_id=held.lane.id, until_ms=pause.until_ms, exc_info=error)
    outbox_turns.pause_lane(held, pause.reason, pause.until_ms, now_ms=now_ms)


def _sleep_until_sign_in(engine: Engine, held: HeldLane, connection_id: int) -> None:
    """A5: nothing fails, nothing is lost. Who signed in between our look and our word has woken nobody: so another."""
    now_ms = engine.clock()
    outbox_turns.pause_lane(held, OutboxReason.NEEDS_REAUTH, None, now_ms=now_ms)
    if _open(engine, connection_id) is not None:
        outbox_turns.resume_lane(held, now_ms=now_ms)
