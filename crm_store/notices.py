"""A5: who has to sign in with Google again is mailed about it. Where nobody can mail them, pages tell."""

from __future__ import annotations

from crm_store import connection_work, product_mail
from crm_store.access import Access
from crm_store.blobs.store import BlobStore
from crm_store.database.engine import on_sqlite
from crm_store.database.session import writing
from crm_store.errors import Invalid
from crm_store.mail.parsed_mail import Mailbox
from crm_store.models.connections import Connection
from crm_store.models.people import User
from crm_store.notice_wording import sign_in_again
from crm_store.outbox_posting import PreparedEmail
from crm_store.reader_locale import locale_of
from crm_store.rules.connection import ConnectionProblem, ConnectionState
from crm_store.rules.notices import NoticeTopic


def lost_access(
    connection_id: int, epoch: int, problem: ConnectionProblem, blobs: BlobStore, base_url: str, *, now_ms: int
) -> bool:
    """A5: the connection needs its user to sign in again, who is mailed once for each time that it does: both, or
    neither. False where it has changed meanwhile. base_url: of our pages.

    Raises: StoreUnavailable; then nothing has changed."""
    prepared = _sign_in_again(connection_id, epoch, problem, blobs, base_url, now_ms)
    with writing():
        known = _was_lost(connection_id)
        changed = connection_work.needs_reauth(connection_id, epoch, problem)
        if changed and not known and prepared is not None:
            product_mail.queue(NoticeTopic.ACCESS, connection_id, prepared, blobs, now_ms=now_ms)
    return changed


def _was_lost(connection_id: int) -> bool:
    """A sync and a run that sends may find out at the same moment: one of them mails."""
    row = Connection.select(Connection.state).where(Connection.id == connection_id).for_update(not on_sqlite()).first()
    return row is None or row.state == ConnectionState.NEEDS_REAUTH


def _sign_in_again(
    connection_id: int, epoch: int, problem: ConnectionProblem, blobs: BlobStore, base_url: str, now_ms: int
) -> PreparedEmail | None:
    """None where nobody is to be told, or nobody can be."""
    row: Connection | None = Connection.get_or_none(Connection.id == connection_id, Connection.epoch == epoch)
    if row is None or row.state == ConnectionState.NEEDS_REAUTH:
        return None
    carrier_id = product_mail.carrier_for(row.user_id, row.location_id)
    if carrier_id is None:
        return None
    user: User = User.get_by_id(row.user_id)
    words = sign_in_again(
        problem,
        name=user.name,
        email=row.email,
        link=f"{base_url}/l/{row.location_id}/settings/email",
        locale=locale_of(Access(row.user_id, {}), row.location_id),
    )
    try:
        return product_mail.prepare(carrier_id, user.id, Mailbox(user.name, user.email), words, blobs, now_ms=now_ms)
    except Invalid:  # say an address that no mail goes to: the page tells them
        return None
