"""Contacts of Google accounts: how far they have been read, and who of them is which contact (B15)."""

from peewee import BigIntegerField, BlobField, CharField, IntegerField, JSONField, TextField

from crm_store.models.base import StoreModel
from crm_store.models.fields import reference


class ContactImport(StoreModel):
    """How far the contacts of one connection's account have been read. There is one for each connection.

    sync_token: what Google is asked for the changes since; None: everybody is read. page_token: where that goes on;
    None at its beginning. next_run_at_ms: when it is to be looked at; None where it is not (any more).
    lease_holder: the run that has it, from being handed out, until lease_until_ms. attempts: runs in a row that failed.
    problem: a word of ConnectionProblem for its user; None where all is well."""

    connection_id = reference("connection", on_delete="CASCADE")
    sync_token = TextField(null=True)
    page_token = TextField(null=True)
    next_run_at_ms = BigIntegerField(null=True)
    lease_holder = CharField(max_length=32, null=True)
    lease_until_ms = BigIntegerField(default=0)
    attempts = IntegerField(default=0)
    problem = CharField(max_length=64, null=True)

    class Meta:
        indexes = ((("connection_id",), True),)


# Partial, as of mailboxes.
ContactImport.add_index(
    ContactImport.index(
        ContactImport.next_run_at_ms,
        ContactImport.id,
        name="contact_import_due",
        where=ContactImport.next_run_at_ms.is_null(False),
    )
)


class ImportedPerson(StoreModel):
    """Somebody among an account's contacts, and the location's contact that it is. It outlives the connection: who was
    deleted here is not brought back by connecting again.

    resource: Google's name for it. digest: SHA-256 of what Google told last, so that nothing is done twice.
    name … addresses: what it brought to the contact (rules.contact_import.Imported)."""

    location_id = reference("location", on_delete="CASCADE")
    google_sub = TextField()
    resource = TextField()
    contact_id = reference("contact", on_delete="CASCADE")
    digest = BlobField()
    name = TextField(default="")
    phone = TextField(default="")
    organization = TextField(default="")
    photo_url = TextField(default="")
    addresses = JSONField()

    class Meta:
        indexes = (
            (("location_id", "google_sub", "resource"), True),
            (("contact_id",), False),
        )


class MergeSuggestion(StoreModel):
    """Two contacts of a location that one person's addresses belong to. contact_id: the one with the lower id.

    dismissed_at_ms: somebody said that they are two people; the row stays, so that no import says it again."""

    location_id = reference("location", on_delete="CASCADE")
    contact_id = reference("contact", on_delete="CASCADE")
    other_id = reference("contact", on_delete="CASCADE")
    created_at_ms = BigIntegerField()
    dismissed_at_ms = BigIntegerField(null=True)

    class Meta:
        indexes = (
            (("contact_id", "other_id"), True),
            (("other_id",), False),
        )


# The list. Partial: a page costs the same whatever was dismissed before it.
MergeSuggestion.add_index(
    MergeSuggestion.index(
        MergeSuggestion.location_id,
        MergeSuggestion.id,
        name="merge_suggestion_open",
        where=MergeSuggestion.dismissed_at_ms.is_null(),
    )
)
