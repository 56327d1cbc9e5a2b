"""Tokens that Google is to be told to forget. The row stays until it was told, or a week went by.

Who tells Google: the gateway at once, the syncer's sweep afterwards. take() gives a token out; done() says that Google
knows."""

from dataclasses import dataclass, field

import structlog

from crm_store.database.session import writing
from crm_store.models.connections import IS_LIVE, Connection, Revocation
from crm_store.sealing import SealedAt, Sealer, Unopenable

_FIRST_WAIT_MS = 60_000
_LONGEST_WAIT_MS = 3_600_000
_TRIED_FOR_MS = 7 * 86_400_000

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class TokenToRevoke:
    revocation_id: int
    token: str = field(repr=False)


def add(google_sub: str, token: str, sealer: Sealer, *, next_try_at_ms: int, now_ms: int) -> int:
    """The new row's id."""
    with writing():
        row = Revocation.create(google_sub=google_sub, next_try_at_ms=next_try_at_ms, created_at_ms=now_ms)
        sealed = sealer.seal(token, _at(row.id))
        Revocation.update(token=sealed).where(Revocation.id == row.id).execute()
        return int(row.id)


def take(revocation_id: int, sealer: Sealer, *, now_ms: int) -> TokenToRevoke | None:
    """The token, for one attempt; the next one is due later, so that two sweeps don't do the same.

    None where it is not due, is gone, or must not be done: Google takes the whole grant of an account away, and this
    account has a live connection."""
    with writing():
        row: Revocation | None = Revocation.get_or_none(
            Revocation.id == revocation_id, Revocation.next_try_at_ms <= now_ms
        )
        if row is None:
            return None
        wait_ms = min(_LONGEST_WAIT_MS, _FIRST_WAIT_MS << min(row.attempts, 10))
        taken = (
            Revocation.update(attempts=row.attempts + 1, next_try_at_ms=now_ms + wait_ms)
            .where(Revocation.id == row.id, Revocation.attempts == row.attempts)
            .execute()
        )
        if not taken:
            return None
        if _is_live(row.google_sub) or row.created_at_ms < now_ms - _TRIED_FOR_MS:
            done(row.id)
            return None
    try:
        return TokenToRevoke(row.id, sealer.open(row.token, _at(row.id)))
    except Unopenable:
        log.warning("token_not_opened", revocation_id=row.id)
        done(row.id)
        return None


def hurry(revocation_id: int, *, now_ms: int) -> None:
    """It is due now."""
    with writing():
        Revocation.update(next_try_at_ms=now_ms).where(Revocation.id == revocation_id).execute()


def due(*, now_ms: int, limit: int = 20) -> list[int]:
    """Ids for take(), the longest due first."""
    rows = Revocation.select(Revocation.id).where(Revocation.next_try_at_ms <= now_ms)
    return [row.id for row in rows.order_by(Revocation.next_try_at_ms, Revocation.id).limit(limit)]


def done(revocation_id: int) -> None:
    with writing():
        Revocation.delete().where(Revocation.id == revocation_id).execute()


def _is_live(google_sub: str) -> bool:
    """The account has a live connection, whoever's."""
    return bool(Connection.select().where(Connection.google_sub == google_sub, IS_LIVE).exists())


def _at(row_id: int) -> SealedAt:
    return SealedAt("revocation", "token", row_id)
