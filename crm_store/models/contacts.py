"""People outside, and their conversations."""

from peewee import SQL, BigIntegerField, BooleanField, CharField, Check, IntegerField, TextField

from crm_store.models.base import StoreModel
from crm_store.models.fields import one_of, reference
from crm_store.rules.states import ContactSource


class Contact(StoreModel):
    """A person outside, in one location. deleted_at_ms: hidden, and back on undo for 30 days (G1).

    merged_into_id: the contact that took this one's place; it is hidden for good, and imports follow it (G2). It counts
    as deleted from that moment on, so that whoever asks for living contacts asks one thing.

    photo_url: as Google tells it, "" where there is none (B15)."""

    location_id = reference("location", on_delete="CASCADE")
    name = TextField(default="")
    phone = TextField(default="")
    organization = TextField(default="")
    source = CharField(max_length=16, constraints=[Check(one_of("source", ContactSource))])
    created_at_ms = BigIntegerField()
    deleted_at_ms = BigIntegerField(null=True)
    merged_into_id = BigIntegerField(null=True)
    photo_url = TextField(default="", constraints=[SQL("DEFAULT ''")])


# The lists. Partial: a page costs the same whatever was deleted before it.
Contact.add_index(
    Contact.index(Contact.location_id, Contact.id, name="contact_living", where=Contact.deleted_at_ms.is_null())
)


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

    last_entry_at_ms: None while there is nothing to show, because all was un-logged (G3) or the contact is deleted
    (G1); then no list has it. thread_count: threads with something to show. times_read: how often somebody has
    read it all; read_up_to: the highest id that an entry had then. The counts are kept under the location's lock
    (crm_store/tabs.py)."""

    location_id = reference("location", on_delete="CASCADE")
    contact_id = reference("contact", on_delete="CASCADE")
    thread_count = IntegerField(default=0)
    unread_count = IntegerField(default=0, constraints=[Check('"unread_count" >= 0')])
    last_entry_at_ms = BigIntegerField(null=True)
    read_up_to = BigIntegerField(default=0, constraints=[SQL("DEFAULT 0")])
    times_read = BigIntegerField(default=0, constraints=[SQL("DEFAULT 0")])

    class Meta:
        indexes = ((("contact_id",), True),)


# The lists, as of contacts.
Conversation.add_index(
    Conversation.index(
        Conversation.location_id,
        Conversation.last_entry_at_ms,
        Conversation.id,
        name="conversation_shown",
        where=Conversation.last_entry_at_ms.is_null(False),
    )
)
Conversation.add_index(
    Conversation.index(
        Conversation.location_id,
        Conversation.last_entry_at_ms,
        Conversation.id,
        name="conversation_unread",
        where=Conversation.last_entry_at_ms.is_null(False) & SQL('"unread_count" > 0'),
    )
)


class Thread(StoreModel):
    """Messages that answer each other, inside one conversation (B9).

    last_entry_at_ms: None where all of it was un-logged. parted: half of what a person split; no message joins it with
    another thread by itself."""

    location_id = reference("location", on_delete="CASCADE")
    conversation_id = reference("conversation", on_delete="CASCADE")
    subject = TextField()
    created_at_ms = BigIntegerField()
    last_entry_at_ms = BigIntegerField(null=True)
    parted = BooleanField(default=False)

    class Meta:
        indexes = ((("conversation_id", "last_entry_at_ms", "id"), False),)
