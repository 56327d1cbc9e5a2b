"""Mail that the CRM is to send. A frozen copy of the models as they were."""

from peewee import (
    SQL,
    BigIntegerField,
    BlobField,
    CharField,
    Check,
    Database,
    IntegerField,
    JSONField,
    Model,
    TextField,
)
from playhouse.migrate import SchemaMigrator

from crm_store.models.fields import Id, blob_reference, reference

_STATES = "('waiting', 'sending', 'sent', 'unknown', 'failed', 'cancelled')"


def up(_migrator: SchemaMigrator, db: Database) -> None:
    class Table(Model):
        id = Id()

        class Meta:
            database = db
            legacy_table_names = False

    class OutboxLane(Table):
        kind = CharField(max_length=8, constraints=[Check("\"kind\" IN ('gmail', 'provider')")])
        connection_id = reference("connection", null=True, on_delete="CASCADE")
        location_id = reference("location", on_delete="CASCADE")
        next_run_at_ms = BigIntegerField(null=True)
        rung_at_ms = BigIntegerField(default=0)
        paused_until_ms = BigIntegerField(null=True)
        reason = CharField(max_length=32, null=True)
        detail = TextField(default="")
        lease_holder = CharField(max_length=32, null=True)
        lease_until_ms = BigIntegerField(default=0)

    lane, of_gmail = OutboxLane, OutboxLane.connection_id.is_null(False)
    for index in (
        lane.index(lane.connection_id, unique=True, name="outbox_lane_of_connection", where=of_gmail),
        lane.index(lane.location_id, unique=True, name="outbox_lane_of_provider", where=lane.connection_id.is_null()),
        lane.index(lane.next_run_at_ms, lane.id, name="outbox_lane_due", where=lane.next_run_at_ms.is_null(False)),
        lane.index(lane.id, name="outbox_lane_leased", where=lane.lease_holder.is_null(False)),
    ):
        lane.add_index(index)

    class Email(Table):
        location_id = reference("location", on_delete="CASCADE")
        user_id = reference("crm_user", on_delete="CASCADE")
        kind = CharField(
            max_length=16, constraints=[Check("\"kind\" IN ('individual', 'bulk', 'automated', 'notice')")]
        )
        state = CharField(max_length=16, constraints=[Check(f'"state" IN {_STATES}')])
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

    shown = SQL("\"kind\" <> 'notice'")
    for name, columns in (
        ("location", (Email.location_id, Email.id)),
        ("location_state", (Email.location_id, Email.state, Email.id)),
        ("own", (Email.location_id, Email.user_id, Email.id)),
        ("own_state", (Email.location_id, Email.user_id, Email.state, Email.id)),
    ):
        Email.add_index(Email.index(*columns, name=f"email_{name}", where=shown))

    class Delivery(Table):
        email_id = reference("email", on_delete="CASCADE")
        location_id = reference("location", on_delete="CASCADE")
        lane_id = reference("outbox_lane", on_delete="CASCADE")
        state = CharField(max_length=16, constraints=[Check(f'"state" IN {_STATES}')])
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
        ambiguity = CharField(max_length=8, null=True, constraints=[Check("\"ambiguity\" IN ('answer', 'silence')")])
        ambiguous_at_ms = BigIntegerField(null=True)
        gmail_id = CharField(max_length=64, null=True)
        sent_at_ms = BigIntegerField(null=True)
        entry_id = BigIntegerField(null=True)

        class Meta:
            indexes = ((("email_id", "id"), False),)

    one = Delivery
    for index in (
        one.index(one.lane_id, one.due_at_ms, one.id, name="delivery_waiting", where=SQL("\"state\" = 'waiting'")),
        one.index(one.lane_id, one.due_at_ms, one.id, name="delivery_unknown", where=SQL("\"state\" = 'unknown'")),
        one.index(one.lane_id, one.due_at_ms, one.id, name="delivery_sending", where=SQL("\"state\" = 'sending'")),
        one.index(one.lane_id, one.began_at_ms, name="delivery_began", where=one.began_at_ms.is_null(False)),
        one.index(one.blob_sha256, name="delivery_blob", where=one.blob_sha256.is_null(False)),
        one.index(one.entry_id, name="delivery_of_entry", where=one.entry_id.is_null(False)),
    ):
        one.add_index(index)

    for table in (OutboxLane, Email, Delivery):
        table.create_table(safe=False)
