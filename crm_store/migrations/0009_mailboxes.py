"""How far mailboxes have been followed, and what was seen there. A frozen copy of the models as they were."""

from peewee import SQL, BigIntegerField, BooleanField, CharField, Check, Database, IntegerField, Model, TextField
from playhouse.migrate import SchemaMigrator

from crm_store.models.fields import Id, blob_reference, reference


def up(_migrator: SchemaMigrator, db: Database) -> None:
    class NumberedTable(Model):
        id = Id()

        class Meta:
            database = db
            legacy_table_names = False

    class Mailbox(NumberedTable):
        connection_id = reference("connection", on_delete="CASCADE")
        user_id = reference("crm_user", on_delete="CASCADE")
        cursor = CharField(max_length=20)
        before_known = CharField(
            max_length=8, default="nothing", constraints=[Check("\"before_known\" IN ('nothing', 'newest', 'all')")]
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

        class Meta:
            constraints = (Check('"seen" = "recorded" + "not_recorded" + "failed" + "pending"'),)
            indexes = ((("connection_id",), True), (("user_id",), False))

    Mailbox.add_index(
        Mailbox.index(
            Mailbox.next_run_at_ms, Mailbox.id, name="mailbox_due", where=Mailbox.next_run_at_ms.is_null(False)
        )
    )

    Mailbox.add_index(Mailbox.index(Mailbox.id, name="mailbox_leased", where=Mailbox.lease_holder.is_null(False)))

    class GmailMessage(NumberedTable):
        mailbox_id = reference("mailbox", on_delete="CASCADE")
        gmail_id = CharField(max_length=64)
        thread_id = CharField(max_length=64, null=True)
        state = CharField(
            max_length=16,
            constraints=[Check("\"state\" IN ('pending', 'recorded', 'not_recorded', 'failed', 'before')")],
        )
        rule = CharField(max_length=8, null=True)
        reason = CharField(max_length=64, null=True)
        by_list = BooleanField(default=False)
        attempts = IntegerField(default=0)
        next_try_at_ms = BigIntegerField(null=True)
        blob_sha256 = blob_reference(null=True)
        seen_at_ms = BigIntegerField()

        class Meta:
            indexes = ((("mailbox_id", "gmail_id"), True),)

    for index in (
        GmailMessage.index(
            GmailMessage.mailbox_id,
            GmailMessage.next_try_at_ms,
            GmailMessage.id,
            name="gmail_message_due",
            where=GmailMessage.next_try_at_ms.is_null(False),
        ),
        GmailMessage.index(
            GmailMessage.mailbox_id,
            GmailMessage.thread_id,
            name="gmail_message_recorded_thread",
            where=GmailMessage.state == SQL("'recorded'"),
        ),
        GmailMessage.index(
            GmailMessage.blob_sha256, name="gmail_message_blob", where=GmailMessage.blob_sha256.is_null(False)
        ),
    ):
        GmailMessage.add_index(index)

    for table in (Mailbox, GmailMessage):
        table.create_table(safe=False)
