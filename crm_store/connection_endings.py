"""The end of a connection: its state, its tokens, and what Google is still to be told."""

import structlog

from crm_store import outbox_endings, read_wishes, revocations, waiting_notices
from crm_store.database.session import writing
from crm_store.models.connections import Connection
from crm_store.rules.connection import LEGAL_STEPS, ConnectionState, ConnectionStep
from crm_store.rules.notices import NoticeTopic
from crm_store.sealing import SealedAt, Sealer, Unopenable

log = structlog.get_logger()


def end(row_id: int, sealer: Sealer, *, now_ms: int) -> int | None:
    """A4: at once, in one transaction: nobody writes with its epoch any more, and its tokens are no more here.

    row_id: of the row, not of the place. The id of the revocation that is due; None where there is nothing to revoke,
    or it had ended already."""
    with writing():
        row = Connection.get_by_id(row_id)
        ended = (
            Connection.update(
                state=ConnectionState.DISCONNECTED,
                epoch=Connection.epoch + 1,
                problem=None,
                paused_until_ms=None,
                refresh_token=None,
                access_token=None,
                access_token_until_ms=None,
                sync_wanted_at_ms=None,
                backfill_days=None,
                ends_at_ms=None,
            )
            .where(
                Connection.id == row_id,
                Connection.epoch == row.epoch,
                Connection.state.in_(list(LEGAL_STEPS[ConnectionStep.DISCONNECT])),
            )
            .execute()
        )
        if not ended:
            # Somebody signed in again between the two lines above: what counts is what they made.
            changed = Connection.get_by_id(row_id).epoch != row.epoch
            return end(row_id, sealer, now_ms=now_ms) if changed else None
        read_wishes.forget(row_id)
        outbox_endings.connection_ended(row_id)
        waiting_notices.withdraw(NoticeTopic.ACCESS, row_id)
        log.info("connection_ended", connection_id=row_id)
        return _to_revoke(row, sealer, now_ms)


def _to_revoke(row: Connection, sealer: Sealer, now_ms: int) -> int | None:
    if row.refresh_token is None:
        return None
    try:
        token = sealer.open(row.refresh_token, SealedAt("connection", "refresh_token", row.id))
    except Unopenable:  # it is of no use to anybody, and is erased
        log.warning("token_not_opened", connection_id=row.id)
        return None
    return revocations.add(row.google_sub, token, sealer, next_try_at_ms=now_ms, now_ms=now_ms)
