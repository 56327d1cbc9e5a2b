"""The first schema. A frozen copy of the models as they were: it stays as it is when they move on."""

from peewee import (
    SQL,
    BigIntegerField,
    BlobField,
    BooleanField,
    CharField,
    Check,
    CompositeKey,
    Database,
    IntegerField,
    JSONField,
    Model,
    SmallIntegerField,
    TextField,
)
from playhouse.migrate import SchemaMigrator

from crm_store.models.fields import Id, blob_reference, reference


def up(_migrator: SchemaMigrator, db: Database) -> None:
    class Table(Model):
        class Meta:
            database = db
            legacy_table_names = False

    class NumberedTable(Table):
        id = Id()

    class Location(NumberedTable):
        name = TextField()
        locale = CharField(max_length=16, default="en")
        time_zone = CharField(max_length=64, default="UTC")
        retention_days = IntegerField(default=30, constraints=[Check('"retention_days" BETWEEN 1 AND 3650')])
        bcc_grace_days = IntegerField(default=30, constraints=[Check('"bcc_grace_days" BETWEEN 0 AND 3650')])
        own_domains = JSONField(default=list)
        read_state_sync = BooleanField(default=False)
        own_provider_for_individual = BooleanField(default=False)
        created_at_ms = BigIntegerField()

    class User(NumberedTable):
        email = TextField()
        email_normal = TextField(unique=True)
        name = TextField()
        password_hash = TextField(null=True)
        locale = CharField(max_length=16, null=True)
        time_zone = CharField(max_length=64, null=True)
        signature = TextField(default="")
        undo_s = IntegerField(default=10, constraints=[Check('"undo_s" BETWEEN 0 AND 120')])
        created_at_ms = BigIntegerField()

        class Meta:
            table_name = "crm_user"

    class Membership(NumberedTable):
        user_id = reference("crm_user", on_delete="CASCADE")
        location_id = reference("location", on_delete="CASCADE")
        role = CharField(max_length=16, constraints=[Check("\"role\" IN ('user', 'operator', 'admin')")])
        created_at_ms = BigIntegerField()
        left_at_ms = BigIntegerField(null=True)

        class Meta:
            indexes = ((("user_id", "location_id"), True), (("location_id", "id"), False))

    class Identity(NumberedTable):
        user_id = reference("crm_user", on_delete="CASCADE")
        address = TextField()
        folded = TextField()
        origin = CharField(max_length=16, constraints=[Check("\"origin\" IN ('login', 'alias', 'gmail', 'send_as')")])
        created_at_ms = BigIntegerField()

        class Meta:
            indexes = ((("user_id", "folded"), True), (("folded", "user_id"), False))

    class ApiToken(NumberedTable):
        user_id = reference("crm_user", on_delete="CASCADE")
        token_hash = BlobField(unique=True)
        is_admin = BooleanField(default=False)
        created_at_ms = BigIntegerField()
        revoked_at_ms = BigIntegerField(null=True)

        class Meta:
            indexes = ((("user_id",), False),)

    class BccAddress(NumberedTable):
        location_id = reference("location", on_delete="CASCADE")
        user_id = reference("crm_user", on_delete="CASCADE")
        address = TextField(unique=True)
        created_at_ms = BigIntegerField()
        works_until_ms = BigIntegerField(null=True)
        shown_at_ms = BigIntegerField(null=True)
        last_capture_at_ms = BigIntegerField(null=True)
        version = BigIntegerField(unique=True)

        class Meta:
            indexes = ((("location_id", "user_id", "id"), False),)

    BccAddress.add_index(
        BccAddress.index(
            BccAddress.location_id,
            BccAddress.user_id,
            unique=True,
            name="bcc_address_current",
            where=BccAddress.works_until_ms.is_null(),
        )
    )

    class AddressBookVersion(NumberedTable):
        version = BigIntegerField(default=0)

    class Contact(NumberedTable):
        location_id = reference("location", on_delete="CASCADE")
        name = TextField(default="")
        phone = TextField(default="")
        organization = TextField(default="")
        source = CharField(max_length=16, constraints=[Check("\"source\" IN ('crm', 'bcc', 'google', 'capture')")])
        created_at_ms = BigIntegerField()
        deleted_at_ms = BigIntegerField(null=True)
        merged_into_id = BigIntegerField(null=True)

    Contact.add_index(
        Contact.index(Contact.location_id, Contact.id, name="contact_living", where=Contact.deleted_at_ms.is_null())
    )

    class ContactAddress(NumberedTable):
        contact_id = reference("contact", on_delete="CASCADE")
        location_id = reference("location", on_delete="CASCADE")
        address = TextField()
        normal = TextField()

        class Meta:
            indexes = ((("contact_id", "normal"), True), (("location_id", "normal", "contact_id"), False))

    class Conversation(NumberedTable):
        location_id = reference("location", on_delete="CASCADE")
        contact_id = reference("contact", on_delete="CASCADE")
        thread_count = IntegerField(default=0)
        unread_count = IntegerField(default=0, constraints=[Check('"unread_count" >= 0')])
        last_entry_at_ms = BigIntegerField(null=True)

        class Meta:
            indexes = ((("contact_id",), True),)

    Conversation.add_index(
        Conversation.index(
            Conversation.location_id,
            Conversation.last_entry_at_ms,
            Conversation.id,
            name="conversation_shown",
            where=Conversation.last_entry_at_ms.is_null(False),
        )
    )

    class Thread(NumberedTable):
        location_id = reference("location", on_delete="CASCADE")
        conversation_id = reference("conversation", on_delete="CASCADE")
        subject = TextField()
        created_at_ms = BigIntegerField()
        last_entry_at_ms = BigIntegerField(null=True)
        parted = BooleanField(default=False)

        class Meta:
            indexes = ((("conversation_id", "last_entry_at_ms", "id"), False),)

    class Blob(Table):
        sha256 = BlobField(primary_key=True)
        size_bytes = BigIntegerField()
        stored_at_ms = BigIntegerField()

    class BlobErasure(Table):
        sha256 = BlobField(primary_key=True)

    class Message(NumberedTable):
        identity = BlobField()
        variant = SmallIntegerField(default=0)
        message_id = TextField(null=True)
        message_id_key = BlobField(null=True)
        sent_at_ms = BigIntegerField(null=True)
        created_at_ms = BigIntegerField()

        class Meta:
            indexes = ((("identity", "variant"), True), (("message_id_key",), False))

    class MessageContent(NumberedTable):
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

    class Sighting(NumberedTable):
        message_id = reference("message", on_delete="CASCADE")
        content_id = reference("message_content")
        location_id = reference("location", on_delete="CASCADE")
        path = CharField(max_length=8, constraints=[Check("\"path\" IN ('bcc', 'gmail', 'crm')")])
        capture_id = BigIntegerField(null=True, unique=True)
        user_id = reference("crm_user", null=True)
        gmail_id = CharField(max_length=64, null=True)
        blob_sha256 = blob_reference()
        bcc = JSONField(default=list)
        seen_at_ms = BigIntegerField()

        class Meta:
            indexes = ((("message_id", "location_id"), False), (("content_id",), False), (("blob_sha256",), False))

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

    class Attachment(NumberedTable):
        sighting_id = reference("sighting", on_delete="CASCADE")
        location_id = reference("location", on_delete="CASCADE")
        position = IntegerField()
        name = TextField()
        content_type = TextField()
        size_bytes = BigIntegerField()
        content_id = TextField(null=True)
        inline = BooleanField()
        state = CharField(max_length=16, constraints=[Check("\"state\" IN ('stored', 'too_large')")])

        class Meta:
            indexes = ((("sighting_id", "position"), True),)

    class Entry(NumberedTable):
        location_id = reference("location", on_delete="CASCADE")
        message_id = reference("message")
        conversation_id = reference("conversation", on_delete="CASCADE")
        thread_id = reference("thread")
        sighting_id = reference("sighting")
        direction = CharField(max_length=8, constraints=[Check("\"direction\" IN ('inbound', 'outbound')")])
        paths = SmallIntegerField(constraints=[Check('"paths" BETWEEN 1 AND 7')])
        rule = CharField(max_length=8)
        at_ms = BigIntegerField()
        recorded_at_ms = BigIntegerField()
        unread = BooleanField(default=False)
        automatic = CharField(
            max_length=16,
            null=True,
            constraints=[Check("\"automatic\" IN ('bounce', 'auto-reply', 'list', 'feedback', 'calendar', 'loop')")],
        )
        new_author = BooleanField(default=False)
        duplicate_id = BooleanField(default=False)
        removed_at_ms = BigIntegerField(null=True)

        class Meta:
            indexes = (
                (("location_id", "message_id"), True),
                (("message_id",), False),
                (("sighting_id",), False),
                (("conversation_id", "at_ms", "id"), False),
                (("thread_id", "at_ms", "id"), False),
            )

    class ThreadReference(Table):
        location_id = reference("location", on_delete="CASCADE")
        message_id_key = BlobField()
        thread_id = reference("thread", on_delete="CASCADE")

        class Meta:
            primary_key = CompositeKey("location_id", "message_id_key", "thread_id")
            indexes = ((("thread_id",), False),)

    class ThreadParty(Table):
        thread_id = reference("thread", on_delete="CASCADE")
        normal = TextField()

        class Meta:
            primary_key = CompositeKey("thread_id", "normal")

    class Receipt(NumberedTable):
        intake_id = CharField(max_length=26, unique=True)
        received_at_ms = BigIntegerField()

    class Capture(NumberedTable):
        receipt_id = reference("receipt")
        location_id = reference("location", null=True, on_delete="CASCADE")
        state = CharField(
            max_length=16,
            constraints=[Check("\"state\" IN ('received', 'recorded', 'held', 'rejected', 'ignored', 'failed')")],
        )
        rule = CharField(max_length=8, null=True)
        reason = CharField(max_length=64, null=True)
        blob_sha256 = blob_reference(null=True)
        envelope_from = TextField(null=True)
        peer = CharField(max_length=64, null=True)
        helo = TextField(null=True)
        message_id = TextField(null=True)
        author_name = TextField(null=True)
        author_address = TextField(null=True)
        author_normal = TextField(null=True)
        author_domain = TextField(null=True)
        to = JSONField(null=True)
        cc = JSONField(null=True)
        subject = TextField(null=True)
        text_preview = TextField(null=True)
        attachments = JSONField(null=True)
        clues = JSONField(null=True)
        authentication = JSONField(null=True)
        suggestions = JSONField(default=list)
        received_at_ms = BigIntegerField()
        decided_at_ms = BigIntegerField(null=True)
        decided_by = reference("crm_user", null=True)
        undo = JSONField(null=True)
        entry_id = reference("entry", null=True)
        attempts = IntegerField(default=0)
        next_try_at_ms = BigIntegerField(null=True)

        class Meta:
            indexes = (
                (("receipt_id", "location_id"), True),
                (("location_id", "state", "id"), False),
                (("location_id", "id"), False),
                (("location_id", "author_normal", "id"), False),
                (("location_id", "author_domain", "id"), False),
                (("blob_sha256",), False),
                (("entry_id",), False),
            )

    Capture.add_index(
        Capture.index(
            Capture.next_try_at_ms, Capture.id, name="capture_due", where=Capture.next_try_at_ms.is_null(False)
        )
    )

    Capture.add_index(
        Capture.index(Capture.state, Capture.id, name="capture_of_installation", where=Capture.location_id.is_null())
    )

    Capture.add_index(
        Capture.index(
            Capture.decided_at_ms,
            Capture.id,
            name="capture_rejected_content",
            where=(Capture.state == SQL("'rejected'")) & Capture.blob_sha256.is_null(False),
        )
    )

    class CaptureRecipient(NumberedTable):
        capture_id = reference("capture", on_delete="CASCADE")
        bcc_address_id = reference("bcc_address", on_delete="CASCADE")
        user_id = reference("crm_user", on_delete="CASCADE")

        class Meta:
            indexes = ((("capture_id", "bcc_address_id"), True), (("user_id", "capture_id"), False))

    class DecisionRow(NumberedTable):
        path = CharField(max_length=8, constraints=[Check("\"path\" IN ('bcc', 'gmail', 'crm')")])
        rule = CharField(max_length=8)
        outcome = CharField(
            max_length=16,
            constraints=[Check("\"outcome\" IN ('received', 'recorded', 'held', 'rejected', 'ignored', 'failed')")],
        )
        reason = CharField(max_length=64, null=True)
        message_id = TextField(null=True)
        message_id_key = BlobField(null=True)
        gmail_id = CharField(max_length=64, null=True)
        location_id = reference("location", null=True, on_delete="CASCADE")
        user_id = reference("crm_user", null=True, on_delete="CASCADE")
        capture_id = BigIntegerField(null=True, unique=True)
        entry_id = BigIntegerField(null=True)
        at_ms = BigIntegerField()

        class Meta:
            table_name = "decision"
            indexes = ((("message_id_key", "id"), False), (("gmail_id", "id"), False))

    DecisionRow.add_index(
        DecisionRow.index(
            DecisionRow.user_id,
            DecisionRow.gmail_id,
            DecisionRow.location_id,
            unique=True,
            name="decision_of_mailbox",
            where=DecisionRow.gmail_id.is_null(False) & DecisionRow.location_id.is_null(False),
        )
    )

    DecisionRow.add_index(
        DecisionRow.index(
            DecisionRow.user_id,
            DecisionRow.gmail_id,
            unique=True,
            name="decision_of_mailbox_nowhere",
            where=DecisionRow.gmail_id.is_null(False) & DecisionRow.location_id.is_null(),
        )
    )

    class AuditRow(NumberedTable):
        location_id = reference("location", null=True, on_delete="CASCADE")
        user_id = reference("crm_user", null=True)
        action = CharField(max_length=64)
        subject = CharField(max_length=64)
        why = TextField(default="")
        at_ms = BigIntegerField()

        class Meta:
            table_name = "audit"
            indexes = ((("location_id", "id"), False),)

    class IdempotentReply(NumberedTable):
        user_id = reference("crm_user", on_delete="CASCADE")
        key = CharField(max_length=255)
        request_sha256 = BlobField()
        status = IntegerField()
        body = JSONField()
        created_at_ms = BigIntegerField()

        class Meta:
            indexes = ((("user_id", "key"), True), (("created_at_ms",), False))

    class ListedSender(NumberedTable):
        location_id = reference("location", null=True, on_delete="CASCADE")
        user_id = reference("crm_user", null=True, on_delete="CASCADE")
        kind = CharField(max_length=16, constraints=[Check("\"kind\" IN ('allowed', 'blocked', 'never_log')")])
        pattern = TextField()
        normal = TextField()
        created_at_ms = BigIntegerField()

        class Meta:
            constraints = (Check('("location_id" IS NULL) <> ("user_id" IS NULL)'),)
            indexes = (
                (("location_id", "kind", "normal"), True),
                (("user_id", "kind", "normal"), True),
                (("location_id", "kind", "id"), False),
                (("user_id", "kind", "id"), False),
            )

    for table in (
        Location,
        User,
        Membership,
        Identity,
        ApiToken,
        BccAddress,
        AddressBookVersion,
        Contact,
        ContactAddress,
        Conversation,
        Thread,
        Blob,
        BlobErasure,
        Message,
        MessageContent,
        Sighting,
        Attachment,
        Entry,
        ThreadReference,
        ThreadParty,
        Receipt,
        Capture,
        CaptureRecipient,
        DecisionRow,
        AuditRow,
        IdempotentReply,
        ListedSender,
    ):
        table.create_table(safe=False)
    AddressBookVersion.create(version=0)
