"""The class that every table's model has in common."""

from peewee import Model

from crm_store.database.engine import database
from crm_store.models.fields import Id


class StoreModel(Model):
    """A table of the CRM database. Times are UTC milliseconds since 1970, in columns that end in _at_ms."""

    id = Id()

    class Meta:
        database = database
        legacy_table_names = False
