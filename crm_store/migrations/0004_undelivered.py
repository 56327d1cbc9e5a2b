"""Whom a recorded message did not reach (C7). A frozen copy of the model as it was."""

from peewee import BigIntegerField, CharField, Check, Database, Model, TextField
from playhouse.migrate import SchemaMigrator

from crm_store.models.fields import Id, reference


def up(_migrator: SchemaMigrator, db: Database) -> None:
    class Undelivered(Model):
        id = Id()
        entry_id = reference("entry", on_delete="CASCADE")
        address = TextField()
        normal = TextField()
        state = CharField(max_length=8, constraints=[Check("\"state\" IN ('failed', 'delayed')")])
        status = CharField(max_length=16)
        cause = CharField(max_length=32)
        told_at_ms = BigIntegerField()

        class Meta:
            database = db
            legacy_table_names = False
            indexes = ((("entry_id", "normal"), True),)

    Undelivered.create_table(safe=False)
