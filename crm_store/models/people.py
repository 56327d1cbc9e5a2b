"""Who works here: locations, users, their memberships, identities and tokens."""

from peewee import BigIntegerField, BlobField, BooleanField, CharField, Check, IntegerField, JSONField, TextField

from crm_store.models.base import StoreModel
from crm_store.models.fields import one_of, reference
from crm_store.rules.states import IdentityOrigin, Role


class Location(StoreModel):
    """A sub-account: the tenant. Contacts, conversations, settings and BCC addresses belong to one."""

    name = TextField()
    locale = CharField(max_length=16, default="en")
    time_zone = CharField(max_length=64, default="UTC")
    retention_days = IntegerField(default=30, constraints=[Check('"retention_days" BETWEEN 1 AND 3650')])  # D4
    bcc_grace_days = IntegerField(default=30, constraints=[Check('"bcc_grace_days" BETWEEN 0 AND 3650')])  # C1
    own_domains = JSONField(default=list)  # Words: author
    read_state_sync = BooleanField(default=False)  # B14
    own_provider_for_individual = BooleanField(default=False)  # E8
    created_at_ms = BigIntegerField()


class User(StoreModel):
    """A person who works in the CRM. email is the login as typed; email_normal the form in which it is unique."""

    email = TextField()
    email_normal = TextField(unique=True)
    name = TextField()
    password_hash = TextField(null=True)  # argon2id; None: cannot sign in by password
    locale = CharField(max_length=16, null=True)  # None: the browser's
    time_zone = CharField(max_length=64, null=True)  # None: the location's
    signature = TextField(default="")
    undo_s = IntegerField(default=10, constraints=[Check('"undo_s" BETWEEN 0 AND 120')])  # E7
    created_at_ms = BigIntegerField()
    digest_off_at_ms = BigIntegerField(null=True)  # None: what waits in a queue of theirs is mailed once a day

    class Meta:
        table_name = "crm_user"  # "user" is a reserved word of PostgreSQL


class Membership(StoreModel):
    """A user's place in one location.

    left_at_ms: set for who left; their addresses stay internal for 90 days (G4)."""

    user_id = reference("crm_user", on_delete="CASCADE")
    location_id = reference("location", on_delete="CASCADE")
    role = CharField(max_length=16, constraints=[Check(one_of("role", Role))])
    created_at_ms = BigIntegerField()
    left_at_ms = BigIntegerField(null=True)

    class Meta:
        indexes = (
            (("user_id", "location_id"), True),  # one role a location; also "where is this user a member"
            (("location_id", "id"), False),  # the members' list
        )


class Identity(StoreModel):
    """An address that is the user. folded: without +tag, without dots at Gmail (Words: identity)."""

    user_id = reference("crm_user", on_delete="CASCADE")
    address = TextField()
    folded = TextField()
    origin = CharField(max_length=16, constraints=[Check(one_of("origin", IdentityOrigin))])
    created_at_ms = BigIntegerField()

    class Meta:
        indexes = (
            (("user_id", "folded"), True),
            (("folded", "user_id"), False),  # B5: which parties of a mail are internal
        )


class ApiToken(StoreModel):
    """A bearer token; only its SHA-256 is here. is_admin: it also makes locations and users."""

    user_id = reference("crm_user", on_delete="CASCADE")
    token_hash = BlobField(unique=True)
    is_admin = BooleanField(default=False)
    created_at_ms = BigIntegerField()
    revoked_at_ms = BigIntegerField(null=True)

    class Meta:
        indexes = ((("user_id",), False),)
