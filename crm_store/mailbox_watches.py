"""Gmail's watches: when one is to be begun or renewed, and whose mailboxes have none."""

from collections.abc import Sequence

from crm_store import mailboxes
from crm_store.database.prepared import PreparedInsert
from crm_store.database.rows import tuples
from crm_store.database.session import writing
from crm_store.mailboxes import Held
from crm_store.models.mailboxes import Mailbox
from crm_store.models.pushes import MailboxWatch

_WATCHES = PreparedInsert(MailboxWatch)


def is_due(held: Held, *, now_ms: int) -> bool:
    """Also after each new sign-in: with the grant that was before, the watch may have ended."""
    good = MailboxWatch.select(MailboxWatch.id).where(
        MailboxWatch.mailbox_id == held.mailbox_id,
        MailboxWatch.epoch == held.epoch,
        MailboxWatch.renew_at_ms > now_ms,
    )
    return not good.exists()


def begun(held: Held, *, until_ms: int, renew_at_ms: int, now_ms: int) -> None:
    """until_ms: by Google's clock. Raises: LeaseLost."""
    _keep(held, now_ms, until_ms=until_ms, renew_at_ms=renew_at_ms, is_refused=False)


def put_off(held: Held, *, is_refused: bool, renew_at_ms: int, now_ms: int) -> None:
    """is_refused: Google said no, and not only that it can't now. Raises: LeaseLost."""
    _keep(held, now_ms, renew_at_ms=renew_at_ms, is_refused=is_refused)


def without_push(connection_ids: Sequence[int]) -> set[int]:
    """Of these, whom Google refuses a watch."""
    refused = (
        Mailbox.select(Mailbox.connection_id)
        .join(MailboxWatch, on=(MailboxWatch.mailbox_id == Mailbox.id))
        .where(Mailbox.connection_id.in_(list(connection_ids)), MailboxWatch.is_refused)
    )
    return {connection_id for (connection_id,) in tuples(refused)}


def _keep(held: Held, now_ms: int, **columns: int | bool) -> None:
    with writing():
        mailboxes.write(held, now_ms=now_ms)
        _WATCHES.insert_new(mailbox_id=held.mailbox_id)
        MailboxWatch.update(epoch=held.epoch, **columns).where(MailboxWatch.mailbox_id == held.mailbox_id).execute()
