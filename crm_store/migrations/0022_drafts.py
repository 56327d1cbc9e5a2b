"""What people write and have not sent yet. Frozen copies of the models as they were."""

from peewee import SQL, BigIntegerField, BooleanField, CharField, Database, IntegerField, Model, TextField
from playhouse.migrate import SchemaMigrator

from crm_store.models.fields import Id, blob_reference, reference


def up(_migrator: SchemaMigrator, db: Database) -> None:
    class Draft(Model):
        id = Id()
        location_id = reference("location", on_delete="CASCADE")
        user_id = reference("crm_user", on_delete="CASCADE")
        key = CharField(max_length=43)
        reply_to_entry_id = BigIntegerField(null=True)
        from_address = TextField(default="")
        to = TextField(default="")
        cc = TextField(default="")
        bcc = TextField(default="")
        subject = TextField(default="")
        text = TextField(default="")
        quote = TextField(default="")
        with_quote = BooleanField(default=True)
        created_at_ms = BigIntegerField()
        changed_at_ms = BigIntegerField()
        email_id = reference("email", null=True, on_delete="CASCADE")
        discarded_at_ms = BigIntegerField(null=True)
        erase_at_ms = BigIntegerField()

        class Meta:
            database = db
            legacy_table_names = False
            indexes = ((("user_id", "key"), True), (("erase_at_ms", "id"), False))

    unsent = SQL('"email_id" IS NULL AND "discarded_at_ms" IS NULL')
    Draft.add_index(Draft.index(Draft.location_id, Draft.user_id, Draft.id, name="draft_open", where=unsent))
    Draft.add_index(Draft.index(Draft.email_id, name="draft_of_email", where=Draft.email_id.is_null(False)))

    class DraftFile(Model):
        id = Id()
        draft_id = reference("draft", on_delete="CASCADE")
        position = IntegerField()
        name = TextField()
        content_type = TextField()
        size_bytes = BigIntegerField()
        blob_sha256 = blob_reference()

        class Meta:
            database = db
            legacy_table_names = False
            indexes = ((("draft_id", "position"), True), (("blob_sha256",), False))

    Draft.create_table(safe=False)
    DraftFile.create_table(safe=False)
