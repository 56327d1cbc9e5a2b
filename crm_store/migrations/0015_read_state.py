"""Read state both ways (B14), suggestions that were dismissed (B15), and when a cursor was pinned by Google's clock
(A6). A frozen copy of the models as they were."""

from peewee import BigIntegerField, CharField, Database, IntegerField, Model
from playhouse.migrate import SchemaMigrator, migrate

from crm_store.models.fields import Id, reference


def up(migrator: SchemaMigrator, db: Database) -> None:
    class ReadWish(Model):
        id = Id()
        mailbox_id = reference("mailbox", on_delete="CASCADE")
        gmail_id = CharField(max_length=64)
        due_at_ms = BigIntegerField()
        attempts = IntegerField(default=0)

        class Meta:
            database = db
            legacy_table_names = False
            indexes = (
                (("mailbox_id", "gmail_id"), True),
                (("mailbox_id", "due_at_ms", "id"), False),
            )

    ReadWish.create_table(safe=False)
    migrate(
        migrator.add_column("mailbox", "read_state_refused_epoch", IntegerField(null=True)),
        migrator.add_column("mailbox", "before_ms", BigIntegerField(null=True)),
        migrator.add_column("connection", "first_cursor_at_ms", BigIntegerField(null=True)),
        migrator.add_column("merge_suggestion", "dismissed_at_ms", BigIntegerField(null=True)),
    )
    db.execute_sql('DROP INDEX "merge_suggestion_location_id_id"')
    db.execute_sql(
        'CREATE INDEX "merge_suggestion_open" ON "merge_suggestion" ("location_id", "id")'
        ' WHERE ("dismissed_at_ms" IS NULL)'
    )
