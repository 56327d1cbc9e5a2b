"""How far the derived data has been made again (crm_store/reparsing.py)."""

from peewee import BigIntegerField, IntegerField

from crm_store.models.base import StoreModel


class Reparse(StoreModel):
    """One going over all copies, and then over the captures that are no copy of anything, each up to the newest one of
    when it began. finished_at_ms: None while some are left."""

    done_up_to = BigIntegerField(default=0)
    up_to = BigIntegerField()
    captures_done_up_to = BigIntegerField(default=0)
    captures_up_to = BigIntegerField()
    read_count = IntegerField(default=0)
    changed_count = IntegerField(default=0)
    missing_count = IntegerField(default=0)
    started_at_ms = BigIntegerField()
    finished_at_ms = BigIntegerField(null=True)
