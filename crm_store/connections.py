"""Connections as their users see and change them. What the syncer reads and writes of them is in connection_work.py.

In here and outside, a connection's id is that of its place: it stays when another account takes the place (A3)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from peewee import SQL, ModelSelect

from crm_store import (
    audit,
    connection_endings,
    contact_import_work,
    mailbox_backfill,
    mailbox_watches,
    mailboxes,
    outbox_limits,
    read_wishes,
    users,
)
from crm_store.access import Access
from crm_store.database.session import writing
from crm_store.errors import Conflict, Forbidden, Invalid, NotFound
from crm_store.mailbox_backfill import STOP, BackfillProgress
from crm_store.mailboxes import MailboxCounts
from crm_store.models.connections import Connection
from crm_store.paging import Order, Page, PageRequest, page
from crm_store.rules.connection import LIVE, SYNCING, ConnectionProblem, ConnectionState
from crm_store.sealing import Sealer

MAX_DAILY_LIMIT = 2000  # E3: what Workspace allows
MAX_BACKFILL_DAYS = 3650
_LOST_SHOWN = 10
_ENDED_AT_ONCE = 20


@dataclass(frozen=True, slots=True)
class BackfillView:
    """state: waiting, running, stopping or done. total: None until the mailbox has been listed."""

    state: str
    done: int
    total: int | None


@dataclass(frozen=True, slots=True)
class ConnectionView:
    """state: never REPLACED. problem: a word of ConnectionProblem or of a newer version's; None where all is well.

    lag_ms: since the last sync, None before the first and once disconnected. sent_24h: of daily_limit (E3)."""

    id: int
    user_id: int
    location_id: int
    email: str
    state: ConnectionState
    problem: str | None
    paused_until_ms: int | None
    connected_at_ms: int
    last_synced_at_ms: int | None
    lag_ms: int | None
    sent_24h: int
    daily_limit: int
    import_contacts: bool
    backfill: BackfillView | None
    counts: MailboxCounts


@dataclass(frozen=True, slots=True)
class PlaceNow:
    """Who has a place: the row, and its epoch."""

    row_id: int
    epoch: int
    user_id: int
    location_id: int
    email: str


def list_for(access: Access, user_id: int, request: PageRequest, *, now_ms: int) -> Page[ConnectionView]:
    """A user's connections: one's own, anybody's for an installation admin. Raises: NotFound, Forbidden, Invalid."""
    require_own(access, user_id)
    order = Order([(Connection.user_id, user_id)], [Connection.place_id])
    return page(_current(), order, request, lambda rows: _views(rows, now_ms))


def get(access: Access, connection_id: int, *, now_ms: int) -> ConnectionView:
    """Raises: NotFound."""
    return _views([_owned(access, connection_id)], now_ms)[0]


def lost(access: Access) -> list[str]:
    """Addresses of the asker's own accounts that wait for them to sign in again (A5); every page tells of them."""
    waiting = _current().where(Connection.user_id == access.user_id, Connection.state == ConnectionState.NEEDS_REAUTH)
    return [row.email for row in waiting.order_by(Connection.place_id).limit(_LOST_SHOWN)]


def change(access: Access, connection_id: int, changes: dict[str, Any], *, now_ms: int) -> ConnectionView:
    """changes: daily_limit, import_contacts. Raises: NotFound, Invalid."""
    row = _owned(access, connection_id)
    limit = changes.get("daily_limit", row.daily_limit)
    if not 1 <= limit <= MAX_DAILY_LIMIT:
        raise Invalid("daily_limit", f"is 1 to {MAX_DAILY_LIMIT}")
    with writing():
        if changes:
            Connection.update(**changes).where(Connection.id == row.id).execute()
            outbox_limits.changed(row.id, now_ms=now_ms)
        _note(access, row, "change", now_ms)
        return get(access, connection_id, now_ms=now_ms)


def disconnect(access: Access, connection_id: int, sealer: Sealer, *, now_ms: int) -> list[int]:
    """A4: syncing stops with this transaction, as nothing is written with the epoch before. The history stays.

    The ids of revocations that can be done now (revocations.take); none where it was disconnected already. A consent
    that is open in another tab finds another epoch, and connects nothing. Raises: NotFound."""
    row = _owned(access, connection_id)
    with writing():
        # The last sync of an account that had the place before ends as well. A literal, as in the index.
        last_syncs = Connection.select(Connection.id).where(
            Connection.place_id == row.place_id, Connection.state == SQL("'replaced'")
        )
        ended = [
            connection_endings.end(row_id, sealer, now_ms=now_ms)
            for row_id in [row.id, *(one.id for one in list(last_syncs))]
        ]
        revocation_ids = [revocation_id for revocation_id in ended if revocation_id is not None]
        _note(access, row, "disconnect", now_ms)
    return revocation_ids


def want_sync(access: Access, connection_id: int, *, now_ms: int) -> ConnectionView:
    """Ask the syncer to look now; twice is once. Raises: NotFound, Conflict where nothing can be synced."""
    row = _owned(access, connection_id)
    _require_syncing(row)
    with writing():
        Connection.update(sync_wanted_at_ms=now_ms).where(
            Connection.id == row.id, Connection.sync_wanted_at_ms.is_null()
        ).execute()
        _note(access, row, "sync", now_ms)
        return get(access, connection_id, now_ms=now_ms)


def want_backfill(access: Access, connection_id: int, days: int, *, now_ms: int) -> ConnectionView:
    """A6: ask for mail of the last days too. Raises: NotFound, Invalid, Conflict where nothing can be synced."""
    if not 1 <= days <= MAX_BACKFILL_DAYS:
        raise Invalid("days", f"is 1 to {MAX_BACKFILL_DAYS}")
    row = _owned(access, connection_id)
    _require_syncing(row)
    with writing():
        Connection.update(backfill_days=days, sync_wanted_at_ms=now_ms).where(Connection.id == row.id).execute()
        _note(access, row, "backfill", now_ms, why=f"{days} days")
        return get(access, connection_id, now_ms=now_ms)


def stop_backfill(access: Access, connection_id: int, *, now_ms: int) -> None:
    """A6: ask for no more of it; what is recorded stays. Where none waits or runs, the syncer finds nothing to stop.

    Raises: NotFound."""
    row = _owned(access, connection_id)
    with writing():
        here = (Connection.id == row.id) & Connection.state.in_(LIVE)
        if Connection.update(backfill_days=STOP, sync_wanted_at_ms=now_ms).where(here).execute():
            _note(access, row, "backfill_stop", now_ms)


def require_own(access: Access, user_id: int) -> None:
    """Whose connections the asker may see and make: mail is private, also from admins of a location.

    Raises: NotFound, Forbidden."""
    users.get(access, user_id)
    if not (user_id == access.user_id or access.installation_admin):
        raise Forbidden("only they themselves may do this")


def place_of(access: Access, connection_id: int) -> PlaceNow:
    """Raises: NotFound."""
    row = _owned(access, connection_id)
    return PlaceNow(row.id, row.epoch, row.user_id, row.location_id, row.email)


def end_overdue(sealer: Sealer, *, now_ms: int) -> None:
    """End replaced accounts whose last sync has had its time (A3)."""
    overdue = Connection.select(Connection.id).where(Connection.ends_at_ms <= now_ms)
    for row in list(overdue.order_by(Connection.ends_at_ms, Connection.id).limit(_ENDED_AT_ONCE)):
        connection_endings.end(row.id, sealer, now_ms=now_ms)


def _owned(access: Access, connection_id: int) -> Connection:
    row: Connection | None = _current().where(Connection.place_id == connection_id).first()
    if row is None or not (row.user_id == access.user_id or access.installation_admin):
        raise NotFound("no such connection")
    return row


def _current() -> "ModelSelect[Connection]":
    return Connection.select().where(Connection.replaced_at_ms.is_null())


def _require_syncing(row: Connection) -> None:
    if row.state not in SYNCING:
        told = {
            ConnectionState.NEEDS_REAUTH: "its user has to sign in with Google again first",
            ConnectionState.DISCONNECTED: "it is disconnected",
        }
        raise Conflict(told.get(ConnectionState(row.state), "it can't be synced now"))


def _note(access: Access, row: Connection, action: str, now_ms: int, why: str = "") -> None:
    subject = f"connection {row.place_id}"
    audit.write(f"connection.{action}", subject, by=access.user_id, now_ms=now_ms, location_id=row.location_id, why=why)


def _views(rows: Sequence[Connection], now_ms: int) -> list[ConnectionView]:
    ids = [row.id for row in rows]
    counts, backfills = mailboxes.counts(ids), mailbox_backfill.progress(ids)
    sent = outbox_limits.sent_24h(ids, now_ms=now_ms)
    of_contacts, without_push = contact_import_work.problems(ids), mailbox_watches.without_push(ids)
    without_read_state = read_wishes.without_read_state(ids)
    return [
        _view(
            row,
            counts.get(row.id, MailboxCounts()),
            _backfill(row, backfills.get(row.id)),
            sent_24h=sent.get(row.id, 0),
            problem=_problem(
                row,
                of_contacts.get(row.id),
                without_read_state=row.id in without_read_state,
                without_push=row.id in without_push,
            ),
            now_ms=now_ms,
        )
        for row in rows
    ]


def _backfill(row: Connection, known: BackfillProgress | None) -> BackfillView | None:
    """A wish that was not taken up yet hides what came of the one before, unless that still runs."""
    if row.backfill_days == STOP:
        return BackfillView("stopping", *((known.done, known.total) if known else (0, None)))
    if known is not None and known.is_running:
        return BackfillView("running", known.done, known.total)
    if row.backfill_days is not None:
        return BackfillView("waiting", 0, None)
    return None if known is None else BackfillView("done", known.done, known.total)


def _problem(row: Connection, of_contacts: str | None, *, without_read_state: bool, without_push: bool) -> str | None:
    """The gravest one: of the connection, then of its contacts, its read state, its pushes."""
    if row.problem or row.state not in SYNCING:
        return row.problem
    if of_contacts and row.import_contacts:
        return of_contacts
    if without_read_state:
        return ConnectionProblem.READ_STATE_PERMISSION.value
    return ConnectionProblem.NO_PUSH.value if without_push else None


def _view(
    row: Connection,
    counts: MailboxCounts,
    backfill: BackfillView | None,
    *,
    sent_24h: int,
    problem: str | None,
    now_ms: int,
) -> ConnectionView:
    state = ConnectionState(row.state)
    assert row.place_id is not None, "a row that is committed has a place"
    synced_at_ms = row.last_synced_at_ms
    lag_ms = None if synced_at_ms is None else max(0, now_ms - synced_at_ms)
    return ConnectionView(
        id=row.place_id,
        user_id=row.user_id,
        location_id=row.location_id,
        email=row.email,
        state=state,
        problem=problem,
        paused_until_ms=row.paused_until_ms,
        connected_at_ms=row.connected_at_ms,
        last_synced_at_ms=synced_at_ms,
        lag_ms=None if state is ConnectionState.DISCONNECTED else lag_ms,
        sent_24h=sent_24h,
        daily_limit=row.daily_limit,
        import_contacts=row.import_contacts,
        backfill=backfill,
        counts=counts,
    )
