"""How mail of the product itself to its own users leaves: by a provider of a location in which its reader works."""

from collections.abc import Sequence

from crm_store import outbox_posting, providers, waiting_notices
from crm_store.access import Access, roles_of
from crm_store.blobs.store import BlobStore
from crm_store.database.session import writing
from crm_store.mail.parsed_mail import Mailbox
from crm_store.notice_wording import Notice
from crm_store.outbox_posting import NewEmail, PreparedEmail
from crm_store.rules.notices import NoticeTopic
from crm_store.rules.outbox import EmailKind


def carrier_for(user_id: int, preferred_id: int | None) -> int | None:
    """The location whose provider carries mail to this user: the preferred one, else the first of theirs that has
    one; None where nobody can mail them."""
    theirs = sorted(roles_of(user_id))
    wanted = ([preferred_id] if preferred_id in theirs else []) + theirs
    return next((location_id for location_id in wanted if providers.is_set(location_id)), None)


def prepare(
    carrier_id: int,
    user_id: int,
    to: Mailbox,
    words: Notice,
    blobs: BlobStore,
    *,
    fields: Sequence[tuple[str, str]] = (),
    now_ms: int,
) -> PreparedEmail:
    """user_id: on whose behalf. fields: further lines of the header. Nothing is queued yet; call outside of a
    transaction. Raises: Invalid for an address that no mail goes to, StoreUnavailable."""
    new = NewEmail(
        user_id=user_id,
        kind=EmailKind.NOTICE,
        to=(to,),
        cc=(),
        bcc=(),
        subject=words.subject,
        text=words.text,
        html=None,
        attachments=(),
        fields=fields,
    )
    return outbox_posting.prepare(carrier_id, new, blobs, now_ms=now_ms)


def queue(topic: NoticeTopic, subject_id: int, prepared: PreparedEmail, blobs: BlobStore, *, now_ms: int) -> int:
    """The e-mail's id. One about the same thing that still waits is withdrawn."""
    with writing():
        email_id = outbox_posting.queue(Access(prepared.new.user_id, {}), prepared, blobs, now_ms=now_ms)
        waiting_notices.remember(topic, subject_id, email_id, now_ms=now_ms)
    return email_id
