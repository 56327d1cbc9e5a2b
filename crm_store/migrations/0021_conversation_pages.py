"""What pages of conversations ask: in which something is unread, and what is on its way into them."""

from peewee import Database
from playhouse.migrate import SchemaMigrator


def up(_migrator: SchemaMigrator, db: Database) -> None:
    db.execute_sql(
        'CREATE INDEX "conversation_unread" ON "conversation" ("location_id", "last_entry_at_ms", "id") '
        'WHERE (("last_entry_at_ms" IS NOT NULL) AND "unread_count" > 0)'
    )
    db.execute_sql(
        'CREATE INDEX "email_open" ON "email" ("location_id", "id") '
        "WHERE \"state\" IN ('waiting', 'sending', 'unknown', 'failed') AND \"kind\" <> 'notice'"
    )
