"""From the cursor to now: what happened in the mailbox becomes rows of the ledger.

The cursor moves when all of that is in the ledger, and in its last transaction: what the ledger has is worked off from
there, however often we die on the way. Reading a page twice is harmless."""

from collections.abc import Sequence

import structlog

from crm_store import fault_point, mailbox_ledger, mailboxes
from crm_store.database.session import writing
from crm_store.mailbox_ledger import Noted, PageOfMessages
from crm_store.mailboxes import Held
from crm_store.rules.mailbox import BeforeKnown
from syncer.engine import Engine
from syncer.errors import CursorExpired
from syncer.history.plan import Action, Step, plan
from syncer.remote import ListPage, RemoteMailbox

log = structlog.get_logger()

# 100,000 records; what is longer than that, the list tells in fewer calls, and a page a run.
MOST_PAGES = 200


def catch_up(engine: Engine, held: Held, remote: RemoteMailbox) -> None:
    """Read history to its end. Where it has none, or does not reach back to the cursor, a comparison of the whole list
    begins, with the cursor pinned that is good when that ends (facts/gmail.md 0.1).

    Raises: LeaseLost, and what the remote raises but CursorExpired."""
    progress = mailboxes.progress(held.mailbox_id)
    if progress.pinned_cursor is not None:
        return
    # Listed first and read then: what comes in between is in both, and what is in the list alone was there before.
    # Not while messages wait that only a list told of: they are judged by what was known when they were found.
    opens = progress.before_known is BeforeKnown.NOTHING and not progress.pending
    opening = remote.list(None, None) if opens else None
    try:
        _read(engine, held, remote, progress.cursor, opening)
    except CursorExpired:
        pinned = remote.profile().history_id
        log.info("history_expired", connection_id=held.connection_id)
        with writing():
            mailboxes.write(
                held,
                now_ms=engine.clock(),
                # One that is ahead of the mailbox was never true: some answer was ill, and it would expire for ever.
                cursor=min(progress.cursor, pinned),
                pinned_cursor=pinned,
                walk_page="",
                walk_is_whole=True,
            )


def _read(engine: Engine, held: Held, remote: RemoteMailbox, since: str, opening: ListPage | None) -> None:
    page_name: str | None = None
    for _ in range(MOST_PAGES):
        page = remote.history(since, page_name)
        fault_point.reach("sync.after-history-page")
        is_last = page.next_page is None
        seen = _messages(plan(page.records), opening if is_last else None)
        mailbox_ledger.note(
            held,
            seen,
            cursor=page.history_id,
            before_known=_known_by(opening) if is_last and opening is not None else None,
            now_ms=engine.clock(),
        )
        fault_point.reach("sync.after-note-commit")
        if is_last:
            return
        page_name = page.next_page
    raise CursorExpired("history does not end")


def _known_by(opening: ListPage) -> BeforeKnown:
    return BeforeKnown.ALL if opening.next_page is None else BeforeKnown.NEWEST


def _messages(actions: Sequence[Action], opening: ListPage | None) -> PageOfMessages:
    def of(*steps: Step) -> list[Noted]:
        return [Noted(one.gmail_id, one.thread_id) for one in actions if one.step in steps]

    return PageOfMessages(
        new=of(Step.SEE),
        not_mail=of(Step.SKIP),
        gone=of(Step.GONE),
        again=[one.gmail_id for one in of(Step.SEE_AGAIN)],
        dropped=[one.gmail_id for one in of(Step.DROP)],
        before=[] if opening is None else [Noted(one.gmail_id, one.thread_id) for one in opening.messages],
    )
