"""The ledger of a mailbox: every message that was seen there, and what became of it (B16)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from peewee import chunked

from crm_store import decisions, mailboxes, read_states
from crm_store.database.prepared import PreparedInsert
from crm_store.database.rows import tuples
from crm_store.database.session import writing
from crm_store.mailbox_counts import CountChanges
from crm_store.mailboxes import Held
from crm_store.models.mailboxes import GmailMessage
from crm_store.rules.mailbox import LedgerState
from crm_store.rules.rule import Reason, Rule
from crm_store.rules.states import CaptureState

_IN_LIST = 500

_MESSAGES = PreparedInsert(GmailMessage)


@dataclass(frozen=True, slots=True)
class Noted:
    """A message as a page names it. thread_id: Gmail's, None where the page does not tell."""

    gmail_id: str
    thread_id: str | None


@dataclass(frozen=True, slots=True)
class PageOfMessages:
    """What one page of history, or of the mailbox's list, says.

    new: to be decided. not_mail: drafts, spam and the like (B12). gone: came and went. again: were not mail, and are.
    dropped: are gone, if they still wait. before: were there before connecting (A6). asked_for: most likely so, and a
    backfill is to bring them. by_list: a list told it, which does not tell when they came; history names only what is
    after the cursor. is_read: whose read state changed, and to what (B14)."""

    new: Sequence[Noted] = ()
    not_mail: Sequence[Noted] = ()
    gone: Sequence[Noted] = ()
    again: Sequence[str] = ()
    dropped: Sequence[str] = ()
    before: Sequence[Noted] = ()
    asked_for: Sequence[Noted] = ()
    by_list: bool = False
    is_read: Mapping[str, bool] = field(default_factory=dict)


def note(
    held: Held,
    seen: PageOfMessages,
    *,
    cursor: str | None = None,
    now_ms: int,
    **changes: str | int | None,
) -> int:
    """Take a page into the ledger; how many of it are to be looked at that were not before. Safe to run twice.

    cursor: up to where everything is in the ledger with this page; None before the last one. changes: other columns of
    the mailbox. Raises: LeaseLost."""
    count, made = CountChanges(), 0
    with writing():
        read_states.follow(held, seen.is_read)
        named = (*seen.new, *seen.not_mail, *seen.gone, *seen.before, *seen.asked_for)
        known = _known(held.mailbox_id, [one.gmail_id for one in named])
        if not seen.by_list:
            _make_live((*seen.new, *seen.not_mail, *seen.gone), known, count)
        for one in seen.new:
            made += _see(held, one, known.get(one.gmail_id), count, now_ms, by_list=seen.by_list)
        for one, reason in [
            *((one, Reason.NOT_MAIL) for one in seen.not_mail),
            *((one, Reason.GONE) for one in seen.gone),
        ]:
            _skip(held, one, reason, known.get(one.gmail_id), count, now_ms)
        for one in seen.before:
            if one.gmail_id not in known:
                _insert(held, one, LedgerState.BEFORE, now_ms)
        for one in seen.asked_for:
            _ask_for(held, one, known.get(one.gmail_id), count, now_ms)
        again = _known(held.mailbox_id, seen.again).values()
        made += sum(_see_mail(one, count, now_ms) for one in again)
        _drop(held, seen.dropped, count, now_ms)
        columns = {**changes, **count.columns()}
        if cursor is None:
            mailboxes.write(held, now_ms=now_ms, **columns)
        else:
            mailboxes.advance(held, cursor, now_ms=now_ms, **columns)
    return made


@dataclass(frozen=True, slots=True)
class _Known:
    id: int
    state: LedgerState
    rule: str | None
    in_backfill: bool


def _known(mailbox_id: int, gmail_ids: Iterable[str]) -> dict[str, _Known]:
    found: dict[str, _Known] = {}
    columns = (GmailMessage.id, GmailMessage.gmail_id, GmailMessage.state, GmailMessage.rule)
    backfill = GmailMessage.backfill_at_ms.is_null(False)
    for some in chunked(sorted(set(gmail_ids)), _IN_LIST):
        rows = GmailMessage.select(*columns, backfill).where(
            GmailMessage.mailbox_id == mailbox_id, GmailMessage.gmail_id.in_(list(some))
        )
        for row_id, one, state, rule, in_backfill in tuples(rows):
            found[one] = _Known(row_id, LedgerState(state), rule, bool(in_backfill))
    return found


def _make_live(named: Iterable[Noted], known: dict[str, _Known], count: CountChanges) -> None:
    """A backfill's list was ahead of history, which names these now: they are no older mail, and no backfill that is
    stopped may give them up. known: is changed, to what they are before history has its say."""
    for one in named:
        row = known.get(one.gmail_id)
        if row is not None and row.in_backfill:
            GmailMessage.update(state=LedgerState.BEFORE, backfill_at_ms=None).where(
                GmailMessage.id == row.id
            ).execute()
            count.out_of_backfill()
            known[one.gmail_id] = replace(row, state=LedgerState.BEFORE, in_backfill=False)


def _see(held: Held, one: Noted, known: _Known | None, count: CountChanges, now_ms: int, *, by_list: bool) -> int:
    if known is None:
        if not _insert(held, one, LedgerState.PENDING, now_ms, next_try_at_ms=now_ms, by_list=by_list):
            return 0  # named twice in one page
        count.step(None, LedgerState.PENDING)
        return 1
    if by_list:
        return 0
    if known.state is LedgerState.BEFORE:  # the list was ahead of history: history has the say
        _wait_again(known.id, now_ms)
        count.step(None, LedgerState.PENDING)
        return 1
    return _see_mail(known, count, now_ms)


def _see_mail(known: _Known, count: CountChanges, now_ms: int) -> int:
    """What was draft, spam or trash may be mail by now."""
    if known.state is not LedgerState.NOT_RECORDED or known.rule != Rule.B12:
        return 0
    _wait_again(known.id, now_ms)
    count.step(LedgerState.NOT_RECORDED, LedgerState.PENDING)
    return 1


def _skip(held: Held, one: Noted, reason: Reason, known: _Known | None, count: CountChanges, now_ms: int) -> None:
    if known is not None and known.state is not LedgerState.BEFORE:
        if reason is Reason.GONE:
            _drop(held, [one.gmail_id], count, now_ms)
        return
    if known is not None:
        _end(known.id, Rule.B12, reason)
    elif not _insert(held, one, LedgerState.NOT_RECORDED, now_ms, rule=Rule.B12, reason=reason):
        return
    count.step(None, LedgerState.NOT_RECORDED)
    tell(held, one.gmail_id, Rule.B12, reason, now_ms)


def _ask_for(held: Held, one: Noted, known: _Known | None, count: CountChanges, now_ms: int) -> None:
    """A6. What history named since connecting is live, and stays so; what only a list named is now wanted anyway."""
    if known is None:
        if not _insert(held, one, LedgerState.PENDING, now_ms, backfill_at_ms=now_ms):
            return  # named twice in one page
    elif known.state is LedgerState.BEFORE:
        columns = {"state": LedgerState.PENDING, "attempts": 0, "backfill_at_ms": now_ms, "by_list": False}
        GmailMessage.update(**columns).where(GmailMessage.id == known.id).execute()
    else:
        if known.state is LedgerState.PENDING:
            GmailMessage.update(by_list=False).where(GmailMessage.id == known.id).execute()
        return
    count.step(None, LedgerState.PENDING)
    count.backfill_total += 1


def _drop(held: Held, gmail_ids: Sequence[str], count: CountChanges, now_ms: int) -> None:
    for gmail_id, known in _known(held.mailbox_id, gmail_ids).items():
        if known.state is LedgerState.PENDING:
            _end(known.id, Rule.B12, Reason.GONE)
            count.step(LedgerState.PENDING, LedgerState.NOT_RECORDED)
            count.backfill_done += known.in_backfill
            tell(held, gmail_id, Rule.B12, Reason.GONE, now_ms)


def _insert(
    held: Held,
    one: Noted,
    state: LedgerState,
    now_ms: int,
    *,
    next_try_at_ms: int | None = None,
    backfill_at_ms: int | None = None,
    rule: Rule | None = None,
    reason: Reason | None = None,
    by_list: bool = False,
) -> bool:
    made = _MESSAGES.insert_new(
        mailbox_id=held.mailbox_id,
        gmail_id=one.gmail_id,
        thread_id=one.thread_id,
        state=state,
        rule=rule,
        reason=reason,
        next_try_at_ms=next_try_at_ms,
        backfill_at_ms=backfill_at_ms,
        by_list=by_list,
        seen_at_ms=now_ms,
    )
    return made is not None


def _wait_again(row_id: int, now_ms: int) -> None:
    GmailMessage.update(state=LedgerState.PENDING, attempts=0, next_try_at_ms=now_ms, by_list=False).where(
        GmailMessage.id == row_id
    ).execute()


def _end(row_id: int, rule: Rule, reason: Reason) -> None:
    columns = {"rule": rule, "reason": reason, "next_try_at_ms": None, "backfill_at_ms": None}
    GmailMessage.update(state=LedgerState.NOT_RECORDED, **columns).where(GmailMessage.id == row_id).execute()


def tell(held: Held, gmail_id: str, rule: Rule, reason: Reason, now_ms: int) -> None:
    """Its decision, where that is the mailbox's and no location's. Call in the transaction."""
    decisions.write_mailbox(
        held.user_id,
        gmail_id,
        CaptureState.IGNORED,
        rule,
        reason,
        message_id=None,
        location_id=None,
        entry_id=None,
        now_ms=now_ms,
    )


def unknown(held: Held, gmail_ids: Sequence[str]) -> set[str]:
    """Which of these the ledger does not have."""
    return set(gmail_ids) - set(_known(held.mailbox_id, gmail_ids))
