"""Backfill on request (A6): how far it is, what waits for it; and what each mailbox sent, for the daily limit (E3)."""

from peewee import BigIntegerField, Database, TextField
from playhouse.migrate import SchemaMigrator, migrate


def up(migrator: SchemaMigrator, db: Database) -> None:
    migrate(
        migrator.add_column("mailbox", "backfill_since_ms", BigIntegerField(null=True)),
        migrator.add_column("mailbox", "backfill_page", TextField(null=True)),
        migrator.add_column("mailbox", "backfill_total", BigIntegerField(null=True)),
        migrator.add_column("mailbox", "backfill_done", BigIntegerField(null=True)),
        migrator.add_column("gmail_message", "backfill_at_ms", BigIntegerField(null=True)),
        migrator.add_column("gmail_message", "sent_at_ms", BigIntegerField(null=True)),
    )
    for name, column, more in (("backfill", "backfill_at_ms", ', "id"'), ("sent", "sent_at_ms", "")):
        db.execute_sql(
            f'CREATE INDEX "gmail_message_{name}" ON "gmail_message" ("mailbox_id", "{column}"{more})'
            f' WHERE ("{column}" IS NOT NULL)'
        )
