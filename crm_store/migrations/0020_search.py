"""What mail and contacts are found by. A frozen copy of the models as they were.

What is there already gets its words afterwards, a slice at a time (crm_store/search/filling.py)."""

from peewee import BigIntegerField, CharField, Check, Database, IntegerField, Model
from playhouse.migrate import SchemaMigrator

from crm_store.models.fields import Id, IdOf, WordsField, create_words_index, reference

_KINDS = "\"kind\" IN ('entry', 'contact')"


def up(_migrator: SchemaMigrator, db: Database) -> None:
    class Table(Model):
        class Meta:
            database = db
            legacy_table_names = False

    class SearchShelf(Table):
        id = Id()
        location_id = reference("location", on_delete="CASCADE")
        kind = CharField(max_length=8, constraints=[Check(_KINDS)])
        low_id = BigIntegerField()
        placed = IntegerField()

        class Meta:
            indexes = ((("location_id", "kind", "low_id"), True),)

    class EntryWords(Table):
        id = IdOf("entry")
        shelf_id = reference("search_shelf", on_delete="CASCADE")
        words = WordsField()

    class ContactWords(Table):
        id = IdOf("contact")
        shelf_id = reference("search_shelf", on_delete="CASCADE")
        words = WordsField()

    class SearchFill(Table):
        id = Id()
        kind = CharField(max_length=8, unique=True, constraints=[Check(_KINDS)])
        below_id = BigIntegerField()
        filled = BigIntegerField(default=0)
        finished_at_ms = BigIntegerField(null=True)

    for table in (SearchShelf, EntryWords, ContactWords, SearchFill):
        table.create_table(safe=False)
    create_words_index(db, "entry_words")
    create_words_index(db, "contact_words")
    for kind, newest in (("entry", "SELECT MAX(id) FROM entry"), ("contact", "SELECT MAX(id) FROM contact")):
        below_id = (db.execute_sql(newest).fetchone()[0] or 0) + 1
        SearchFill.create(kind=kind, below_id=below_id)
