"""Bounces that come before their mail; and how far the previews of captures have been made again, too. A frozen copy of
the models as they were."""

from peewee import BigIntegerField, BlobField, CharField, Database, IntegerField, JSONField, Model
from playhouse.migrate import SchemaMigrator

from crm_store.models.fields import Id, reference


def up(_migrator: SchemaMigrator, db: Database) -> None:
    class BounceReport(Model):
        id = Id()
        location_id = reference("location", on_delete="CASCADE")
        message_id_key = BlobField()
        told = JSONField()
        told_at_ms = BigIntegerField()
        kept_at_ms = BigIntegerField()
        capture_id = BigIntegerField(null=True, unique=True)
        user_id = reference("crm_user", null=True, on_delete="CASCADE")
        gmail_id = CharField(max_length=64, null=True)

        class Meta:
            database = db
            legacy_table_names = False
            indexes = ((("location_id", "message_id_key", "id"), False), (("kept_at_ms", "id"), False))

    BounceReport.add_index(
        BounceReport.index(
            BounceReport.location_id,
            BounceReport.user_id,
            BounceReport.gmail_id,
            unique=True,
            name="bounce_report_of_mailbox",
            where=BounceReport.gmail_id.is_null(False),
        )
    )
    BounceReport.create_table(safe=False)

    class Reparse(Model):
        id = Id()
        done_up_to = BigIntegerField(default=0)
        up_to = BigIntegerField()
        captures_done_up_to = BigIntegerField(default=0)
        captures_up_to = BigIntegerField()
        read_count = IntegerField(default=0)
        changed_count = IntegerField(default=0)
        missing_count = IntegerField(default=0)
        started_at_ms = BigIntegerField()
        finished_at_ms = BigIntegerField(null=True)

        class Meta:
            database = db
            legacy_table_names = False

    # It holds only how far one has come: whoever was in the middle begins anew, which is harmless.
    Reparse.drop_table()
    Reparse.create_table(safe=False)
