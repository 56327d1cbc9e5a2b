"""Mail that the CRM is to send: what was asked for, each message of it, and what it waits in (rules E).

Locks are taken in this order everywhere: locations, connection, mailbox, lane, deliveries, e-mail."""

from peewee import SQL, BigIntegerField, BlobField, CharField, Check, IntegerField, JSONField, TextField

from crm_store.models.base import StoreModel
from crm_store.models.fields import blob_reference, one_of, reference
from crm_store.rules.outbox import Ambiguity, EmailKind, LaneKind, OutboxState


class OutboxLane(StoreModel):
    """What sends in order, one run at a time: one Gmail account, or a location's provider.

    connection_id: a row's, not a place's: another account (A3) has a lane of its own. None of a provider.
    next_run_at_ms: when a run is to look at it; None where nothing waits. Handing it out moves that on, so that it
    comes back when who got it dies. rung_at_ms: which handing out the run must name.
    reason: why nothing is begun, until paused_until_ms; None with a reason: until somebody wakes it. detail: what the
    other side said, cleaned.
    lease_holder: the run that has it now, until lease_until_ms.
    failures: how many runs in a row something failed in that concerns all of it: the pauses grow with them."""

    kind = CharField(max_length=8, constraints=[Check(one_of("kind", LaneKind))])
    connection_id = reference("connection", null=True, on_delete="CASCADE")
    location_id = reference("location", on_delete="CASCADE")
    next_run_at_ms = BigIntegerField(null=True)
    rung_at_ms = BigIntegerField(default=0)
    paused_until_ms = BigIntegerField(null=True)
    reason = CharField(max_length=32, null=True)
    detail = TextField(default="")
    lease_holder = CharField(max_length=32, null=True)
    lease_until_ms = BigIntegerField(default=0)
    failures = IntegerField(default=0, constraints=[SQL("DEFAULT 0")])


OutboxLane.add_index(
    OutboxLane.index(
        OutboxLane.connection_id,
        unique=True,
        name="outbox_lane_of_connection",
        where=OutboxLane.connection_id.is_null(False),
    )
)
OutboxLane.add_index(
    OutboxLane.index(
        OutboxLane.location_id,
        unique=True,
        name="outbox_lane_of_provider",
        where=OutboxLane.connection_id.is_null(),
    )
)

# Partial, as of mailboxes.
OutboxLane.add_index(
    OutboxLane.index(
        OutboxLane.next_run_at_ms,
        OutboxLane.id,
        name="outbox_lane_due",
        where=OutboxLane.next_run_at_ms.is_null(False),
    )
)
OutboxLane.add_index(
    OutboxLane.index(OutboxLane.id, name="outbox_lane_leased", where=OutboxLane.lease_holder.is_null(False))
)


class Email(StoreModel):
    """What a user asked to be sent; or, of kind notice, the product itself.

    user_id: whose it is: the sender; of a notice, its reader.
    state: what its deliveries are in, together (rules.outbox.told_state); the counts say how many are in each.
    reason: of the delivery that was changed last; None where there is nothing to tell.
    to, cc, bcc: pairs of name and address. text, html: as its user gave them; "" and None once it is sent.
    attachments: name, content type and size of each. not_before_ms: as it was asked for, with undo."""

    location_id = reference("location", on_delete="CASCADE")
    user_id = reference("crm_user", on_delete="CASCADE")
    kind = CharField(max_length=16, constraints=[Check(one_of("kind", EmailKind))])
    state = CharField(max_length=16, constraints=[Check(one_of("state", OutboxState))])
    reason = CharField(max_length=32, null=True)
    from_name = TextField()
    from_address = TextField()
    to = JSONField()
    cc = JSONField()
    bcc = JSONField()
    subject = TextField()
    text = TextField()
    html = TextField(null=True)
    attachments = JSONField()
    reply_to_entry_id = BigIntegerField(null=True)
    not_before_ms = BigIntegerField()
    created_at_ms = BigIntegerField()
    waiting = IntegerField(default=0)
    sending = IntegerField(default=0)
    sent = IntegerField(default=0)
    unknown = IntegerField(default=0)
    failed = IntegerField(default=0)
    cancelled = IntegerField(default=0)


# The lists: a location's, one's own there; all, or in one state. Literals, as in the queries.
_SHOWN = SQL("\"kind\" <> 'notice'")
for _name, _columns in (
    ("location", (Email.location_id, Email.id)),
    ("location_state", (Email.location_id, Email.state, Email.id)),
    ("own", (Email.location_id, Email.user_id, Email.id)),
    ("own_state", (Email.location_id, Email.user_id, Email.state, Email.id)),
):
    Email.add_index(Email.index(*_columns, name=f"email_{_name}", where=_SHOWN))

# What belongs into a conversation and is not there yet.
Email.add_index(
    Email.index(
        Email.location_id,
        Email.id,
        name="email_open",
        where=SQL("\"state\" IN ('waiting', 'sending', 'unknown', 'failed') AND \"kind\" <> 'notice'"),
    )
)


class Delivery(StoreModel):
    """One RFC 5322 message that is to leave, and how far it is.

    token: unguessable; the message names it in X-SunnyDay-Delivery, as Gmail replaces its Message-ID.
    message_id: ours, with angle brackets; None where Gmail sets one.
    recipients: addresses. own_header: the lines that this message alone has, CRLF-ended; they come before what the
    blob holds, which all deliveries of an e-mail share. blob_sha256: None once the sent copy is filed.
    size_bytes: of both together.
    gmail_thread_id: the talk that it answers, in its sender's mailbox (E5).
    due_at_ms: of one that waits when it may go; of an unknown one when it is looked for next; None of all others.
    attempt: how often it was begun. began_at_ms, history_id: of the last attempt that is not proven void; the mailbox's
    history id before it. ambiguity, ambiguous_at_ms: of an unknown one.
    reason, detail: as of a lane. gmail_id, sent_at_ms, entry_id: of a sent one, where they are known."""

    email_id = reference("email", on_delete="CASCADE")
    location_id = reference("location", on_delete="CASCADE")
    lane_id = reference("outbox_lane", on_delete="CASCADE")
    state = CharField(max_length=16, constraints=[Check(one_of("state", OutboxState))])
    reason = CharField(max_length=32, null=True)
    detail = TextField(default="")
    token = CharField(max_length=32, unique=True)
    message_id = TextField(null=True)
    envelope_from = TextField()
    recipients = JSONField()
    own_header = BlobField()
    blob_sha256 = blob_reference(null=True)
    size_bytes = BigIntegerField()
    gmail_thread_id = CharField(max_length=64, null=True)
    due_at_ms = BigIntegerField(null=True)
    attempt = IntegerField(default=0)
    began_at_ms = BigIntegerField(null=True)
    history_id = CharField(max_length=20, null=True)
    ambiguity = CharField(max_length=8, null=True, constraints=[Check(one_of("ambiguity", Ambiguity))])
    ambiguous_at_ms = BigIntegerField(null=True)
    gmail_id = CharField(max_length=64, null=True)
    sent_at_ms = BigIntegerField(null=True)
    entry_id = BigIntegerField(null=True)

    class Meta:
        indexes = ((("email_id", "id"), False),)


# What a lane does next, in order; what it looks for; and what was under way when its run died. Literals, as in queries.
for _state in (OutboxState.WAITING, OutboxState.UNKNOWN, OutboxState.SENDING):
    Delivery.add_index(
        Delivery.index(
            Delivery.lane_id,
            Delivery.due_at_ms,
            Delivery.id,
            name=f"delivery_{_state}",
            where=SQL(f"\"state\" = '{_state}'"),
        )
    )

# E3: what was begun today.
Delivery.add_index(
    Delivery.index(
        Delivery.lane_id, Delivery.began_at_ms, name="delivery_began", where=Delivery.began_at_ms.is_null(False)
    )
)

# May this blob be deleted?
Delivery.add_index(
    Delivery.index(Delivery.blob_sha256, name="delivery_blob", where=Delivery.blob_sha256.is_null(False))
)

# Which e-mail does this entry show?
Delivery.add_index(Delivery.index(Delivery.entry_id, name="delivery_of_entry", where=Delivery.entry_id.is_null(False)))
