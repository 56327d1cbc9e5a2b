"""Addresses and domains that a location, or a user for their own paths, allows, blocks or never logs."""

from peewee import BigIntegerField, CharField, Check, TextField

from crm_store.models.base import StoreModel
from crm_store.models.fields import one_of, reference
from crm_store.rules.states import SenderList


class ListedSender(StoreModel):
    """One pattern. normal: a normalised address, or "@" and a domain as A-labels. A user's own are never-log ones."""

    location_id = reference("location", null=True, on_delete="CASCADE")
    user_id = reference("crm_user", null=True, on_delete="CASCADE")
    kind = CharField(max_length=16, constraints=[Check(one_of("kind", SenderList))])
    pattern = TextField()
    normal = TextField()
    created_at_ms = BigIntegerField()

    class Meta:
        constraints = (Check('("location_id" IS NULL) <> ("user_id" IS NULL)'),)
        indexes = (
            (("location_id", "kind", "normal"), True),
            (("user_id", "kind", "normal"), True),
            (("location_id", "kind", "id"), False),
            (("user_id", "kind", "id"), False),
        )
