"""Mail that is recorded: each message once, its copies, and where it appears."""

from peewee import (
    BigIntegerField,
    BlobField,
    BooleanField,
    CharField,
    Check,
    CompositeKey,
    IntegerField,
    JSONField,
    Model,
    SmallIntegerField,
    TextField,
)

from crm_store.database.engine import database
from crm_store.models.base import StoreModel
from crm_store.models.fields import blob_reference, one_of, reference
from crm_store.rules.states import AttachmentState, Automatic, DeliveryState, Direction, Path


class Blob(Model):
    """Raw bytes that the blob store holds under their SHA-256. The row exists only once the bytes are on disk."""

    sha256 = BlobField(primary_key=True)
    size_bytes = BigIntegerField()
    stored_at_ms = BigIntegerField()

    class Meta:
        database = database
        legacy_table_names = False


class BlobErasure(Model):
    """A blob that may have lost its last reference. Written by whoever takes one away, in the same transaction; a sweep
    deletes the bytes if nobody needs them. So a crash between the two keeps nothing that may not be kept."""

    sha256 = BlobField(primary_key=True)

    class Meta:
        database = database
        legacy_table_names = False


class Message(StoreModel):
    """One RFC 5322 message, whatever way it came and however many locations show it (C9).

    identity: SHA-256 over Message-ID, author and Date; without a Message-ID over author, Date, subject and text.
    variant: 0, or counting up for messages of other text under the same identity.
    message_id_key: the first 16 octets of the Message-ID's SHA-256, by which answers find it."""

    identity = BlobField()
    variant = SmallIntegerField(default=0)
    message_id = TextField(null=True)
    message_id_key = BlobField(null=True)
    sent_at_ms = BigIntegerField(null=True)
    created_at_ms = BigIntegerField()

    class Meta:
        indexes = (
            (("identity", "variant"), True),  # what makes C8 true when two paths bring it in the same millisecond
            (("message_id_key",), False),
        )


class MessageContent(StoreModel):
    """What a reader sees of a message in one rendering of it. A copy with other bytes but equal meaning shares it.

    A location sees only the contents of its own sightings: a footer or a recipient that only another location's copy
    names is not shown to it. digest: SHA-256 over all that is shown."""

    message_id = reference("message", on_delete="CASCADE")
    digest = BlobField()
    subject = TextField()
    author_name = TextField()
    author_address = TextField()
    to = JSONField()
    cc = JSONField()
    text = TextField()
    has_html = BooleanField()
    problems = JSONField()

    class Meta:
        indexes = ((("message_id", "digest"), True),)


class Sighting(StoreModel):
    """One copy of a message as one path brought it for one location, and what that copy alone tells."""

    message_id = reference("message", on_delete="CASCADE")
    content_id = reference("message_content")
    location_id = reference("location", on_delete="CASCADE")
    path = CharField(max_length=8, constraints=[Check(one_of("path", Path))])
    capture_id = BigIntegerField(null=True, unique=True)  # F2: a capture that is tried again is still one sighting
    user_id = reference("crm_user", null=True)  # whose mailbox it was seen in
    gmail_id = CharField(max_length=64, null=True)
    blob_sha256 = blob_reference()
    bcc = JSONField(default=list)
    seen_at_ms = BigIntegerField()

    class Meta:
        indexes = (
            (("message_id", "location_id"), False),
            (("content_id",), False),
            (("blob_sha256",), False),  # may this blob be deleted?
        )


# B16: a message of a mailbox that is seen again is the same sighting.
Sighting.add_index(
    Sighting.index(
        Sighting.location_id,
        Sighting.user_id,
        Sighting.gmail_id,
        unique=True,
        name="sighting_of_mailbox",
        where=Sighting.gmail_id.is_null(False),
    )
)


class Attachment(StoreModel):
    """A file in one copy. position: where the reader finds it again in that copy's raw bytes."""

    sighting_id = reference("sighting", on_delete="CASCADE")
    location_id = reference("location", on_delete="CASCADE")
    position = IntegerField()
    name = TextField()
    content_type = TextField()
    size_bytes = BigIntegerField()
    content_id = TextField(null=True)
    inline = BooleanField()
    state = CharField(max_length=16, constraints=[Check(one_of("state", AttachmentState))])

    class Meta:
        indexes = ((("sighting_id", "position"), True),)


class Entry(StoreModel):
    """The appearance of a message in a conversation.

    sighting_id: the copy that is shown. at_ms: when it was sent, but never later than it was seen.
    removed_at_ms: un-logged; the row stays as a tombstone that no path revives (G3).
    unread: somebody is to read it, unless its conversation was read since (crm_store/tabs.py).
    moved_after_reads: how often its conversation had been read when it was moved there, or marked unread anew (B14);
    None where it was filed."""

    location_id = reference("location", on_delete="CASCADE")
    message_id = reference("message")
    conversation_id = reference("conversation", on_delete="CASCADE")
    thread_id = reference("thread")
    sighting_id = reference("sighting")
    direction = CharField(max_length=8, constraints=[Check(one_of("direction", Direction))])
    paths = SmallIntegerField(constraints=[Check('"paths" BETWEEN 1 AND 7')])
    rule = CharField(max_length=8)
    at_ms = BigIntegerField()
    recorded_at_ms = BigIntegerField()
    unread = BooleanField(default=False)
    automatic = CharField(max_length=16, null=True, constraints=[Check(one_of("automatic", Automatic))])  # C7
    new_author = BooleanField(default=False)  # B9: an author who is new to the thread
    duplicate_id = BooleanField(default=False)  # C9: another message of this location has the same Message-ID
    removed_at_ms = BigIntegerField(null=True)
    moved_after_reads = BigIntegerField(null=True)

    class Meta:
        indexes = (
            (("location_id", "message_id"), True),  # C8: one entry a location, whatever came first
            (("message_id",), False),
            (("sighting_id",), False),  # may this sighting be deleted?
            (("conversation_id", "at_ms", "id"), False),
            (("thread_id", "at_ms", "id"), False),
        )


class Undelivered(StoreModel):
    """A recipient whom an entry's message did not reach, as a mail system said (C7).

    address: as the mail names it. normal: the same as recipients are compared. status: an enhanced status code (RFC
    3463), "" where none was told. cause: a word of mail.automatic.cause.Cause, or of a newer version's.
    told_at_ms: when the bounce was sent by its own word, but never later than it was seen."""

    entry_id = reference("entry", on_delete="CASCADE")
    address = TextField()
    normal = TextField()
    state = CharField(max_length=8, constraints=[Check(one_of("state", DeliveryState))])
    status = CharField(max_length=16)
    cause = CharField(max_length=32)
    told_at_ms = BigIntegerField()

    class Meta:
        indexes = ((("entry_id", "normal"), True),)  # a bounce that is seen twice tells nothing new


class BounceReport(StoreModel):
    """What a bounce said of one mail, kept for a while: that mail may be recorded after it, or another copy of it (C7).

    It tells nothing of a mail that is not recorded (B4): each recipient is a hash together with the mail's Message-ID,
    of which only the key is here. told: [hashes of the names of one recipient, state, status, cause] of each.
    told_at_ms: as Undelivered.told_at_ms. capture_id: of the bounce by the BCC path; user_id, gmail_id: by the Gmail
    path, whose mailbox, and which of its messages."""

    location_id = reference("location", on_delete="CASCADE")
    message_id_key = BlobField()
    told = JSONField()
    told_at_ms = BigIntegerField()
    kept_at_ms = BigIntegerField()
    capture_id = BigIntegerField(null=True, unique=True)
    user_id = reference("crm_user", null=True, on_delete="CASCADE")
    gmail_id = CharField(max_length=64, null=True)

    class Meta:
        indexes = (
            (("location_id", "message_id_key", "id"), False),
            (("kept_at_ms", "id"), False),  # whose time is over
        )


# A bounce of a mailbox that is seen again tells nothing new.
BounceReport.add_index(
    BounceReport.index(
        BounceReport.location_id,
        BounceReport.user_id,
        BounceReport.gmail_id,
        unique=True,
        name="bounce_report_of_mailbox",
        where=BounceReport.gmail_id.is_null(False),
    )
)


class ThreadReference(Model):
    """A Message-ID that belongs to a thread: an entry's own, or one that an entry refers to (B9)."""

    location_id = reference("location", on_delete="CASCADE")
    message_id_key = BlobField()
    thread_id = reference("thread", on_delete="CASCADE")

    class Meta:
        database = database
        legacy_table_names = False
        primary_key = CompositeKey("location_id", "message_id_key", "thread_id")
        indexes = ((("thread_id",), False),)


class ThreadParty(Model):
    """Somebody who wrote or got a message of a thread: B2 and C5 ask whether they are in the talk."""

    thread_id = reference("thread", on_delete="CASCADE")
    normal = TextField()

    class Meta:
        database = database
        legacy_table_names = False
        primary_key = CompositeKey("thread_id", "normal")
