"""Lists of messages: newest first, keyset-paged."""

from collections.abc import Sequence
from dataclasses import dataclass

from syncer.sandbox.mailbox.search import Conditions, conditions
from syncer.sandbox.store import Store

_BY_DATE = ("messages m", "m.internal_date_ms", "m.id")
_BY_LABEL = (
    "message_labels f cross join messages m on m.account_id = f.account_id and m.id = f.message_id",
    "f.internal_date_ms",
    "f.message_id",
)


@dataclass(frozen=True, slots=True)
class Place:
    """Behind which message a page begins."""

    date_ms: int
    id: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """label_ids: all of them. query: the search box's language."""

    label_ids: Sequence[str] = ()
    query: str = ""
    with_spam_and_trash: bool = False


@dataclass(frozen=True, slots=True)
class Listed:
    id: str
    thread_id: str
    date_ms: int


def page(store: Store, account_id: int, wanted: Wanted, after: Place | None, limit: int, now_ms: int) -> list[Listed]:
    """Up to limit messages behind `after`; None begins at the newest."""
    where = _where(account_id, wanted, now_ms)
    # A label's own list is read in the order of its own index.
    source, date, number = _BY_LABEL if wanted.label_ids else _BY_DATE
    if after:
        where.add(f"({date}, {number}) < (?, ?)", after.date_ms, after.id)
    sql = (
        f"select m.id, m.thread_id, m.internal_date_ms from {source} "  # noqa: S608 - our own words; values are bound
        f"where {' and '.join(where.sql)} order by {date} desc, {number} desc limit ?"
    )
    rows = store.rows(sql, *where.values, limit)
    return [Listed(row["id"], row["thread_id"], row["internal_date_ms"]) for row in rows]


def _where(account_id: int, wanted: Wanted, now_ms: int) -> Conditions:
    where = conditions(wanted.query, now_ms)
    where.add("m.account_id = ?", account_id)
    first, *others = wanted.label_ids or [""]
    if first:
        where.add("f.account_id = ? and f.label_id = ?", account_id, first)
    for label_id in others:
        where.add(
            "exists (select 1 from message_labels l where l.account_id = m.account_id and l.message_id = m.id "
            "and l.label_id = ?)",
            label_id,
        )
    hidden = {"SPAM", "TRASH"} - set(wanted.label_ids)
    if not wanted.with_spam_and_trash and not where.anywhere and len(hidden) == 2:
        where.add(
            "not exists (select 1 from message_labels l where l.account_id = m.account_id and l.message_id = m.id "
            "and l.label_id in ('SPAM', 'TRASH'))"
        )
    return where
