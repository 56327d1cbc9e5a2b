"""The list of conversations in which something is unread, at the cost of a page."""

from peewee import Database
from playhouse.migrate import SchemaMigrator


def up(_migrator: SchemaMigrator, db: Database) -> None:
    db.execute_sql(
        'CREATE INDEX "conversation_unread" ON "conversation" ("location_id", "last_entry_at_ms", "id") '
        'WHERE (("last_entry_at_ms" IS NOT NULL) AND "unread_count" > 0)'
    )
