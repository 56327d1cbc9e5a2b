"""What Pub/Sub tells of a mailbox: that it is to be looked at now. A hint, and nothing is taken from it but that.

Told twice, late or out of order it does no harm: what has happened, history tells."""

from peewee import JOIN, fn

from crm_store.database.prepared import Prepared, PreparedInsert
from crm_store.database.rows import tuples
from crm_store.database.session import writing
from crm_store.models.connections import IS_LIVE, Connection
from crm_store.models.mailboxes import Mailbox
from crm_store.models.pushes import MailboxWatch
from crm_store.rules.connection import ConnectionState

# A paused one is looked at when Google's pause ends, and not before.
_LOOKED_AT = (ConnectionState.ACTIVE, ConnectionState.IMPORTING)
# A push can come before history tells what it is about (facts/gmail.md 1.1): for so long it is asked again.
_LOOK_AGAIN_FOR_MS = 15_000
_LOOK_AGAIN_FIRST_MS = 1_000

_WATCHES = PreparedInsert(MailboxWatch)


def note(email: str, history_id: str, *, now_ms: int) -> int:
    """The account of this address has changed. How many mailboxes are to be looked at for it that were not yet.

    email: as Google has it now. history_id: 20 digits. Most pushes of many at once only read: a look that is to begin
    anyway tells the same."""
    mailbox_ids = _not_due_yet(email, now_ms)
    for mailbox_id in mailbox_ids:
        with writing():
            # The mailbox first, as everywhere: a run that is at its end writes before us, or sees what we wrote.
            Mailbox.update(next_run_at_ms=now_ms).where(
                Mailbox.id == mailbox_id, Mailbox.next_run_at_ms.is_null(False)
            ).execute()
            _WATCHES.insert_new(mailbox_id=mailbox_id)
            here = MailboxWatch.mailbox_id == mailbox_id
            MailboxWatch.update(pushed_at_ms=now_ms).where(here).execute()
            MailboxWatch.update(history_id=history_id).where(here, MailboxWatch.history_id < history_id).execute()
    return len(mailbox_ids)


def _not_due_yet(email: str, now_ms: int) -> list[int]:
    rows = (
        Mailbox.select(
            Mailbox.id, Mailbox.next_run_at_ms, Mailbox.rung_at_ms, Mailbox.lease_until_ms, MailboxWatch.pushed_at_ms
        )
        .join(Connection, on=(Connection.id == Mailbox.connection_id))
        .join(MailboxWatch, JOIN.LEFT_OUTER, on=(MailboxWatch.mailbox_id == Mailbox.id))
        .where(
            fn.LOWER(Connection.email) == email.lower(),
            IS_LIVE,
            Connection.state.in_(_LOOKED_AT),
        )
    )
    found = []
    for mailbox_id, next_run_at_ms, rung_at_ms, lease_until_ms, pushed_at_ms in tuples(rows):
        if next_run_at_ms is None:  # it is not followed
            continue
        is_handed_out = rung_at_ms > 0
        is_due = next_run_at_ms <= now_ms and lease_until_ms <= now_ms
        # Set so by a push since the last handing out; a run that is under way is followed by another one.
        is_noted = next_run_at_ms == pushed_at_ms
        if not (is_handed_out or is_due or is_noted):
            found.append(mailbox_id)
    return found


def came_since(mailbox_id: int, since_ms: int) -> bool:
    """Whether one came since then. Ask with the mailbox's row held."""
    return _LATEST.first(mailbox_id, since_ms) is not None


_LATEST = Prepared[int, int](
    lambda mailbox_id, since_ms: MailboxWatch.select(MailboxWatch.id).where(
        MailboxWatch.mailbox_id == mailbox_id, MailboxWatch.pushed_at_ms >= since_ms
    )
)


def look_again_ms(mailbox_id: int, cursor: str, *, moved: bool, now_ms: int) -> int | None:
    """When to look once more for what a push told; None where history told it, or has had its time.

    cursor: after a look; moved: that look moved it."""
    row: MailboxWatch | None = MailboxWatch.get_or_none(MailboxWatch.mailbox_id == mailbox_id)
    if row is None or (moved and cursor >= row.history_id):
        return None
    waited_ms = max(0, now_ms - row.pushed_at_ms)
    return None if waited_ms > _LOOK_AGAIN_FOR_MS else now_ms + max(_LOOK_AGAIN_FIRST_MS, waited_ms)
