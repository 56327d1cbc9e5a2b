"""How often a lane's runs have failed in a row."""

from peewee import Database
from playhouse.migrate import SchemaMigrator


def up(_migrator: SchemaMigrator, db: Database) -> None:
    db.execute_sql('ALTER TABLE "outbox_lane" ADD COLUMN "failures" INTEGER NOT NULL DEFAULT 0')
