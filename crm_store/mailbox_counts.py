"""A mailbox's counts: each is changed in the transaction of its outcome, and none is what the others leave (B16)."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from peewee import Expression, fn

from crm_store.database.rows import tuples
from crm_store.models.mailboxes import GmailMessage, Mailbox
from crm_store.rules.mailbox import COUNTED, LedgerState
from crm_store.rules.rule import Reason, Rule


@dataclass(slots=True)
class CountChanges:
    """What a transaction does to the counts: how many more of each."""

    by_state: Counter[LedgerState] = field(default_factory=Counter)
    backfill_total: int = 0
    backfill_done: int = 0

    def step(self, before: LedgerState | None, after: LedgerState) -> None:
        """before: None for a message that the ledger did not have."""
        if before is not None:
            self.by_state[before] -= 1
        self.by_state[after] += 1

    def out_of_backfill(self) -> None:
        """One that waited for a backfill does so no more, and is as if it had never been asked for."""
        self.step(LedgerState.PENDING, LedgerState.BEFORE)
        self.backfill_total -= 1

    def columns(self) -> dict[str, Expression]:
        """The mailbox's columns, as an update sets them."""
        more = {state.value: self.by_state[state] for state in COUNTED}
        backfill = {"backfill_total": self.backfill_total, "backfill_done": self.backfill_done}
        changed = {**more, "seen": sum(more.values()), **backfill}
        return {name: getattr(Mailbox, name) + by for name, by in changed.items() if by}


def corrected(user_id: int, gmail_id: str) -> None:
    """C2: what no location recorded from the mailbox, a location records by now. Call in its transaction."""
    own = Mailbox.select(Mailbox.id).where(Mailbox.user_id == user_id)
    not_recorded = GmailMessage.state == LedgerState.NOT_RECORDED
    rows = GmailMessage.select(GmailMessage.id, GmailMessage.mailbox_id).where(
        GmailMessage.mailbox_id.in_(own), GmailMessage.gmail_id == gmail_id, not_recorded
    )
    count = CountChanges()
    count.step(LedgerState.NOT_RECORDED, LedgerState.RECORDED)
    for row_id, mailbox_id in list(tuples(rows)):
        changed = GmailMessage.update(state=LedgerState.RECORDED, rule=Rule.C8, reason=Reason.SAME_MESSAGE).where(
            GmailMessage.id == row_id, not_recorded
        )
        if changed.execute():
            Mailbox.update(**count.columns()).where(Mailbox.id == mailbox_id).execute()


def sent_since(connection_ids: Sequence[int], since_ms: int) -> dict[int, int]:
    """E3: how many messages each account sent since then, by the mailbox's own copies; none is left out."""
    rows = (
        GmailMessage.select(Mailbox.connection_id, fn.COUNT(GmailMessage.id))
        .join(Mailbox, on=(Mailbox.id == GmailMessage.mailbox_id))
        .where(Mailbox.connection_id.in_(list(connection_ids)), GmailMessage.sent_at_ms > since_ms)
        .group_by(Mailbox.connection_id)
    )
    return dict(tuples(rows))
