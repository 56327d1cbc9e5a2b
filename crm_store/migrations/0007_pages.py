"""Signing in to pages. A frozen copy of the models as they were."""

from peewee import BigIntegerField, BlobField, CharField, Database, IntegerField, Model
from playhouse.migrate import SchemaMigrator

from crm_store.models.fields import Id, reference


def up(_migrator: SchemaMigrator, db: Database) -> None:
    class Table(Model):
        id = Id()

        class Meta:
            database = db
            legacy_table_names = False

    class WebSession(Table):
        token_hash = BlobField(unique=True)
        user_id = reference("crm_user", on_delete="CASCADE")
        agent = CharField(max_length=200)
        created_at_ms = BigIntegerField()
        seen_at_ms = BigIntegerField()
        ends_at_ms = BigIntegerField()

        class Meta:
            indexes = (
                (("user_id", "id"), False),
                (("ends_at_ms",), False),
            )

    class SignInCount(Table):
        key_hash = BlobField(unique=True)
        failures = IntegerField()
        waits_until_ms = BigIntegerField(default=0)
        last_at_ms = BigIntegerField()

        class Meta:
            indexes = ((("last_at_ms",), False),)

    class FirstRunLink(Table):
        token_hash = BlobField(unique=True)
        created_at_ms = BigIntegerField()

    class InstallationAdmin(Table):
        user_id = reference("crm_user", on_delete="CASCADE")
        created_at_ms = BigIntegerField()

        class Meta:
            indexes = ((("user_id",), True),)

    for table in (WebSession, SignInCount, FirstRunLink, InstallationAdmin):
        table.create_table(safe=False)
