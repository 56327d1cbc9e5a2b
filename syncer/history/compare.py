"""The mailbox's own list against the ledger: what history did not tell is found here, and looked at (B16).

A short comparison goes as far as the list has something new; a whole one to its end. One page a run, and the next run
goes on where this one ended. After an expired cursor the whole one takes the place of history."""

import structlog

from crm_store import connection_work, fault_point, mailbox_ledger, mailboxes
from crm_store.connection_work import MailboxAccess
from crm_store.mailbox_ledger import Noted, PageOfMessages
from crm_store.mailboxes import Held, Progress
from crm_store.rules.mailbox import BeforeKnown
from syncer.engine import Engine
from syncer.errors import Refused, Rejected, Unreachable
from syncer.remote import ListPage, RemoteMailbox

log = structlog.get_logger()

SHORT_EVERY_POLLS = 10
WHOLE_EVERY_MS = 6 * 3_600_000
# The list is asked for what came since connecting, and so much before, should the clock that told the time be wrong.
MARGIN_MS = 86_400_000


def compare(engine: Engine, held: Held, access: MailboxAccess, remote: RemoteMailbox) -> bool:
    """Compare one page, where that is due. Whether the comparison is to go on at once.

    Raises: LeaseLost, and what the remote raises."""
    progress = mailboxes.progress(held.mailbox_id)
    short_every_ms = SHORT_EVERY_POLLS * engine.settings.sync_interval_s * 1000
    begun = _begun(progress, engine.clock(), short_every_ms)
    if begun is None:
        return False
    page_name, is_whole = begun
    if not page_name:
        _look_at_addresses(engine, access, remote)
    try:
        page = remote.list(_since_s(progress, access), page_name or None)
    except Rejected:
        if not page_name:
            raise
        page = remote.list(_since_s(progress, access), None)  # Google forgets the names of pages
    unknown = mailbox_ledger.unknown(held, [one.gmail_id for one in page.messages])
    goes_on = page.next_page is not None and (is_whole or bool(unknown))
    _note(engine, held, progress, page, unknown, is_whole=is_whole, goes_on=goes_on)
    fault_point.reach("sync.after-compare-commit")
    if unknown:
        log.info("missing_messages_found", connection_id=held.connection_id, count=len(unknown))
    return goes_on


def _look_at_addresses(engine: Engine, access: MailboxAccess, remote: RemoteMailbox) -> None:
    """The account's addresses are identities (Words), and it may have been given others. The sub stays (A3)."""
    email = remote.profile().email
    aliases: tuple[str, ...] = ()
    try:
        aliases = tuple(remote.aliases())
    except (Rejected, Refused, Unreachable):  # those that are known stay, and mail is followed all the same
        log.warning("aliases_not_read", connection_id=access.connection_id)
    connection_work.renamed(access.connection_id, access.epoch, email or access.email, aliases, now_ms=engine.clock())


def _begun(progress: Progress, now_ms: int, short_every_ms: int) -> tuple[str, bool] | None:
    """The page to go on with, and whether it is a whole comparison; None where nothing is due."""
    if progress.walk_page is not None:
        return progress.walk_page, progress.walk_is_whole
    if not _is_ahead(progress.walk_at_ms, WHOLE_EVERY_MS, now_ms):
        return "", True
    compared_at_ms = progress.compare_at_ms - short_every_ms
    is_asked_for = progress.wanted_at_ms > compared_at_ms
    return ("", False) if is_asked_for or not _is_ahead(progress.compare_at_ms, short_every_ms, now_ms) else None


def _is_ahead(at_ms: int, every_ms: int, now_ms: int) -> bool:
    """Further ahead than its interval it is by a clock that was set back since, and no reason to wait."""
    return now_ms < at_ms <= now_ms + every_ms


def _since_s(progress: Progress, access: MailboxAccess) -> int | None:
    """None where the ledger names all that was there before: then whatever it does not know is new, however old."""
    if progress.before_known is BeforeKnown.ALL:
        return None
    since_ms = access.began_at_ms - MARGIN_MS if progress.before_ms is None else progress.before_ms
    return since_ms // 1000


def _note(
    engine: Engine,
    held: Held,
    progress: Progress,
    page: ListPage,
    unknown: set[str],
    *,
    is_whole: bool,
    goes_on: bool,
) -> None:
    now_ms = engine.clock()
    # The list is newest first, and mail is looked at in the order in which it came.
    found = [Noted(one.gmail_id, one.thread_id) for one in reversed(page.messages) if one.gmail_id in unknown]
    # B12: what was draft or spam may have been sent or taken out while history was lost, and the list does not tell.
    is_for_history = progress.pinned_cursor is not None
    again = [one.gmail_id for one in page.messages if one.gmail_id not in unknown] if is_for_history else []
    seen = PageOfMessages(new=found, again=again, by_list=True)
    if goes_on:
        mailbox_ledger.note(
            held,
            seen,
            now_ms=now_ms,
            walk_page=page.next_page,
            walk_is_whole=is_whole,
        )
        return
    mailbox_ledger.note(
        held,
        seen,
        cursor=progress.pinned_cursor,
        now_ms=now_ms,
        walk_page=None,
        walk_is_whole=False,
        pinned_cursor=None,
        compare_at_ms=now_ms + SHORT_EVERY_POLLS * engine.settings.sync_interval_s * 1000,
        walk_at_ms=now_ms + WHOLE_EVERY_MS if is_whole else progress.walk_at_ms,
    )
