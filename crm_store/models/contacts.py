"""People outside, and their conversations."""

from peewee import BigIntegerField, CharField, Check, IntegerField, TextField

from crm_store.models.base import StoreModel
from crm_store.models.fields import one_of, reference
from crm_store.rules.states import ContactSource


class Contact(StoreModel):
    """A person outside, in one location. deleted_at_ms: hidden, and back on undo for 30 days (G1).

    merged_into_id: the contact that took this one's place; it is hidden for good, and imports follow it (G2)."""

    location_id = reference("location", on_delete="CASCADE")
    name = TextField(default="")
    phone = TextField(default="")
    organization = TextField(default="")
    source = CharField(max_length=16, constraints=[Check(one_of("source", ContactSource))])
    created_at_ms = BigIntegerField()
    deleted_at_ms = BigIntegerField(null=True)
    merged_into_id = BigIntegerField(null=True)

    class Meta:
        indexes = ((("location_id", "id"), False),)


class ContactAddress(StoreModel):
    """One address of a contact. normal: the form it is looked up by; two contacts of a location may share it (B11)."""

    contact_id = reference("contact", on_delete="CASCADE")
    location_id = reference("location", on_delete="CASCADE")
    address = TextField()
    normal = TextField()

    class Meta:
        indexes = (
            (("contact_id", "normal"), True),
            (("location_id", "normal", "contact_id"), False),
        )


class Conversation(StoreModel):
    """A contact's tab: all its mail in one location.

    The counts are kept by whoever files, under the location's lock."""

    location_id = reference("location", on_delete="CASCADE")
    contact_id = reference("contact", on_delete="CASCADE")
    thread_count = IntegerField(default=0)
    unread_count = IntegerField(default=0, constraints=[Check('"unread_count" >= 0')])
    last_entry_at_ms = BigIntegerField()

    class Meta:
        indexes = (
            (("contact_id",), True),
            (("location_id", "last_entry_at_ms", "id"), False),
        )


class Thread(StoreModel):
    """Messages that answer each other, inside one conversation (B9)."""

    location_id = reference("location", on_delete="CASCADE")
    conversation_id = reference("conversation", on_delete="CASCADE")
    subject = TextField()
    created_at_ms = BigIntegerField()
    last_entry_at_ms = BigIntegerField()

    class Meta:
        indexes = ((("conversation_id", "last_entry_at_ms", "id"), False),)
