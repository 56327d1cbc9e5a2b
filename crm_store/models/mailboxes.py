"""How far each mailbox has been followed, and the ledger of every message that was seen in it (B16)."""

from peewee import SQL, BigIntegerField, BooleanField, CharField, Check, IntegerField, TextField

from crm_store.models.base import StoreModel
from crm_store.models.fields import blob_reference, one_of, reference
from crm_store.rules.mailbox import BeforeKnown, LedgerState


class Mailbox(StoreModel):
    """How far one connection's mailbox has been followed. There is one for each connection.

    user_id: whose connection it is.
    cursor: a history id of 20 digits; everything up to it is in the ledger.
    before_known: how much of what was there before connecting the ledger names (A6). before_ms: where that is a page,
    when its oldest message came, by Google's clock: what is older than that was there before.
    walk_page: where the comparison of the mailbox's list with the ledger goes on: Google's page token, "" for the first
    page, None where none is under way. walk_is_whole: it goes to the list's end, and not only to what is known.
    pinned_cursor: what the cursor becomes when the walk ends, after the one before had expired.
    compare_at_ms, walk_at_ms: when the next short and the next whole comparison are due.
    next_run_at_ms: when it is to be looked at; None where it is not followed (any more). Handing it out moves that on,
    so that it comes back when who got it dies. rung_at_ms: which handing out the run must name.
    wanted_at_ms: when somebody last asked for a look.
    backfill_since_ms: a backfill runs, of mail since then (A6); None where none does. backfill_page: where its list
    goes on, as walk_page; None once all of it is in the ledger. backfill_total, backfill_done: messages of the backfill
    that runs or was the last one; None where there was none.
    lease_holder: the run that has it now, until lease_until_ms. attempts: runs in a row that failed.
    read_state_refused_epoch: with which epoch of its connection Google refused to mark mail as read (B14).
    The counts are each written in the transaction of its outcome."""

    connection_id = reference("connection", on_delete="CASCADE")
    user_id = reference("crm_user", on_delete="CASCADE")
    cursor = CharField(max_length=20)
    before_known = CharField(
        max_length=8, default=BeforeKnown.NOTHING, constraints=[Check(one_of("before_known", BeforeKnown))]
    )
    walk_page = TextField(null=True)
    walk_is_whole = BooleanField(default=False)
    pinned_cursor = CharField(max_length=20, null=True)
    compare_at_ms = BigIntegerField(default=0)
    walk_at_ms = BigIntegerField(default=0)
    next_run_at_ms = BigIntegerField(null=True)
    rung_at_ms = BigIntegerField(default=0)
    wanted_at_ms = BigIntegerField(default=0)
    lease_holder = CharField(max_length=32, null=True)
    lease_until_ms = BigIntegerField(default=0)
    attempts = IntegerField(default=0)
    seen = BigIntegerField(default=0)
    recorded = BigIntegerField(default=0)
    not_recorded = BigIntegerField(default=0)
    failed = BigIntegerField(default=0)
    pending = BigIntegerField(default=0)
    backfill_since_ms = BigIntegerField(null=True)
    backfill_page = TextField(null=True)
    backfill_total = BigIntegerField(null=True)
    backfill_done = BigIntegerField(null=True)
    read_state_refused_epoch = IntegerField(null=True)
    before_ms = BigIntegerField(null=True)

    class Meta:
        constraints = (Check('"seen" = "recorded" + "not_recorded" + "failed" + "pending"'),)  # B16
        indexes = ((("connection_id",), True), (("user_id",), False))


# Partial: it holds what is followed, not what has ended.
Mailbox.add_index(
    Mailbox.index(Mailbox.next_run_at_ms, Mailbox.id, name="mailbox_due", where=Mailbox.next_run_at_ms.is_null(False))
)

# What a process that died had in its hands: as many as there are threads at work.
Mailbox.add_index(Mailbox.index(Mailbox.id, name="mailbox_leased", where=Mailbox.lease_holder.is_null(False)))


class GmailMessage(StoreModel):
    """One message of a mailbox: what is known of it without its content.

    thread_id: Gmail's. rule, reason: of the decision, None while there is none.
    by_list: only a list told of it, not history, which names what is after the cursor alone.
    next_try_at_ms: when it is to be looked at; None where it is done. attempts: looks, the ones that failed and the one
    that is being made.
    blob_sha256: the raw bytes of one that is set aside.
    backfill_at_ms: in place of next_try_at_ms for what waits for a backfill, behind all live mail.
    sent_at_ms: when the account sent it, by Google's clock; None where it did not, or nobody looked."""

    mailbox_id = reference("mailbox", on_delete="CASCADE")
    gmail_id = CharField(max_length=64)
    thread_id = CharField(max_length=64, null=True)
    state = CharField(max_length=16, constraints=[Check(one_of("state", LedgerState))])
    rule = CharField(max_length=8, null=True)
    reason = CharField(max_length=64, null=True)
    by_list = BooleanField(default=False)
    attempts = IntegerField(default=0)
    next_try_at_ms = BigIntegerField(null=True)
    blob_sha256 = blob_reference(null=True)
    seen_at_ms = BigIntegerField()
    backfill_at_ms = BigIntegerField(null=True)
    sent_at_ms = BigIntegerField(null=True)

    class Meta:
        indexes = ((("mailbox_id", "gmail_id"), True),)  # B16: seen again, it is the same one


# What waits. Partial: it holds what is to be done, not a million that are.
GmailMessage.add_index(
    GmailMessage.index(
        GmailMessage.mailbox_id,
        GmailMessage.next_try_at_ms,
        GmailMessage.id,
        name="gmail_message_due",
        where=GmailMessage.next_try_at_ms.is_null(False),
    )
)

# Is something of this talk recorded?
GmailMessage.add_index(
    GmailMessage.index(
        GmailMessage.mailbox_id,
        GmailMessage.thread_id,
        name="gmail_message_recorded_thread",
        where=GmailMessage.state == SQL("'recorded'"),
    )
)

# May this blob be deleted?
GmailMessage.add_index(
    GmailMessage.index(
        GmailMessage.blob_sha256, name="gmail_message_blob", where=GmailMessage.blob_sha256.is_null(False)
    )
)

# What waits for a backfill.
GmailMessage.add_index(
    GmailMessage.index(
        GmailMessage.mailbox_id,
        GmailMessage.backfill_at_ms,
        GmailMessage.id,
        name="gmail_message_backfill",
        where=GmailMessage.backfill_at_ms.is_null(False),
    )
)

# How much did this account send today?
GmailMessage.add_index(
    GmailMessage.index(
        GmailMessage.mailbox_id,
        GmailMessage.sent_at_ms,
        name="gmail_message_sent",
        where=GmailMessage.sent_at_ms.is_null(False),
    )
)


class ReadWish(StoreModel):
    """A message that its mailbox is to show as read, as its user has read it here (B14). Done, it is gone.

    due_at_ms: when it is to be tried. attempts: so far, with the one that is being made."""

    mailbox_id = reference("mailbox", on_delete="CASCADE")
    gmail_id = CharField(max_length=64)
    due_at_ms = BigIntegerField()
    attempts = IntegerField(default=0)

    class Meta:
        indexes = (
            (("mailbox_id", "gmail_id"), True),
            (("mailbox_id", "due_at_ms", "id"), False),
        )
