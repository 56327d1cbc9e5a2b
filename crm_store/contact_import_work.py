"""Which accounts' contacts are due to be read, who reads them now, and how far (B15).

As with mailboxes, the row is the truth. Being handed out is the lease: whoever got it and never began, or died, is
followed by another one when it ends. Whatever a run writes, it writes with its lease and its connection's epoch."""

import secrets
from dataclasses import dataclass
from typing import Any

from crm_store import connection_work
from crm_store.connection_work import MailboxAccess
from crm_store.database.prepared import PreparedInsert
from crm_store.database.rows import tuples
from crm_store.database.session import writing
from crm_store.errors import Temporary
from crm_store.models.connections import Connection
from crm_store.models.contact_import import ContactImport
from crm_store.rules.connection import SYNCING, ConnectionProblem

LEASE_MS = 120_000  # longer than a page may take, and than a task waits
_AT_ONCE = 100

_IMPORTS = PreparedInsert(ContactImport)


class ImportLost(Temporary):
    """Another run has it, or the connection has changed since; what this one was about to write is rolled back."""


@dataclass(frozen=True, slots=True)
class Turn:
    """An import that is handed out to one run."""

    import_id: int
    holder: str


@dataclass(frozen=True, slots=True)
class HeldImport:
    """An import that is this run's until its lease ends."""

    import_id: int
    holder: str
    connection_id: int
    epoch: int
    user_id: int
    location_id: int
    google_sub: str


@dataclass(frozen=True, slots=True)
class ImportProgress:
    """How far it is. See models.contact_import.ContactImport."""

    sync_token: str | None
    page_token: str | None
    attempts: int


def take_wishes(*, now_ms: int) -> None:
    """Where somebody asked for a look at a mailbox, its account's contacts are looked at, too; but for Google's pauses.

    The wish stays, and is taken for the mailbox."""
    wished = Connection.select(Connection.id).where(
        Connection.sync_wanted_at_ms.is_null(False), Connection.state.in_(SYNCING), Connection.import_contacts
    )
    ids = [one for (one,) in tuples(wished.order_by(Connection.sync_wanted_at_ms, Connection.id).limit(_AT_ONCE))]
    resting = ContactImport.next_run_at_ms.is_null() | ContactImport.problem.is_null(False)
    due_later = (ContactImport.next_run_at_ms > now_ms) & (ContactImport.attempts == 0)
    for connection_id in ids:
        with writing():
            _make_due(connection_id, resting | due_later, now_ms)


def find_forgotten(*, after: int, now_ms: int) -> int | None:
    """The regular sweep: connections whose contacts are to be read, and nobody would look at, become due. One page of
    it; where the next one begins, None at the end."""
    query = Connection.select(Connection.id).where(
        Connection.id > after, Connection.state.in_(SYNCING), Connection.import_contacts
    )
    ids = [one for (one,) in tuples(query.order_by(Connection.id).limit(_AT_ONCE))]
    if not ids:
        return None
    followed = ContactImport.select(ContactImport.connection_id).where(
        ContactImport.connection_id.in_(ids), ContactImport.next_run_at_ms.is_null(False)
    )
    for connection_id in sorted(set(ids) - {one for (one,) in tuples(followed)}):
        with writing():
            _make_due(connection_id, ContactImport.next_run_at_ms.is_null(), now_ms)
    return int(ids[-1])


def _make_due(connection_id: int, where: Any, now_ms: int) -> None:
    """Any: a condition of peewee's."""
    _IMPORTS.insert_new(connection_id=connection_id)
    mine = ContactImport.connection_id == connection_id
    ContactImport.update(next_run_at_ms=now_ms).where(mine, where).execute()


def hand_out(limit: int, name: str, *, now_ms: int) -> list[Turn]:
    """Those that are due, the longest due first. name: of this process, as Engine's."""
    due = (
        ContactImport.select(ContactImport.id)
        .where(ContactImport.next_run_at_ms <= now_ms, ContactImport.lease_until_ms <= now_ms)
        .order_by(ContactImport.next_run_at_ms, ContactImport.id)
        .limit(limit)
    )
    turns = [Turn(import_id, name + secrets.token_hex(12)) for (import_id,) in tuples(due)]
    return [turn for turn in turns if _lease(turn, now_ms)]


def _lease(turn: Turn, now_ms: int) -> bool:
    free = (ContactImport.id == turn.import_id) & (ContactImport.lease_until_ms <= now_ms)
    with writing():
        return bool(
            ContactImport.update(lease_holder=turn.holder, lease_until_ms=now_ms + LEASE_MS).where(free).execute()
        )


def begin(turn: Turn, *, now_ms: int) -> int | None:
    """The connection whose contacts are this run's to read; None where the turn is over."""
    row = ContactImport.select(ContactImport.connection_id).where(_mine(turn), ContactImport.lease_until_ms > now_ms)
    return next((int(connection_id) for (connection_id,) in tuples(row)), None)


def held(turn: Turn, access: MailboxAccess) -> HeldImport:
    return HeldImport(
        import_id=turn.import_id,
        holder=turn.holder,
        connection_id=access.connection_id,
        epoch=access.epoch,
        user_id=access.user_id,
        location_id=access.location_id,
        google_sub=Connection.get_by_id(access.connection_id).google_sub,
    )


def progress(import_id: int) -> ImportProgress:
    row = ContactImport.get_by_id(import_id)
    return ImportProgress(row.sync_token, row.page_token, row.attempts)


def write(held: HeldImport, *, now_ms: int, **changes: Any) -> None:
    """Change the row in this transaction, by nobody but who holds it, and while contacts are wanted (A4, B15).

    changes: columns' values, or expressions of them. Raises: ImportLost."""
    if not connection_work.is_current(held.connection_id, held.epoch):
        raise ImportLost(f"connection {held.connection_id} has changed")
    if not Connection.get_by_id(held.connection_id).import_contacts:
        raise ImportLost(f"connection {held.connection_id}: nobody wants its contacts")
    changes = {"lease_until_ms": now_ms + LEASE_MS, **changes}
    if not ContactImport.update(**changes).where(_mine(held)).execute():
        raise ImportLost(f"contact import {held.import_id}")


def finish(held: HeldImport, *, next_run_at_ms: int, now_ms: int) -> None:
    """The run's end. Raises: ImportLost."""
    with writing():
        write(held, now_ms=now_ms, next_run_at_ms=next_run_at_ms, attempts=0, problem=None, **_NOBODYS)


def give_up(
    held: HeldImport, *, next_run_at_ms: int, problem: ConnectionProblem | None, now_ms: int, **changes: Any
) -> None:
    """The run failed, and is to be tried again then. changes: as in write. Raises: ImportLost."""
    attempts = ContactImport.attempts + 1
    with writing():
        write(
            held,
            now_ms=now_ms,
            next_run_at_ms=next_run_at_ms,
            attempts=attempts,
            problem=problem,
            **_NOBODYS,
            **changes,
        )


def leave(turn: Turn) -> None:
    """Nothing is to be read (any more). The sweep finds it when there is."""
    with writing():
        ContactImport.update(next_run_at_ms=None, **_NOBODYS).where(_mine(turn)).execute()


def free(name: str, *, now_ms: int) -> int:
    """The process of this name was started again: what it held is nobody's; how many those were."""
    theirs = ContactImport.lease_holder.startswith(name) & (ContactImport.lease_until_ms > now_ms)
    with writing():
        return int(ContactImport.update(_NOBODYS).where(theirs).execute())


_NOBODYS: dict[str, Any] = {"lease_holder": None, "lease_until_ms": 0}  # Any: columns' values


def problems(connection_ids: list[int]) -> dict[int, str]:
    """Why contacts are not read, by connection; for those where there is something to tell."""
    rows = ContactImport.select(ContactImport.connection_id, ContactImport.problem).where(
        ContactImport.connection_id.in_(connection_ids), ContactImport.problem.is_null(False)
    )
    return dict(tuples(rows))


def _mine(of: Turn | HeldImport) -> Any:  # Any: a condition of peewee's
    return (ContactImport.id == of.import_id) & (ContactImport.lease_holder == of.holder)
