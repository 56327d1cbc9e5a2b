"""By which Google account somebody signs in here."""

from peewee import BigIntegerField, TextField

from crm_store.models.base import StoreModel
from crm_store.models.fields import reference


class GoogleLogin(StoreModel):
    """A user's one Google account for signing in. google_sub: who it is, whatever its address becomes."""

    user_id = reference("crm_user", on_delete="CASCADE")
    google_sub = TextField(unique=True)
    linked_at_ms = BigIntegerField()

    class Meta:
        indexes = ((("user_id",), True),)
