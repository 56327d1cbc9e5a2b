"""The self-tests of BCC addresses (C1). A frozen copy of the model as it was."""

from peewee import BigIntegerField, Database, Model
from playhouse.migrate import SchemaMigrator

from crm_store.models.fields import Id, reference


def up(_migrator: SchemaMigrator, db: Database) -> None:
    class BccTest(Model):
        id = Id()
        bcc_address_id = reference("bcc_address", on_delete="CASCADE")
        after_capture_id = BigIntegerField()
        started_at_ms = BigIntegerField()

        class Meta:
            database = db
            legacy_table_names = False
            indexes = ((("bcc_address_id",), True),)

    BccTest.create_table(safe=False)
