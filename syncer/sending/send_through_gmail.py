"""One delivery through its sender's Gmail: begun, sent and read back, or looked for (E1, E6).

Nothing is begun before that is committed, and nothing is repeated before its absence is proven; so whatever dies, and
whenever, a mail leaves once."""

import structlog

from crm_store import fault_point, outbox_limits, outbox_sent, outbox_turns, outbox_work
from crm_store.connection_work import MailboxAccess
from crm_store.errors import NotFound, ProductError, StoreUnavailable
from crm_store.mail.clean_text import clean_line
from crm_store.outbox_turns import HeldLane, LeaseLost
from crm_store.outbox_work import DeliveryWork
from crm_store.rules.outbox import Ambiguity, OutboxReason, OutboxState
from syncer import large_mail
from syncer.engine import Engine
from syncer.errors import Gone, MayBeDone, Rejected, TooLarge
from syncer.remote import Accepted, RemoteMailbox
from syncer.sending.find_sent import find_sent
from syncer.sending.plan import LOOK_SOON_MS, Begin, GoesAgain, Look, WaitUntil, first_step, look_again, not_found
from syncer.sending.trouble import reason_of

log = structlog.get_logger()

_MAX_DETAIL_CHARS = 300
_UNCLEAR = {Ambiguity.ANSWER: OutboxReason.ANSWER_UNCLEAR, Ambiguity.SILENCE: OutboxReason.NO_ANSWER}


class SendThroughGmail:
    """For one run over one lane."""

    def __init__(self, engine: Engine, held: HeldLane, access: MailboxAccess, remote: RemoteMailbox) -> None:
        self._engine, self._held, self._access, self._remote = engine, held, access, remote

    def carry(self, work: DeliveryWork) -> bool:
        """Whether the lane may go on. Raises: LeaseLost, DeliveryChanged, StoreUnavailable, and what concerns the whole
        lane: what syncer/errors.py lists."""
        now_ms = self._engine.clock()
        waits = work.state is OutboxState.WAITING
        room_at_ms = outbox_limits.room_at_ms(self._access.connection_id, now_ms=now_ms) if waits else None
        match first_step(work.state, room_at_ms):
            case Look():
                self._look(work)
            case WaitUntil(at_ms):
                outbox_turns.pause_lane(self._held, OutboxReason.DAILY_LIMIT, at_ms, now_ms=now_ms)
                # Who raised the limit between our look and our word has woken nobody.
                if outbox_limits.room_at_ms(self._access.connection_id, now_ms=now_ms) is None:
                    outbox_turns.resume_lane(self._held, now_ms=now_ms)
                return False
            case Begin():
                return self._send(work)
        return True

    def _send(self, work: DeliveryWork) -> bool:
        now_ms = self._engine.clock()
        if wait_s := self._remote.send_wait_s():
            until_ms = now_ms + int(wait_s * 1000) + 1
            outbox_turns.pause_lane(self._held, OutboxReason.RATE_LIMITED, until_ms, now_ms=now_ms)
            return False
        try:
            accepted = self._begin(work)
        except NotFound:
            log.error("outbox_content_missing", delivery_id=work.delivery_id)
            self._failed(work, OutboxReason.REFUSED, "")
            return True
        if accepted is not None:
            self._file(work, accepted.gmail_id)
        return True

    def _begin(self, work: DeliveryWork) -> Accepted | None:
        """None where it is not known to have left; then its row says what is."""
        with large_mail.turn(work.size_bytes):
            raw = outbox_work.message(work, self._engine.blobs)
            history_id = self._remote.profile().history_id
            now_ms = self._engine.clock()
            outbox_work.begin(self._held, work.delivery_id, history_id=history_id, now_ms=now_ms)
            return self._hand_over(work, raw)

    def _hand_over(self, work: DeliveryWork, raw: bytes) -> Accepted | None:
        try:
            return self._sent_into_talk(raw, work.gmail_thread_id)
        except MayBeDone as error:
            log.warning("mail_unsure", delivery_id=work.delivery_id, error=str(error))
            self._unsure(work, _UNCLEAR[Ambiguity.ANSWER if error.answered else Ambiguity.SILENCE])
        except Rejected as error:
            reason = OutboxReason.TOO_LARGE if isinstance(error, TooLarge) else OutboxReason.REFUSED
            log.warning("mail_refused", delivery_id=work.delivery_id, error=str(error))
            self._failed(work, reason, error.said)
        except (LeaseLost, StoreUnavailable):
            raise
        except ProductError as error:  # nothing was sent
            self._put_back(work, reason_of(error), due_at_ms=work.due_at_ms)
            raise
        except Exception:
            log.exception("mail_unsure", delivery_id=work.delivery_id)
            self._unsure(work, OutboxReason.NO_ANSWER)
        return None

    def _sent_into_talk(self, raw: bytes, thread_id: str | None) -> Accepted:
        try:
            return self._remote.send(raw, thread_id, self._going_on)
        except Gone:  # its user has deleted the talk for good: a new one is begun (E5)
            return self._remote.send(raw, None, self._going_on)

    def _file(self, work: DeliveryWork, gmail_id: str) -> None:
        """It has left. Where its copy can't be read back just now, or not be filed, the sync files it."""
        fault_point.reach("send.after-answer")
        try:
            with self._remote.fetch(gmail_id) as whole:
                fault_point.reach("send.after-read-back")
                self._sent(work, gmail_id, whole.look.thread_id, whole.raw)
        except (LeaseLost, StoreUnavailable):
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, the mail must not go again
            log.warning("sent_copy_not_filed", delivery_id=work.delivery_id, error=type(error).__name__)
            self._sent(work, gmail_id, None, None)
        log.info("mail_sent", delivery_id=work.delivery_id)

    def _sent(self, work: DeliveryWork, gmail_id: str, thread_id: str | None, raw: bytes | None) -> None:
        outbox_sent.sent_through_gmail(
            self._held,
            work.delivery_id,
            raw,
            self._engine.blobs,
            self._engine.settings.capture_domains,
            gmail_id=gmail_id,
            gmail_thread_id=thread_id,
            now_ms=self._engine.clock(),
        )

    def _look(self, work: DeliveryWork) -> None:
        assert work.ambiguity is not None, "what is unknown is so for a reason"
        assert work.ambiguous_at_ms is not None, "and since a time"
        assert work.began_at_ms is not None, "and was begun"
        began_at_ms = self._engine.clock()
        try:
            found = find_sent(
                self._remote,
                work.token,
                since=work.history_id,
                began_at_ms=work.began_at_ms,
                going_on=self._going_on,
            )
        except (LeaseLost, StoreUnavailable):
            raise
        except Exception:
            again = look_again(work.ambiguity, work.ambiguous_at_ms, now_ms=self._engine.clock())
            self._unsure(work, _UNCLEAR[work.ambiguity], look_at_ms=again.at_ms)
            raise
        fault_point.reach("send.after-look")
        if found.gmail_id is not None:
            self._file(work, found.gmail_id)
            return
        next_step = not_found(
            work.ambiguity,
            work.ambiguous_at_ms,
            attempt=work.attempt,
            looked_everywhere=found.looked_everywhere,
            began_at_ms=began_at_ms,
            now_ms=self._engine.clock(),
        )
        if isinstance(next_step, GoesAgain):
            log.info("mail_goes_again", delivery_id=work.delivery_id)
            again_at_ms = self._engine.clock() + next_step.pause_ms if next_step.pause_ms else work.began_at_ms
            self._put_back(work, OutboxReason.NOT_LEFT, due_at_ms=again_at_ms)
        else:
            self._unsure(work, _UNCLEAR[work.ambiguity], look_at_ms=next_step.at_ms)

    def _going_on(self) -> None:
        outbox_turns.keep(self._held, now_ms=self._engine.clock())

    def _put_back(self, work: DeliveryWork, reason: OutboxReason, *, due_at_ms: int) -> None:
        """due_at_ms: of before, so that it keeps its place in the line."""
        now_ms = self._engine.clock()
        outbox_work.put_back(self._held, work.delivery_id, reason, until_ms=due_at_ms, now_ms=now_ms)

    def _unsure(self, work: DeliveryWork, reason: OutboxReason, *, look_at_ms: int | None = None) -> None:
        now_ms = self._engine.clock()
        look_at_ms = now_ms + LOOK_SOON_MS if look_at_ms is None else look_at_ms
        outbox_work.unsure(self._held, work.delivery_id, reason, look_at_ms=look_at_ms, now_ms=now_ms)

    def _failed(self, work: DeliveryWork, reason: OutboxReason, said: str) -> None:
        detail = clean_line(said)[:_MAX_DETAIL_CHARS]
        outbox_work.failed(self._held, work.delivery_id, reason, now_ms=self._engine.clock(), detail=detail)
