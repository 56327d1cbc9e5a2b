"""Mail of the product to its own users: verified addresses, the digest of the queue. A frozen copy of the models as
they were."""

from peewee import BigIntegerField, BlobField, CharField, Check, Database, IntegerField, Model, TextField
from playhouse.migrate import SchemaMigrator, migrate

from crm_store.models.fields import Id, reference


def up(migrator: SchemaMigrator, db: Database) -> None:
    class Table(Model):
        id = Id()

        class Meta:
            database = db
            legacy_table_names = False

    class WaitingNotice(Table):
        topic = CharField(
            max_length=16, constraints=[Check("\"topic\" IN ('access', 'identity', 'digest', 'provider_test')")]
        )
        subject_id = BigIntegerField()
        email_id = reference("email", on_delete="CASCADE")
        at_ms = BigIntegerField()

        class Meta:
            indexes = ((("topic", "subject_id"), True), (("email_id",), False))

    class PendingIdentity(Table):
        user_id = reference("crm_user", on_delete="CASCADE")
        address = TextField()
        folded = TextField()
        token_hash = BlobField(unique=True)
        asked_at_ms = BigIntegerField()
        ends_at_ms = BigIntegerField()

        class Meta:
            indexes = ((("user_id", "folded"), True), (("ends_at_ms",), False))

    class QueueDigest(Table):
        location_id = reference("location", on_delete="CASCADE")
        user_id = reference("crm_user", on_delete="CASCADE")
        next_at_ms = BigIntegerField(default=0)
        last_day = CharField(max_length=10, null=True)

        class Meta:
            indexes = ((("user_id", "location_id"), True), (("location_id",), False), (("next_at_ms", "id"), False))

    class MailCount(Table):
        key_hash = BlobField(unique=True)
        mails = IntegerField()
        began_at_ms = BigIntegerField()

        class Meta:
            indexes = ((("began_at_ms",), False),)

    for table in (WaitingNotice, PendingIdentity, QueueDigest, MailCount):
        table.create_table(safe=False)
    migrate(migrator.add_column("crm_user", "digest_off_at_ms", BigIntegerField(null=True)))
    db.execute_sql(
        'INSERT INTO "queue_digest" ("location_id", "user_id", "next_at_ms") '
        'SELECT "location_id", "user_id", 0 FROM "membership" '
        "WHERE \"left_at_ms\" IS NULL AND \"role\" IN ('operator', 'admin')"
    )
