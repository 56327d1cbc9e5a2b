"""By what a location sends its bulk and automated mail. A frozen copy of the model as it was."""

from peewee import BigIntegerField, CharField, Check, Database, IntegerField, Model, TextField
from playhouse.migrate import SchemaMigrator

from crm_store.models.fields import Id, reference


def up(_migrator: SchemaMigrator, db: Database) -> None:
    class LocationProvider(Model):
        id = Id()
        location_id = reference("location", on_delete="CASCADE")
        host = TextField()
        port = IntegerField()
        tls = CharField(max_length=8, constraints=[Check("\"tls\" IN ('none', 'starttls', 'implicit')")])
        login = TextField(null=True)
        password = TextField(null=True)
        per_minute = IntegerField(null=True)
        from_address = TextField(null=True)
        free_from_ms = BigIntegerField(default=0)
        changed_at_ms = BigIntegerField()

        class Meta:
            database = db
            legacy_table_names = False
            indexes = ((("location_id",), True),)

    LocationProvider.create_table(safe=False)
