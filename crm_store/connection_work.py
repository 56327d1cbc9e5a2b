"""A connection as the syncer works with it. Whatever it writes, it writes with the epoch that it began with, or not.

Ids are those of rows here: one Gmail account each."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import structlog

from crm_store.database.engine import on_sqlite
from crm_store.database.prepared import PreparedInsert
from crm_store.database.session import writing
from crm_store.models.connections import Connection
from crm_store.models.people import Identity
from crm_store.rules.address import fold_identity
from crm_store.rules.connection import (
    LEGAL_STEPS,
    SYNCING,
    ConnectionProblem,
    ConnectionState,
    ConnectionStep,
)
from crm_store.rules.states import IdentityOrigin
from crm_store.sealing import SealedAt, Sealer

MAX_ALIASES = 100

log = structlog.get_logger()
_OPEN = [*SYNCING, ConnectionState.REPLACED]
_IDENTITIES = PreparedInsert(Identity)


@dataclass(frozen=True, slots=True)
class MailboxAccess:
    """What it takes to read one mailbox. access_token: None where none is kept; until when it is good, by our clock.

    first_cursor: 20 digits; nothing up to it is recorded (A6). began_at_ms: when that was, by Google's clock where it
    told, else by ours. last_sync: another account has its place: after this sync it is to be ended
    (connection_endings.end)."""

    connection_id: int
    epoch: int
    user_id: int
    location_id: int
    email: str
    scopes: frozenset[str]
    first_cursor: str
    began_at_ms: int
    import_contacts: bool
    last_sync: bool
    refresh_token: str = field(repr=False)
    access_token: str | None = field(repr=False)
    access_token_until_ms: int


def open_mailbox(connection_id: int, sealer: Sealer) -> MailboxAccess | None:
    """None where it is not to be synced (any more). Raises: Unopenable where a secret key is missing."""
    row: Connection | None = Connection.get_or_none(Connection.id == connection_id, Connection.state.in_(_OPEN))
    if row is None or row.refresh_token is None:
        return None
    return MailboxAccess(
        connection_id=row.id,
        epoch=row.epoch,
        user_id=row.user_id,
        location_id=row.location_id,
        email=row.email,
        scopes=frozenset(row.scopes.split()),
        first_cursor=row.first_cursor,
        began_at_ms=row.connected_at_ms if row.first_cursor_at_ms is None else row.first_cursor_at_ms,
        import_contacts=row.import_contacts,
        last_sync=row.state == ConnectionState.REPLACED,
        refresh_token=sealer.open(row.refresh_token, sealed_at("refresh_token", row.id)),
        access_token=row.access_token and sealer.open(row.access_token, sealed_at("access_token", row.id)),
        access_token_until_ms=row.access_token_until_ms or 0,
    )


def is_current(connection_id: int, epoch: int) -> bool:
    """Ask inside the transaction that writes: on PostgreSQL it holds the row until then, so that Disconnect waits."""
    query = Connection.select(Connection.id).where(
        Connection.id == connection_id, Connection.epoch == epoch, Connection.state.in_(_OPEN)
    )
    return query.for_update(not on_sqlite()).first() is not None


def keep_access_token(connection_id: int, epoch: int, token: str, until_ms: int, sealer: Sealer) -> bool:
    """What refreshing gave. False, as below: the connection has changed meanwhile, and nothing was written."""
    sealed = sealer.seal(token, sealed_at("access_token", connection_id))
    return _change(connection_id, epoch, None, access_token=sealed, access_token_until_ms=until_ms)


def synced(connection_id: int, epoch: int, *, now_ms: int) -> bool:
    """A sync came to its end; a pause and its problem are over."""
    with writing():
        if not _change(connection_id, epoch, None, last_synced_at_ms=now_ms, problem=None, paused_until_ms=None):
            return False
        paused = (Connection.id == connection_id) & (Connection.state == ConnectionState.PAUSED)
        Connection.update(state=ConnectionState.ACTIVE).where(paused).execute()
        return True


def pause(connection_id: int, epoch: int, problem: ConnectionProblem, *, until_ms: int) -> bool:
    return _change(connection_id, epoch, ConnectionStep.PAUSE, problem=problem, paused_until_ms=until_ms)


def pause_unopened(connection_id: int, *, until_ms: int) -> None:
    """Its tokens do not open, so that nobody holds its epoch."""
    epoch = Connection.get_by_id(connection_id).epoch
    pause(connection_id, epoch, ConnectionProblem.KEY_MISSING, until_ms=until_ms)


def needs_reauth(connection_id: int, epoch: int, problem: ConnectionProblem) -> bool:
    """A5: Google takes the tokens no more. Only invalid_grant is a proof of that (facts/gmail.md 0.8).

    A replaced connection asks nobody any more: end it instead (connection_endings.end)."""
    changed = _change(connection_id, epoch, ConnectionStep.LOSE_ACCESS, problem=problem, paused_until_ms=None)
    if changed:
        log.info("connection_needs_reauth", connection_id=connection_id, problem=problem.value)
    return changed


def importing(connection_id: int, epoch: int) -> bool:
    """A backfill runs."""
    return _change(connection_id, epoch, ConnectionStep.IMPORT, problem=None, paused_until_ms=None)


def imported(connection_id: int, epoch: int) -> bool:
    """No backfill runs any more."""
    return _change(connection_id, epoch, ConnectionStep.RESUME, problem=None, paused_until_ms=None)


def resumed(connection_id: int, epoch: int) -> bool:
    """A pause and its problem are over."""
    here = (Connection.id == connection_id) & (Connection.epoch == epoch)
    values = {"state": ConnectionState.ACTIVE, "problem": None, "paused_until_ms": None}
    with writing():
        return bool(Connection.update(**values).where(here, Connection.state == ConnectionState.PAUSED).execute())


def renamed(connection_id: int, epoch: int, email: str, aliases: Iterable[str], *, now_ms: int) -> bool:
    """What Google says the account's addresses are by now; those before stay identities (Words: identity)."""
    with writing():
        if not _change(connection_id, epoch, None, email=email):
            return False
        add_identities(Connection.get_by_id(connection_id).user_id, email, aliases, now_ms=now_ms)
        return True


def add_identities(user_id: int, email: str, aliases: Iterable[str], *, now_ms: int) -> None:
    """Call inside a transaction. What is an identity of the user already keeps its origin."""
    origins = [(email, IdentityOrigin.GMAIL), *((alias, IdentityOrigin.SEND_AS) for alias in aliases)]
    for address, origin in origins[: MAX_ALIASES + 1]:
        if folded := fold_identity(address):
            _IDENTITIES.insert_new(user_id=user_id, address=address, folded=folded, origin=origin, created_at_ms=now_ms)


def mailboxes(*, after: int, limit: int = 100) -> list[int]:
    """Connections that may be synced, by id: for the syncer's sweep."""
    query = Connection.select(Connection.id).where(Connection.id > after, Connection.state.in_(_OPEN))
    return [row.id for row in query.order_by(Connection.id).limit(limit)]


def sealed_at(column: str, row_id: int) -> SealedAt:
    return SealedAt("connection", column, row_id)


def _change(connection_id: int, epoch: int, step: ConnectionStep | None, **values: Any) -> bool:
    """step: None where the state stays. Any: columns' values."""
    states = _OPEN
    if step is not None:
        states = list(LEGAL_STEPS[step])
        (values["state"],) = set(LEGAL_STEPS[step].values())
    here = (Connection.id == connection_id) & (Connection.epoch == epoch) & Connection.state.in_(states)
    with writing():
        return bool(Connection.update(**values).where(here).execute())
