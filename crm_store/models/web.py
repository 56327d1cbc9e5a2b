"""What people need to use the pages: sessions, failed sign-ins, the first run's link, who runs the installation."""

from peewee import BigIntegerField, BlobField, CharField, IntegerField

from crm_store.models.base import StoreModel
from crm_store.models.fields import reference


class WebSession(StoreModel):
    """A browser that somebody is signed in with. Only the SHA-256 of its cookie is here.

    agent: what the browser says it is. ends_at_ms: when it ends if nobody uses it until then."""

    token_hash = BlobField(unique=True)
    user_id = reference("crm_user", on_delete="CASCADE")
    agent = CharField(max_length=200)
    created_at_ms = BigIntegerField()
    seen_at_ms = BigIntegerField()
    ends_at_ms = BigIntegerField()

    class Meta:
        indexes = (
            (("user_id", "id"), False),  # the list of one's own
            (("ends_at_ms",), False),  # what is over
        )


class SignInCount(StoreModel):
    """How often signing in failed of late: to one account, or from one network. key_hash: of which; what people type
    into the field for the e-mail is kept nowhere. waits_until_ms: nothing is looked at before; 0: at once."""

    key_hash = BlobField(unique=True)
    failures = IntegerField()
    waits_until_ms = BigIntegerField(default=0)
    last_at_ms = BigIntegerField()

    class Meta:
        indexes = ((("last_at_ms",), False),)


class FirstRunLink(StoreModel):
    """The link by which an installation that has no user gets its first one. Only the SHA-256 of its token is here."""

    token_hash = BlobField(unique=True)
    created_at_ms = BigIntegerField()


class InstallationAdmin(StoreModel):
    """Who, signed in, may do what an --admin token may."""

    user_id = reference("crm_user", on_delete="CASCADE")
    created_at_ms = BigIntegerField()

    class Meta:
        indexes = ((("user_id",), True),)
