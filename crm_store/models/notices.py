"""Mail of the product itself to its own users: what it is about, when it is due, and how much of it there was."""

from peewee import BigIntegerField, BlobField, CharField, Check, IntegerField, TextField

from crm_store.models.base import StoreModel
from crm_store.models.fields import one_of, reference
from crm_store.rules.notices import NoticeTopic


class WaitingNotice(StoreModel):
    """The latest mail about one thing: it is withdrawn while it waits, once that thing is over or told anew.

    subject_id: see NoticeTopic."""

    topic = CharField(max_length=16, constraints=[Check(one_of("topic", NoticeTopic))])
    subject_id = BigIntegerField()
    email_id = reference("email", on_delete="CASCADE")
    at_ms = BigIntegerField()

    class Meta:
        indexes = (
            (("topic", "subject_id"), True),
            (("email_id",), False),  # what goes with an e-mail that is erased
        )


class PendingIdentity(StoreModel):
    """An address that a user says is theirs, until the mail to it is answered. folded: as of an identity.

    token_hash: the SHA-256 of what the mail's link holds; where the address is somebody else's, of what nobody was
    told."""

    user_id = reference("crm_user", on_delete="CASCADE")
    address = TextField()
    folded = TextField()
    token_hash = BlobField(unique=True)
    asked_at_ms = BigIntegerField()
    ends_at_ms = BigIntegerField()

    class Meta:
        indexes = (
            (("user_id", "folded"), True),
            (("ends_at_ms",), False),  # what is over
        )


class QueueDigest(StoreModel):
    """When a member who decides about captures is next told what waits in the location's queue.

    next_at_ms: 0 for what is not planned yet: nothing is mailed then. last_day: the one that was told last, in their
    time zone."""

    location_id = reference("location", on_delete="CASCADE")
    user_id = reference("crm_user", on_delete="CASCADE")
    next_at_ms = BigIntegerField(default=0)
    last_day = CharField(max_length=10, null=True)

    class Meta:
        indexes = (
            (("user_id", "location_id"), True),
            (("location_id",), False),
            (("next_at_ms", "id"), False),
        )


class MailCount(StoreModel):
    """How many mails somebody asked for, or an address was sent, since began_at_ms. key_hash: who or which."""

    key_hash = BlobField(unique=True)
    mails = IntegerField()
    began_at_ms = BigIntegerField()

    class Meta:
        indexes = ((("began_at_ms",), False),)
