"""Contacts of Google accounts. A frozen copy of the models as they were."""

from peewee import BigIntegerField, BlobField, CharField, Database, IntegerField, JSONField, Model, TextField
from playhouse.migrate import SchemaMigrator

from crm_store.models.fields import Id, reference


def up(_migrator: SchemaMigrator, db: Database) -> None:
    db.execute_sql('ALTER TABLE "contact" ADD COLUMN "photo_url" TEXT NOT NULL DEFAULT \'\'')

    class Table(Model):
        id = Id()

        class Meta:
            database = db
            legacy_table_names = False

    class ContactImport(Table):
        connection_id = reference("connection", on_delete="CASCADE")
        sync_token = TextField(null=True)
        page_token = TextField(null=True)
        next_run_at_ms = BigIntegerField(null=True)
        lease_holder = CharField(max_length=32, null=True)
        lease_until_ms = BigIntegerField(default=0)
        attempts = IntegerField(default=0)
        problem = CharField(max_length=64, null=True)

        class Meta:
            indexes = ((("connection_id",), True),)

    ContactImport.add_index(
        ContactImport.index(
            ContactImport.next_run_at_ms,
            ContactImport.id,
            name="contact_import_due",
            where=ContactImport.next_run_at_ms.is_null(False),
        )
    )

    class ImportedPerson(Table):
        location_id = reference("location", on_delete="CASCADE")
        google_sub = TextField()
        resource = TextField()
        contact_id = reference("contact", on_delete="CASCADE")
        digest = BlobField()
        name = TextField(default="")
        phone = TextField(default="")
        organization = TextField(default="")
        photo_url = TextField(default="")
        addresses = JSONField()

        class Meta:
            indexes = ((("location_id", "google_sub", "resource"), True), (("contact_id",), False))

    class MergeSuggestion(Table):
        location_id = reference("location", on_delete="CASCADE")
        contact_id = reference("contact", on_delete="CASCADE")
        other_id = reference("contact", on_delete="CASCADE")
        created_at_ms = BigIntegerField()

        class Meta:
            indexes = (
                (("contact_id", "other_id"), True),
                (("other_id",), False),
                (("location_id", "id"), False),
            )

    for table in (ContactImport, ImportedPerson, MergeSuggestion):
        table.create_table(safe=False)
