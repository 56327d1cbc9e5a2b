"""Whether a location's provider takes mail: an admin has a mail sent now, and reads what became of it."""

from dataclasses import dataclass

from crm_store import audit, locations, mail_counts, outbox, product_mail, providers, typed_address, waiting_notices
from crm_store.access import Access
from crm_store.blobs.store import BlobStore
from crm_store.database.session import writing
from crm_store.errors import Invalid, NotFound
from crm_store.mail.parsed_mail import Mailbox
from crm_store.models.people import User
from crm_store.notice_wording import provider_test
from crm_store.outbox_posting import PreparedEmail
from crm_store.reader_locale import locale_of
from crm_store.rules.notices import NoticeTopic
from crm_store.rules.outbox import OutboxState

MOST_OF_A_LOCATION = 20  # in 24 hours


@dataclass(frozen=True, slots=True)
class ProviderTestView:
    """to: an address. reason: a word of OutboxReason, None for nothing to tell; detail: what the relay said."""

    to: str
    state: OutboxState
    reason: str | None
    detail: str
    asked_at_ms: int


def prepare(access: Access, location_id: int, to: str | None, blobs: BlobStore, *, now_ms: int) -> PreparedEmail:
    """The mail; nothing is queued yet. to: None for the asker.

    Raises: NotFound where there is no provider, Forbidden, Invalid, StoreUnavailable."""
    providers.get(access, location_id)
    user: User = User.get_by_id(access.user_id)
    address = user.email if to is None else typed_address.check(to, "to")[0]
    words = provider_test(
        location=locations.get(access, location_id).settings.name,
        name=user.name,
        locale=locale_of(access, location_id),
    )
    try:
        return product_mail.prepare(location_id, user.id, Mailbox("", address), words, blobs, now_ms=now_ms)
    except Invalid as error:
        raise Invalid("to", str(error)) from error


def start(access: Access, prepared: PreparedEmail, blobs: BlobStore, *, now_ms: int) -> ProviderTestView:
    """Send it now, before all that waits, however long the provider was to be left alone.

    Raises: NotFound, Forbidden, TooOften."""
    location_id = access.manager_of(prepared.location_id)
    with writing():
        mail_counts.count(f"provider {location_id}", MOST_OF_A_LOCATION, now_ms=now_ms)
        providers.wake(location_id, now_ms=now_ms)
        product_mail.queue(NoticeTopic.PROVIDER_TEST, location_id, prepared, blobs, now_ms=now_ms)
        subject = f"location {location_id}"
        audit.write("provider.test", subject, by=access.user_id, now_ms=now_ms, location_id=location_id)
    return latest(access, location_id)


def latest(access: Access, location_id: int) -> ProviderTestView:
    """Raises: NotFound where there was none, Forbidden."""
    access.manager_of(location_id)
    test = waiting_notices.latest(NoticeTopic.PROVIDER_TEST, location_id)
    if test is None:
        raise NotFound("the provider of this location was not tested")
    told = outbox.notice(test.email_id)
    return ProviderTestView(told.to[0].address, told.state, told.reason, told.detail, test.at_ms)
