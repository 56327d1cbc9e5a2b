"""An account's contacts, with a version for each change: what People's sync tokens count (facts/gmail.md 1.10)."""

import json
import secrets
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field

from syncer.sandbox.json_value import JsonObject, text, texts
from syncer.sandbox.store import Store

CONTACT, OTHER_CONTACT = "CONTACT", "OTHER_CONTACT"


@dataclass(frozen=True, slots=True)
class Card:
    """What a person types into a contact."""

    name: str = ""
    addresses: Sequence[str] = ()
    phones: Sequence[str] = ()
    organization: str = ""


@dataclass(frozen=True, slots=True)
class Contact:
    """source: CONTACT or OTHER_CONTACT. version: of its latest change, rising within account and source."""

    id: str
    source: str
    version: int
    is_deleted: bool
    updated_at_ms: int
    card: Card = field(default_factory=Card)


@dataclass(frozen=True, slots=True)
class Contacts:
    """One account's, of one source."""

    store: Store
    account_id: int
    source: str = CONTACT

    def add(self, card: Card, now_ms: int) -> str:
        """The new contact's id."""
        contact_id = f"c{secrets.randbelow(10**18) + 10**18}"
        self._write(contact_id, card, None, now_ms)
        return contact_id

    def change(self, contact_id: str, card: Card, now_ms: int) -> bool:
        """False where there is none, or it is deleted."""
        known = self.find(contact_id)
        if known is None or known.is_deleted:
            return False
        self._write(contact_id, card, None, now_ms)
        return True

    def delete(self, contact_id: str, now_ms: int) -> bool:
        """It stays as a mark that it is gone, for who syncs. False where there is none."""
        known = self.find(contact_id)
        if known is None or known.is_deleted:
            return False
        self._write(contact_id, Card(), now_ms, now_ms)
        return True

    def find(self, contact_id: str) -> Contact | None:
        row = self.store.row(
            "select * from contacts where account_id = ? and id = ? and source = ?",
            self.account_id, contact_id, self.source,
        )  # fmt: skip
        return _contact(row) if row else None

    def version(self, before_ms: int) -> int:
        """Of the latest change that was made before that time; 0 where there is none."""
        return self.store.count(
            "select max(version) from contacts where account_id = ? and source = ? and updated_at_ms <= ?",
            self.account_id, self.source, before_ms,
        )  # fmt: skip

    def changed(self, after: int, before_ms: int, limit: int, *, with_deleted: bool) -> list[Contact]:
        """By version, from behind `after`; those that were changed before that time."""
        rows = self.store.rows(
            "select * from contacts where account_id = ? and source = ? and version > ? and updated_at_ms <= ? "
            "and (? or deleted_at_ms is null) order by version limit ?",
            self.account_id, self.source, after, before_ms, int(with_deleted), limit,
        )  # fmt: skip
        return [_contact(row) for row in rows]

    def count(self) -> int:
        return self.store.count(
            "select count(*) from contacts where account_id = ? and source = ? and deleted_at_ms is null",
            self.account_id, self.source,
        )  # fmt: skip

    def expire_tokens(self, now_ms: int) -> None:
        """Every sync token that was told until now is out of date."""
        self.store.run("update accounts set contacts_valid_from_ms = ? where id = ?", now_ms, self.account_id)

    def tokens_valid_from_ms(self) -> int:
        return self.store.count("select contacts_valid_from_ms from accounts where id = ?", self.account_id)

    def _write(self, contact_id: str, card: Card, deleted_at_ms: int | None, now_ms: int) -> None:
        with self.store.transaction():
            version = 1 + self.store.count(
                "select max(version) from contacts where account_id = ? and source = ?", self.account_id, self.source
            )
            self.store.run(
                "insert or replace into contacts values (?, ?, ?, ?, ?, ?, ?)",
                self.account_id, contact_id, self.source, version, deleted_at_ms, now_ms, json.dumps(_written(card)),
            )  # fmt: skip


def _written(card: Card) -> JsonObject:
    return {
        "name": card.name,
        "addresses": [*card.addresses],
        "phones": [*card.phones],
        "organization": card.organization,
    }


def _contact(row: sqlite3.Row) -> Contact:
    kept: JsonObject = json.loads(row["person"])
    card = Card(text(kept, "name"), texts(kept, "addresses"), texts(kept, "phones"), text(kept, "organization"))
    return Contact(
        row["id"], row["source"], row["version"], row["deleted_at_ms"] is not None, row["updated_at_ms"], card
    )
