"""What people write and have not sent yet."""

from peewee import SQL, BigIntegerField, BooleanField, CharField, IntegerField, TextField

from crm_store.models.base import StoreModel
from crm_store.models.fields import blob_reference, reference


class Draft(StoreModel):
    """key: unguessable, made with the page on which it began: saving it twice makes one draft.

    to, cc, bcc: as they were typed. quote: what is answered or passed on, as it will stand below the text; with_quote:
    whether it will. from_address: "" for the account's.
    email_id: of what it was sent as; taken back (E7), it is a draft again. discarded_at_ms: None while it is wanted.
    erase_at_ms: when nobody will miss it any more."""

    location_id = reference("location", on_delete="CASCADE")
    user_id = reference("crm_user", on_delete="CASCADE")
    key = CharField(max_length=43)
    reply_to_entry_id = BigIntegerField(null=True)
    from_address = TextField(default="")
    to = TextField(default="")
    cc = TextField(default="")
    bcc = TextField(default="")
    subject = TextField(default="")
    text = TextField(default="")
    quote = TextField(default="")
    with_quote = BooleanField(default=True)
    created_at_ms = BigIntegerField()
    changed_at_ms = BigIntegerField()
    email_id = reference("email", null=True, on_delete="CASCADE")
    discarded_at_ms = BigIntegerField(null=True)
    erase_at_ms = BigIntegerField()

    class Meta:
        indexes = ((("user_id", "key"), True), (("erase_at_ms", "id"), False))


# The list of one's own; a literal, as in the query.
OPEN = SQL('"email_id" IS NULL AND "discarded_at_ms" IS NULL')
Draft.add_index(Draft.index(Draft.location_id, Draft.user_id, Draft.id, name="draft_open", where=OPEN))
# What becomes of it when its e-mail is erased, and the way back from an e-mail to what it was written as.
Draft.add_index(Draft.index(Draft.email_id, name="draft_of_email", where=Draft.email_id.is_null(False)))


class DraftFile(StoreModel):
    """One attachment. position: their order."""

    draft_id = reference("draft", on_delete="CASCADE")
    position = IntegerField()
    name = TextField()
    content_type = TextField()
    size_bytes = BigIntegerField()
    blob_sha256 = blob_reference()

    class Meta:
        # May this blob be deleted?
        indexes = ((("draft_id", "position"), True), (("blob_sha256",), False))
