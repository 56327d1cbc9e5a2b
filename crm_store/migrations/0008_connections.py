"""Links to Gmail accounts. A frozen copy of the models as they were."""

from peewee import (
    SQL,
    BigIntegerField,
    BlobField,
    BooleanField,
    CharField,
    Check,
    Database,
    IntegerField,
    Model,
    TextField,
)
from playhouse.migrate import SchemaMigrator

from crm_store.models.fields import Id, reference


def up(_migrator: SchemaMigrator, db: Database) -> None:
    class NumberedTable(Model):
        id = Id()

        class Meta:
            database = db
            legacy_table_names = False

    class Connection(NumberedTable):
        place_id = BigIntegerField(null=True)
        user_id = reference("crm_user", on_delete="CASCADE")
        location_id = reference("location", on_delete="CASCADE")
        google_sub = TextField()
        email = TextField()
        state = CharField(
            max_length=16,
            constraints=[
                Check("\"state\" IN ('active', 'importing', 'paused', 'needs_reauth', 'disconnected', 'replaced')")
            ],
        )
        problem = CharField(max_length=64, null=True)
        paused_until_ms = BigIntegerField(null=True)
        connected_at_ms = BigIntegerField()
        last_synced_at_ms = BigIntegerField(null=True)
        scopes = TextField()
        refresh_token = TextField(null=True)
        access_token = TextField(null=True)
        access_token_until_ms = BigIntegerField(null=True)
        epoch = IntegerField(default=1)
        first_cursor = CharField(max_length=20)
        daily_limit = IntegerField(default=500, constraints=[Check('"daily_limit" BETWEEN 1 AND 2000')])
        import_contacts = BooleanField(default=True)
        sync_wanted_at_ms = BigIntegerField(null=True)
        backfill_days = IntegerField(null=True)
        ends_at_ms = BigIntegerField(null=True)
        replaced_at_ms = BigIntegerField(null=True)

    shown = Connection.replaced_at_ms.is_null()
    for index in (
        Connection.index(
            Connection.google_sub,
            unique=True,
            name="connection_live_account",
            where=SQL("\"state\" NOT IN ('disconnected', 'replaced')"),
        ),
        Connection.index(Connection.place_id, unique=True, name="connection_of_place", where=shown),
        Connection.index(Connection.place_id, name="connection_replaced", where=Connection.state == SQL("'replaced'")),
        Connection.index(Connection.user_id, Connection.place_id, name="connection_shown", where=shown),
        Connection.index(
            Connection.sync_wanted_at_ms,
            Connection.id,
            name="connection_wanted",
            where=Connection.sync_wanted_at_ms.is_null(False),
        ),
        Connection.index(
            Connection.ends_at_ms, Connection.id, name="connection_ending", where=Connection.ends_at_ms.is_null(False)
        ),
    ):
        Connection.add_index(index)

    class OAuthFlow(NumberedTable):
        state_hash = BlobField(unique=True)
        kind = CharField(max_length=16, constraints=[Check("\"kind\" IN ('connect', 'update', 'reauth')")])
        user_id = reference("crm_user", on_delete="CASCADE")
        location_id = reference("location", on_delete="CASCADE")
        connection_id = reference("connection", null=True, on_delete="CASCADE")
        epoch = IntegerField(null=True)
        begun_by_user_id = reference("crm_user", on_delete="CASCADE")
        begun_by = CharField(max_length=16, constraints=[Check("\"begun_by\" IN ('session', 'token', 'admin')")])
        session_id = BigIntegerField(null=True)
        redirect_uri = TextField()
        verifier = TextField(default="")
        code = TextField(null=True)
        confirm_hash = BlobField(null=True, unique=True)
        expires_at_ms = BigIntegerField()
        used_at_ms = BigIntegerField(null=True)

        class Meta:
            table_name = "oauth_flow"
            indexes = ((("expires_at_ms",), False), (("user_id",), False))

    class Revocation(NumberedTable):
        google_sub = TextField()
        token = TextField(default="")
        next_try_at_ms = BigIntegerField()
        attempts = IntegerField(default=0)
        created_at_ms = BigIntegerField()

        class Meta:
            indexes = ((("next_try_at_ms", "id"), False), (("google_sub",), False))

    for table in (Connection, OAuthFlow, Revocation):
        table.create_table(safe=False)
