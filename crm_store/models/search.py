"""What mail and contacts are found by."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from peewee import BigIntegerField, CharField, Check, IntegerField, Model

from crm_store.database.engine import database
from crm_store.models.base import StoreModel
from crm_store.models.fields import IdOf, WordsField, create_words_index, one_of, reference


class Searchable(StrEnum):
    """What has words."""

    ENTRY = "entry"
    CONTACT = "contact"


class SearchShelf(StoreModel):
    """Some thousands of a location's entries, or contacts, that came one after the other. Each word in the index is a
    word on a shelf: so what one question costs, on one shelf, does not grow with the location or with others.

    low_id: no item on it has a lower id, and none on the next older shelf one as high. placed: how many were put on it
    in all."""

    location_id = reference("location", on_delete="CASCADE")
    kind = CharField(max_length=8, constraints=[Check(one_of("kind", Searchable))])
    low_id = BigIntegerField()
    placed = IntegerField()

    class Meta:
        indexes = ((("location_id", "kind", "low_id"), True),)


class _Words(Model):
    """The words of one item, whose id is the row's: each once, with its shelf."""

    shelf_id = reference("search_shelf", on_delete="CASCADE")
    words = WordsField()

    class Meta:
        database = database
        legacy_table_names = False

    @classmethod
    def create_table(cls, safe: bool = True, **options: Any) -> None:  # Any: as peewee's
        super().create_table(safe=safe, **options)
        create_words_index(cls._meta.database, cls._meta.table_name)


class EntryWords(_Words):
    """Of an entry, un-logged or not: who asks sees to that."""

    id = IdOf("entry")


class ContactWords(_Words):
    """Of a contact, living or not."""

    id = IdOf("contact")


class SearchFill(StoreModel):
    """How far what was there before search has got its words: newest first. below_id: what is left has a lower id."""

    kind = CharField(max_length=8, unique=True, constraints=[Check(one_of("kind", Searchable))])
    below_id = BigIntegerField()
    filled = BigIntegerField(default=0)
    finished_at_ms = BigIntegerField(null=True)
