"""Labels of an account: Google's own, which are always there, and the user's (facts/gmail.md 1.4)."""

import secrets
import sqlite3
from dataclasses import dataclass

from syncer.sandbox.mailbox.messages import SYSTEM_LABELS
from syncer.sandbox.store import Store


@dataclass(frozen=True, slots=True)
class Label:
    """shown_in_lists, shown: messageListVisibility and labelListVisibility; "" for a system label."""

    id: str
    name: str
    is_system: bool
    shown_in_lists: str = ""
    shown: str = ""


def every(store: Store, account_id: int) -> list[Label]:
    rows = store.rows("select * from labels where account_id = ? order by name", account_id)
    return [*(Label(name, name, True) for name in SYSTEM_LABELS), *(_label(row) for row in rows)]


def known_ids(store: Store, account_id: int) -> set[str]:
    return {label.id for label in every(store, account_id)}


def find(store: Store, account_id: int, label_id: str) -> Label | None:
    return next((label for label in every(store, account_id) if label.id == label_id), None)


def add(store: Store, account_id: int, name: str, shown_in_lists: str, shown: str) -> Label | None:
    """None where the name is taken, in whatever case."""
    if any(label.name.casefold() == name.casefold() for label in every(store, account_id)):
        return None
    label = Label(f"Label_{secrets.randbelow(10**12) + 1}", name, False, shown_in_lists or "show", shown or "labelShow")
    store.run(
        "insert into labels values (?, ?, ?, ?, ?)", account_id, label.id, name, label.shown_in_lists, label.shown
    )
    return label


def save(store: Store, account_id: int, label: Label) -> None:
    store.run(
        "update labels set name = ?, shown_in_lists = ?, shown = ? where account_id = ? and id = ?",
        label.name,
        label.shown_in_lists,
        label.shown,
        account_id,
        label.id,
    )


def delete(store: Store, account_id: int, label_id: str) -> None:
    """Takes it off every message, "without useful history" (1.4)."""
    with store.transaction():
        store.run("delete from message_labels where account_id = ? and label_id = ?", account_id, label_id)
        store.run("delete from labels where account_id = ? and id = ?", account_id, label_id)


def _label(row: sqlite3.Row) -> Label:
    return Label(row["id"], row["name"], False, row["shown_in_lists"], row["shown"])
