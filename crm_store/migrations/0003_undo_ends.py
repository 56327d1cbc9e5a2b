"""What is to be forgotten when its undo ends is found without a look at what has none."""

from peewee import Database
from playhouse.migrate import SchemaMigrator


def up(_migrator: SchemaMigrator, db: Database) -> None:
    db.execute_sql('CREATE INDEX "capture_undoable" ON "capture" ("decided_at_ms", "id") WHERE ("undo" IS NOT NULL)')
