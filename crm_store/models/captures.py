"""What came in by SMTP, what it means for each location, and what was decided."""

from peewee import SQL, BigIntegerField, BlobField, CharField, Check, IntegerField, JSONField, TextField

from crm_store.models.base import StoreModel
from crm_store.models.fields import blob_reference, one_of, reference
from crm_store.rules.states import CaptureState, Path


class Receipt(StoreModel):
    """One message as SMTP handed it over; its intake_id is in the 250.

    Nothing of its content is here: B5 may forbid to keep any. A segment that is read again after a crash finds the row
    and files nothing twice."""

    intake_id = CharField(max_length=26, unique=True)
    received_at_ms = BigIntegerField()


class Capture(StoreModel):
    """What a receipt means for one location. Columns of content are None where content may not be kept.

    location_id: None for mail to postmaster and abuse, which is the installation's.
    next_try_at_ms: when a worker is to take it; None where nothing waits to be done. Taking it moves that on by the
    worker's lease, so that it comes back when the worker dies. attempts: counts the takings; a worker whose number is
    not the row's has lost its lease."""

    receipt_id = reference("receipt")
    location_id = reference("location", null=True, on_delete="CASCADE")
    state = CharField(max_length=16, constraints=[Check(one_of("state", CaptureState))])
    rule = CharField(max_length=8, null=True)
    reason = CharField(max_length=64, null=True)  # a constant word; pages say it in the reader's language
    blob_sha256 = blob_reference(null=True)
    envelope_from = TextField(null=True)
    peer = CharField(max_length=64, null=True)
    helo = TextField(null=True)
    message_id = TextField(null=True)
    author_name = TextField(null=True)
    author_address = TextField(null=True)
    author_normal = TextField(null=True)
    author_domain = TextField(null=True)
    to = JSONField(null=True)
    cc = JSONField(null=True)
    subject = TextField(null=True)
    text_preview = TextField(null=True)
    attachments = JSONField(null=True)
    clues = JSONField(null=True)  # what else tells where it would go (crm_store/capture_preview.py)
    authentication = JSONField(null=True)
    suggestions = JSONField(default=list)
    received_at_ms = BigIntegerField()
    decided_at_ms = BigIntegerField(null=True)
    decided_by = reference("crm_user", null=True)  # None: nobody, a rule did
    undo = JSONField(null=True)  # what a person's decision took away or added, for as long as it can be undone (D2)
    entry_id = reference("entry", null=True)
    attempts = IntegerField(default=0)
    next_try_at_ms = BigIntegerField(null=True)

    class Meta:
        indexes = (
            (("receipt_id", "location_id"), True),  # replayed segments and two drainers make no second one
            (("location_id", "state", "id"), False),  # the queue's lists, and what its retention ends
            (("location_id", "id"), False),
            (("location_id", "author_normal", "id"), False),
            (("location_id", "author_domain", "id"), False),
            (("blob_sha256",), False),
            (("entry_id",), False),
        )


# The work that is due. Partial: it holds what is waiting, not ten million that are done.
Capture.add_index(
    Capture.index(Capture.next_try_at_ms, Capture.id, name="capture_due", where=Capture.next_try_at_ms.is_null(False))
)

# Mail to postmaster and abuse. PostgreSQL takes no order from the index above for "is null".
Capture.add_index(
    Capture.index(Capture.state, Capture.id, name="capture_of_installation", where=Capture.location_id.is_null())
)

# What is rejected and has its content still. A literal, as in the query: a parameter would not match the index.
Capture.add_index(
    Capture.index(
        Capture.decided_at_ms,
        Capture.id,
        name="capture_rejected_content",
        where=(Capture.state == SQL("'rejected'")) & Capture.blob_sha256.is_null(False),
    )
)

# What can be undone, until its time is over.
Capture.add_index(
    Capture.index(Capture.decided_at_ms, Capture.id, name="capture_undoable", where=Capture.undo.is_null(False))
)


class CaptureRecipient(StoreModel):
    """A BCC address of the capture's location that was named at RCPT. Other locations' stay unknown here (F3)."""

    capture_id = reference("capture", on_delete="CASCADE")
    bcc_address_id = reference("bcc_address", on_delete="CASCADE")
    user_id = reference("crm_user", on_delete="CASCADE")
    location_id = reference("location", on_delete="CASCADE")

    class Meta:
        indexes = (
            (("capture_id", "bcc_address_id"), True),
            (("user_id", "location_id", "capture_id"), False),  # D5: a user's own captures
        )


class DecisionRow(StoreModel):
    """What was done with one sighting in one location, or in none (F2).

    user_id: the mailbox's owner, for decisions that belong to no location. Content is never here (B4, B5)."""

    path = CharField(max_length=8, constraints=[Check(one_of("path", Path))])
    rule = CharField(max_length=8)
    outcome = CharField(max_length=16, constraints=[Check(one_of("outcome", CaptureState))])
    reason = CharField(max_length=64, null=True)
    message_id = TextField(null=True)
    message_id_key = BlobField(null=True)
    gmail_id = CharField(max_length=64, null=True)
    location_id = reference("location", null=True, on_delete="CASCADE")
    user_id = reference("crm_user", null=True, on_delete="CASCADE")
    capture_id = BigIntegerField(null=True, unique=True)  # a capture decided again changes its decision
    entry_id = BigIntegerField(null=True)
    at_ms = BigIntegerField()

    class Meta:
        table_name = "decision"
        indexes = ((("message_id_key", "id"), False),)


# Partial: the Gmail path alone has such ids, and where there are none SQLite's statistics say that they tell nothing.
DecisionRow.add_index(
    DecisionRow.index(
        DecisionRow.gmail_id,
        DecisionRow.id,
        name="decision_of_gmail_id",
        where=DecisionRow.gmail_id.is_null(False),
    )
)

# F2: one decision a mailbox's sighting and location, and one for none of them.
DecisionRow.add_index(
    DecisionRow.index(
        DecisionRow.user_id,
        DecisionRow.gmail_id,
        DecisionRow.location_id,
        unique=True,
        name="decision_of_mailbox",
        where=DecisionRow.gmail_id.is_null(False) & DecisionRow.location_id.is_null(False),
    )
)
DecisionRow.add_index(
    DecisionRow.index(
        DecisionRow.user_id,
        DecisionRow.gmail_id,
        unique=True,
        name="decision_of_mailbox_nowhere",
        where=DecisionRow.gmail_id.is_null(False) & DecisionRow.location_id.is_null(),
    )
)


class AuditRow(StoreModel):
    """A change of state by a person (F4). user_id None: the command line. why: what they said, or ""."""

    location_id = reference("location", null=True, on_delete="CASCADE")
    user_id = reference("crm_user", null=True)
    action = CharField(max_length=64)
    subject = CharField(max_length=64)  # "contact 17": kind and id, never content
    why = TextField(default="")
    at_ms = BigIntegerField()

    class Meta:
        table_name = "audit"
        indexes = (
            (("location_id", "id"), False),
            (("location_id", "subject", "id"), False),  # what was done with one thing
        )


class IdempotentReply(StoreModel):
    """What a POST answered, kept for 24 hours under the caller's Idempotency-Key: a retry gets the same answer."""

    user_id = reference("crm_user", on_delete="CASCADE")
    key = CharField(max_length=255)
    request_sha256 = BlobField()
    status = IntegerField()
    body = JSONField()
    created_at_ms = BigIntegerField()

    class Meta:
        indexes = (
            (("user_id", "key"), True),
            (("created_at_ms",), False),
        )
