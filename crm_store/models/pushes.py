"""What Google is asked to tell at once, and what it told."""

from peewee import BigIntegerField, BooleanField, CharField, IntegerField

from crm_store.models.base import StoreModel
from crm_store.models.fields import reference


class MailboxWatch(StoreModel):
    """Gmail's watch over one mailbox, and the latest push of it. Made by whichever comes first.

    epoch: the connection's when the watch was begun: after a new sign-in it is begun anew; 0 before the first.
    renew_at_ms: when to ask for it again. until_ms: when it ends, by Google's clock; None while there is none.
    is_refused: Google does not give us one; mail is found by polling.
    pushed_at_ms: when the latest push came. history_id: the highest that a push named, 20 digits."""

    mailbox_id = reference("mailbox", on_delete="CASCADE")
    epoch = IntegerField(default=0)
    renew_at_ms = BigIntegerField(default=0)
    until_ms = BigIntegerField(null=True)
    is_refused = BooleanField(default=False)
    pushed_at_ms = BigIntegerField(default=0)
    history_id = CharField(max_length=20, default="")

    class Meta:
        table_name = "mailbox_watch"
        indexes = ((("mailbox_id",), True),)
