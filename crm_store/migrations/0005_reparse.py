"""How far the derived data has been made again. A frozen copy of the model as it was."""

from peewee import BigIntegerField, Database, IntegerField, Model
from playhouse.migrate import SchemaMigrator

from crm_store.models.fields import Id


def up(_migrator: SchemaMigrator, db: Database) -> None:
    class Reparse(Model):
        id = Id()
        done_up_to = BigIntegerField(default=0)
        up_to = BigIntegerField()
        read_count = IntegerField(default=0)
        changed_count = IntegerField(default=0)
        missing_count = IntegerField(default=0)
        started_at_ms = BigIntegerField()
        finished_at_ms = BigIntegerField(null=True)

        class Meta:
            database = db
            legacy_table_names = False

    Reparse.create_table(safe=False)
