"""The log of changes that history.list reads (facts/gmail.md 1.1). Ids rise, skip, and grow too old."""

import json
import secrets
from dataclasses import dataclass

from syncer.sandbox.mailbox.accounts import HISTORY_ID_DIGITS
from syncer.sandbox.store import Store

MESSAGE_ADDED, MESSAGE_DELETED = "messagesAdded", "messagesDeleted"
LABELS_ADDED, LABELS_REMOVED = "labelsAdded", "labelsRemoved"

VALID_MS = 7 * 86_400_000  # "typically valid for at least a week" [D]
_MARK_EVERY_MS = 86_400_000
_LARGEST_GAP = 40  # "increase chronologically but are not contiguous" [D]


@dataclass(frozen=True, slots=True)
class Change:
    """One record. kind: the field of a History object; "mark" for an id without a change."""

    id: str
    kind: str
    message_id: str
    thread_id: str
    labels: tuple[str, ...]


def padded(history_id: int) -> str:
    return f"{history_id:0{HISTORY_ID_DIGITS}d}"


def shown(history_id: str) -> str:
    """As the API has it: a number in a string, without leading zeros."""
    return history_id.lstrip("0") or "0"


def current(store: Store, account_id: int) -> str:
    """The mailbox's latest id, padded."""
    row = store.row("select history_id from accounts where id = ?", account_id)
    assert row is not None
    return str(row["history_id"])


def record(
    store: Store, account_id: int, kind: str, message_id: str, thread_id: str, labels: tuple[str, ...], now_ms: int
) -> str:
    """Write one change; its id, padded."""
    new = padded(int(current(store, account_id)) + 1 + secrets.randbelow(_LARGEST_GAP))
    store.run("update accounts set history_id = ? where id = ?", new, account_id)
    store.run(
        "insert into history values (?, ?, ?, ?, ?, ?, ?)",
        account_id,
        new,
        kind,
        message_id,
        thread_id,
        json.dumps(labels),
        now_ms,
    )
    return new


def fresh(store: Store, account_id: int, now_ms: int) -> str:
    """The profile's id: on a quiet mailbox the id of its last message expires, this one does not (0.1)."""
    row = store.row("select at_ms from history where account_id = ? order by id desc limit 1", account_id)
    if row is None or row["at_ms"] < now_ms - _MARK_EVERY_MS:
        return record(store, account_id, "mark", "", "", (), now_ms)
    return current(store, account_id)


def expire(store: Store, account_id: int, now_ms: int) -> None:
    """Every id that anybody knows is out of date from now on."""
    new = record(store, account_id, "mark", "", "", (), now_ms)
    store.run("update accounts set valid_from = ? where id = ?", new, account_id)


def jump(store: Store, account_id: int, history_id: int, now_ms: int) -> None:
    """Let the ids go on from a larger one, up to 2^64 − 1."""
    store.run("update accounts set history_id = ? where id = ?", padded(history_id), account_id)
    record(store, account_id, "mark", "", "", (), now_ms)


def is_valid(store: Store, account_id: int, start: str, now_ms: int) -> bool:
    """start: padded. False: out of date, or none that this mailbox ever had."""
    row = store.row("select history_id, valid_from from accounts where id = ?", account_id)
    assert row is not None
    if not row["valid_from"] <= start <= row["history_id"]:
        return False
    last = store.row(
        "select at_ms from history where account_id = ? and id <= ? order by id desc limit 1", account_id, start
    )
    return last is not None and last["at_ms"] >= now_ms - VALID_MS


def visible_until(store: Store, account_id: int, before_ms: int) -> str:
    """The last id that was written before that time: what a reader may know who comes too early (1.1)."""
    row = store.row(
        "select id from history where account_id = ? and at_ms <= ? order by id desc limit 1", account_id, before_ms
    )
    return str(row["id"]) if row else padded(0)


def between(store: Store, account_id: int, after: str, until: str, limit: int) -> list[Change]:
    """Changes with after < id ≤ until, in order."""
    rows = store.rows(
        "select * from history where account_id = ? and id > ? and id <= ? order by id limit ?",
        account_id,
        after,
        until,
        limit,
    )
    return [
        Change(row["id"], row["kind"], row["message_id"], row["thread_id"], tuple(json.loads(row["labels"])))
        for row in rows
    ]
