"""What was done with one thing (D1: a capture's history) is found without reading the location's whole audit log."""

from peewee import Database
from playhouse.migrate import SchemaMigrator, migrate


def up(migrator: SchemaMigrator, _db: Database) -> None:
    migrate(migrator.add_index("audit", ("location_id", "subject", "id"), unique=False))
