"""Times in rows after the machine's clock was set back: what would wait for all of that is due now.

No wait of ours is as long as one hour, but those that Google named; so what is due later than any wait was written by
a clock that was ahead."""

from collections.abc import Sequence

from peewee import chunked

from crm_store.database.rows import tuples
from crm_store.database.session import writing
from crm_store.models.connections import Connection
from crm_store.models.mailboxes import GmailMessage, Mailbox
from crm_store.rules.connection import ConnectionState
from crm_store.rules.mailbox import LedgerState

# By so much clocks of two machines may differ without one taking the other's times for wrong.
SLACK_MS = 10 * 60_000
_GOOGLE_NAMED_MS = 86_400_000  # at most; longer ones are cut
# So many looks at a message wait for less than the slack.
_QUICK_LOOKS = 5
_AT_ONCE = 500


def bring_forward(connection_ids: Sequence[int], *, longest_wait_ms: int, now_ms: int) -> None:
    """Of these connections. longest_wait_ms: between two runs of a mailbox that Google did not ask to wait."""
    mailboxes = dict(
        tuples(
            Mailbox.select(Mailbox.id, Mailbox.next_run_at_ms).where(Mailbox.connection_id.in_(list(connection_ids)))
        )
    )
    late_ms = now_ms + longest_wait_ms + SLACK_MS
    if late := [mailbox_id for mailbox_id, at_ms in mailboxes.items() if at_ms is not None and at_ms > late_ms]:
        _bring_mailboxes(late, late_ms, now_ms)
    for column in (GmailMessage.next_try_at_ms, GmailMessage.backfill_at_ms):
        waiting = GmailMessage.select(GmailMessage.id).where(
            GmailMessage.mailbox_id.in_(list(mailboxes)),
            column > now_ms + SLACK_MS,
            GmailMessage.state == LedgerState.PENDING,
            GmailMessage.attempts < _QUICK_LOOKS,
        )
        for ids in chunked([row_id for (row_id,) in tuples(waiting)], _AT_ONCE):
            with writing():
                GmailMessage.update({column: now_ms}).where(
                    GmailMessage.id.in_(list(ids)), column > now_ms + SLACK_MS
                ).execute()


def _bring_mailboxes(mailbox_ids: Sequence[int], late_ms: int, now_ms: int) -> None:
    rows = (
        Mailbox.select(Mailbox.id, Mailbox.next_run_at_ms, Connection.state)
        .join(Connection, on=(Connection.id == Mailbox.connection_id))
        .where(Mailbox.id.in_(list(mailbox_ids)))
    )
    for mailbox_id, at_ms, state in list(tuples(rows)):
        is_paused = state == ConnectionState.PAUSED and at_ms <= late_ms + _GOOGLE_NAMED_MS
        if not is_paused:
            with writing():
                unchanged = (Mailbox.id == mailbox_id) & (Mailbox.next_run_at_ms == at_ms)
                Mailbox.update(next_run_at_ms=now_ms).where(unchanged).execute()
