"""By which Google account somebody signs in. A frozen copy of the model as it was."""

from peewee import BigIntegerField, Database, Model, TextField
from playhouse.migrate import SchemaMigrator

from crm_store.models.fields import Id, reference


def up(_migrator: SchemaMigrator, db: Database) -> None:
    class GoogleLogin(Model):
        id = Id()
        user_id = reference("crm_user", on_delete="CASCADE")
        google_sub = TextField(unique=True)
        linked_at_ms = BigIntegerField()

        class Meta:
            database = db
            legacy_table_names = False
            indexes = ((("user_id",), True),)

    GoogleLogin.create_table(safe=False)
