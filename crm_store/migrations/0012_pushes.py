"""Watches over mailboxes, pushes, and connections by their address. A frozen copy of the model as it was."""

from peewee import BigIntegerField, BooleanField, CharField, Database, IntegerField, Model
from playhouse.migrate import SchemaMigrator

from crm_store.models.fields import Id, reference


def up(_migrator: SchemaMigrator, db: Database) -> None:
    class MailboxWatch(Model):
        id = Id()
        mailbox_id = reference("mailbox", on_delete="CASCADE")
        epoch = IntegerField(default=0)
        renew_at_ms = BigIntegerField(default=0)
        until_ms = BigIntegerField(null=True)
        is_refused = BooleanField(default=False)
        pushed_at_ms = BigIntegerField(default=0)
        history_id = CharField(max_length=20, default="")

        class Meta:
            database = db
            legacy_table_names = False
            indexes = ((("mailbox_id",), True),)

    MailboxWatch.create_table(safe=False)
    db.execute_sql(
        'CREATE INDEX "connection_live_email" ON "connection" (LOWER("email")) '
        "WHERE \"state\" NOT IN ('disconnected', 'replaced')"
    )
