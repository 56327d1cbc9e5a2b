"""From the cursor to now: what happened in the mailbox becomes rows of the ledger.

The cursor moves when all of that is in the ledger, and in its last transaction: what the ledger has is worked off from
there, however often we die on the way. Reading a page twice is harmless."""

from collections.abc import Mapping, Sequence

import structlog

from crm_store import fault_point, mailbox_ledger, mailboxes
from crm_store.database.session import writing
from crm_store.mailbox_ledger import Noted, PageOfMessages
from crm_store.mailboxes import Held
from crm_store.rules.mailbox import BeforeKnown
from syncer.engine import Engine
from syncer.errors import CursorExpired, Gone
from syncer.history.plan import Action, Step, plan, read_states
from syncer.remote import ListPage, Named, RemoteMailbox

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
        known = {} if opening is None or not is_last else _known_by(remote, opening)
        seen = _messages(plan(page.records), read_states(page.records), opening if is_last else None)
        mailbox_ledger.note(
            held,
            seen,
            cursor=page.history_id,
            now_ms=engine.clock(),
            **known,
        )
        fault_point.reach("sync.after-note-commit")
        if is_last:
            return
        page_name = page.next_page
    raise CursorExpired("history does not end")


def _known_by(remote: RemoteMailbox, opening: ListPage) -> dict[str, str | int | None]:
    """What the ledger knows of the time before with this list in it, by column of the mailbox (A6)."""
    if opening.next_page is None:
        return {"before_known": BeforeKnown.ALL}
    return {"before_known": BeforeKnown.NEWEST, "before_ms": _came_at_ms(remote, opening.messages[-1:-4:-1])}


def _came_at_ms(remote: RemoteMailbox, oldest_first: Sequence[Named]) -> int | None:
    """When the first came that is still there."""
    for message in oldest_first:
        try:
            return remote.look(message.gmail_id).received_at_ms
        except Gone:
            continue
    return None


def _messages(actions: Sequence[Action], is_read: Mapping[str, bool], opening: ListPage | None) -> PageOfMessages:
    def of(*steps: Step) -> list[Noted]:
        return [Noted(one.gmail_id, one.thread_id) for one in actions if one.step in steps]

    return PageOfMessages(
        new=of(Step.SEE),
        not_mail=of(Step.SKIP),
        gone=of(Step.GONE),
        again=[one.gmail_id for one in of(Step.SEE_AGAIN)],
        dropped=[one.gmail_id for one in of(Step.DROP)],
        before=[] if opening is None else [Noted(one.gmail_id, one.thread_id) for one in opening.messages],
        is_read=is_read,
    )
