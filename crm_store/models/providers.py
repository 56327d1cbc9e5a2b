"""By what a location sends its bulk and automated mail (E2)."""

from peewee import BigIntegerField, CharField, Check, IntegerField, TextField

from crm_store.models.base import StoreModel
from crm_store.models.fields import one_of, reference
from crm_store.rules.provider import ProviderTls


class LocationProvider(StoreModel):
    """A location's one SMTP relay. login, password: None where it asks for none; the password is sealed.

    per_minute: None for no limit. from_address: who bulk, automated mail and notices are from, None for their user.
    free_from_ms: the rate, over all processes: when the next mail may go."""

    location_id = reference("location", on_delete="CASCADE")
    host = TextField()
    port = IntegerField()
    tls = CharField(max_length=8, constraints=[Check(one_of("tls", ProviderTls))])
    login = TextField(null=True)
    password = TextField(null=True)
    per_minute = IntegerField(null=True)
    from_address = TextField(null=True)
    free_from_ms = BigIntegerField(default=0)
    changed_at_ms = BigIntegerField()

    class Meta:
        indexes = ((("location_id",), True),)
