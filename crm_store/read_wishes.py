"""What a user reads here is to be read in their own Gmail too, where the location switches it on (B14).

The request writes a wish for each message, and the syncer carries it out, behind live mail. Another user's mailbox is
left alone: they have not read it."""

from collections.abc import Sequence
from dataclasses import dataclass

from peewee import chunked, fn

from crm_store import mailboxes, read_states, tabs
from crm_store.database.engine import on_sqlite
from crm_store.database.rows import tuples
from crm_store.database.session import writing
from crm_store.mailboxes import Held
from crm_store.models.connections import Connection
from crm_store.models.contacts import Conversation
from crm_store.models.mailboxes import GmailMessage, Mailbox, ReadWish
from crm_store.models.messages import Sighting
from crm_store.rules.connection import LIVE, SYNCING
from crm_store.rules.mailbox import LedgerState

FIRST_RETRY_MS = 5_000
MAX_TRIES = 12  # over some three hours, should Google be ill
# So that who reads one conversation after the other is no run each.
_SOON_MS = 2_000
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Wished:
    """A message to be marked. attempts: with this one."""

    id: int
    gmail_id: str
    attempts: int


def wish(user_id: int, conversation: Conversation, *, now_ms: int) -> None:
    """The user is about to read what is unread in this conversation. Of one in which thousands wait, the newest.

    Call in that transaction, which holds the location's lock."""
    if conversation.location_id not in read_states.places(user_id):
        return
    accounts = _accounts(user_id)
    gmail_ids = _own_copies(user_id, conversation) if accounts else []
    wished: set[int] = set()
    for some in chunked(gmail_ids, _AT_ONCE):
        recorded = GmailMessage.select(GmailMessage.mailbox_id, GmailMessage.gmail_id).where(
            GmailMessage.mailbox_id.in_(accounts),
            GmailMessage.gmail_id.in_(list(some)),
            GmailMessage.state == LedgerState.RECORDED,
        )
        rows = [{"mailbox_id": one, "gmail_id": gmail_id, "due_at_ms": now_ms} for one, gmail_id in tuples(recorded)]
        if rows:
            ReadWish.insert_many(rows).on_conflict(action="NOTHING").execute()
        wished |= {int(row["mailbox_id"]) for row in rows}
    # One that failed, or that Google asked to wait, keeps its time.
    sooner = (Mailbox.attempts == 0) & (Mailbox.next_run_at_ms > now_ms + _SOON_MS)
    Mailbox.update(next_run_at_ms=now_ms + _SOON_MS).where(Mailbox.id.in_(sorted(wished)), sooner).execute()


def _accounts(user_id: int) -> list[int]:
    """The mailboxes of the user's live connections. On PostgreSQL Disconnect waits, and then finds what is wished."""
    own = Connection.select(Connection.id).where(
        Connection.user_id == user_id, Connection.replaced_at_ms.is_null(), Connection.state.in_(LIVE)
    )
    ids = [row.id for row in own.order_by(Connection.id).for_update(not on_sqlite())]
    return [mailbox_id for (mailbox_id,) in tuples(Mailbox.select(Mailbox.id).where(Mailbox.connection_id.in_(ids)))]


def _own_copies(user_id: int, conversation: Conversation) -> list[str]:
    found: list[str] = []
    for some in chunked(tabs.unread_messages(conversation), _AT_ONCE):
        copies = Sighting.select(Sighting.gmail_id).where(
            Sighting.message_id.in_(list(some)),
            Sighting.location_id == conversation.location_id,
            Sighting.user_id == user_id,
            Sighting.gmail_id.is_null(False),
        )
        found += [gmail_id for (gmail_id,) in tuples(copies)]
    return found


def take(held: Held, limit: int, *, now_ms: int) -> list[Wished]:
    """What is to be marked now; what is not wished any more is dropped on the way. One that has failed before is taken
    alone, so that it holds up no other. The attempt is counted before it is made. Raises: LeaseLost."""
    due = (
        ReadWish.select()
        .where(ReadWish.mailbox_id == held.mailbox_id, ReadWish.due_at_ms <= now_ms)
        .order_by(ReadWish.due_at_ms, ReadWish.id)
        .limit(limit)
    )
    with writing():
        mailboxes.write(held, now_ms=now_ms)
        rows = list(due)
        still = _still_wished(held, [row.gmail_id for row in rows])
        _drop([row.id for row in rows if row.gmail_id not in still])
        rows = [row for row in rows if row.gmail_id in still]
        fresh = [row for row in rows if not row.attempts]
        taken = fresh or rows[:1]
        for row in taken:
            again_at_ms = now_ms + (FIRST_RETRY_MS << row.attempts)
            ReadWish.update(attempts=row.attempts + 1, due_at_ms=again_at_ms).where(ReadWish.id == row.id).execute()
    return [Wished(row.id, row.gmail_id, row.attempts + 1) for row in taken]


def _still_wished(held: Held, gmail_ids: Sequence[str]) -> set[str]:
    """The location may have switched it off, the user may have left, and Google may refuse."""
    if _refused([held.connection_id]):
        return set()
    shown = Sighting.select(Sighting.gmail_id).where(
        Sighting.location_id.in_(read_states.places(held.user_id)),
        Sighting.user_id == held.user_id,
        Sighting.gmail_id.in_(list(gmail_ids)),
    )
    return {gmail_id for (gmail_id,) in tuples(shown)}


def done(held: Held, marked: Sequence[Wished], *, now_ms: int) -> None:
    """Raises: LeaseLost."""
    with writing():
        mailboxes.write(held, now_ms=now_ms)
        _drop([one.id for one in marked])


def refused(held: Held, wished: Sequence[Wished], *, now_ms: int) -> None:
    """Google does not let us: these are dropped, and nothing is asked until the user signs in again.

    Raises: LeaseLost."""
    with writing():
        mailboxes.write(held, now_ms=now_ms, read_state_refused_epoch=held.epoch)
        _drop([one.id for one in wished])


def _drop(wish_ids: Sequence[int]) -> None:
    ReadWish.delete().where(ReadWish.id.in_(list(wish_ids))).execute()


def next_due_ms(held: Held) -> int | None:
    """When the next one that waits is due; None where none does."""
    ((at_ms,),) = tuples(ReadWish.select(fn.MIN(ReadWish.due_at_ms)).where(ReadWish.mailbox_id == held.mailbox_id))
    return None if at_ms is None else int(at_ms)


def forget(connection_id: int) -> None:
    """A4: of an account that is disconnected nothing is wished. Call in that transaction."""
    own = Mailbox.select(Mailbox.id).where(Mailbox.connection_id == connection_id)
    ReadWish.delete().where(ReadWish.mailbox_id.in_(own)).execute()


def without_read_state(connection_ids: Sequence[int]) -> set[int]:
    """Of these, in whose Gmail nothing may be marked, though a location of their user wants that."""
    refusing = _refused(connection_ids)
    if not refusing:
        return set()
    owners = tuples(Connection.select(Connection.id, Connection.user_id).where(Connection.id.in_(refusing)))
    return {connection_id for connection_id, user_id in list(owners) if read_states.places(user_id)}


def _refused(connection_ids: Sequence[int]) -> list[int]:
    same = (Connection.id == Mailbox.connection_id) & (Connection.epoch == Mailbox.read_state_refused_epoch)
    refusing = Mailbox.select(Mailbox.connection_id).join(Connection, on=same)
    refusing = refusing.where(Mailbox.connection_id.in_(list(connection_ids)), Connection.state.in_(SYNCING))
    return [connection_id for (connection_id,) in tuples(refusing)]
