"""What keeps a list, and a conversation that is read, as cheap with a million messages as with a thousand."""

from peewee import Database, SqliteDatabase
from playhouse.migrate import SchemaMigrator

# SQLite adds no column that must have a value and refers to a table; the table is written anew, in the words of Peewee.
_RECIPIENTS_ON_SQLITE = (
    'CREATE TABLE "recipient" ("id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, '
    '"capture_id" INTEGER NOT NULL REFERENCES "capture" ("id") ON DELETE CASCADE, '
    '"bcc_address_id" INTEGER NOT NULL REFERENCES "bcc_address" ("id") ON DELETE CASCADE, '
    '"user_id" INTEGER NOT NULL REFERENCES "crm_user" ("id") ON DELETE CASCADE, '
    '"location_id" INTEGER NOT NULL REFERENCES "location" ("id") ON DELETE CASCADE)',
    'INSERT INTO "recipient" SELECT r.id, r.capture_id, r.bcc_address_id, r.user_id, b.location_id '
    'FROM "capture_recipient" r JOIN "bcc_address" b ON b.id = r.bcc_address_id ORDER BY r.id',
    'DROP TABLE "capture_recipient"',
    'ALTER TABLE "recipient" RENAME TO "capture_recipient"',
    'CREATE UNIQUE INDEX "capture_recipient_capture_id_bcc_address_id" '
    'ON "capture_recipient" ("capture_id", "bcc_address_id")',
)
_RECIPIENTS_ON_POSTGRESQL = (
    # A table that has ten million rows is rewritten, once: by reading it from end to end, in some minutes.
    "SET LOCAL statement_timeout = 0",
    "SET LOCAL enable_seqscan = on",
    'DROP INDEX "capture_recipient_user_id_capture_id"',
    'ALTER TABLE "capture_recipient" ADD COLUMN "location_id" BIGINT REFERENCES "location" ("id") ON DELETE CASCADE',
    'UPDATE "capture_recipient" r SET "location_id" = b."location_id" FROM "bcc_address" b '
    'WHERE b."id" = r."bcc_address_id"',
    'ALTER TABLE "capture_recipient" ALTER COLUMN "location_id" SET NOT NULL',
)
_ON_BOTH = (
    'CREATE INDEX "capture_recipient_user_id_location_id_capture_id" '
    'ON "capture_recipient" ("user_id", "location_id", "capture_id")',
    'DROP INDEX "decision_gmail_id_id"',
    'CREATE INDEX "decision_of_gmail_id" ON "decision" ("gmail_id", "id") WHERE ("gmail_id" IS NOT NULL)',
    'ALTER TABLE "conversation" ADD COLUMN "read_up_to" {bigint} NOT NULL DEFAULT 0',
    'ALTER TABLE "conversation" ADD COLUMN "times_read" {bigint} NOT NULL DEFAULT 0',
    'ALTER TABLE "entry" ADD COLUMN "moved_after_reads" {bigint}',
)


def up(_migrator: SchemaMigrator, db: Database) -> None:
    on_sqlite = isinstance(db, SqliteDatabase)
    recipients = _RECIPIENTS_ON_SQLITE if on_sqlite else _RECIPIENTS_ON_POSTGRESQL
    for statement in (*recipients, *_ON_BOTH):
        db.execute_sql(statement.format(bigint="INTEGER" if on_sqlite else "BIGINT"))
