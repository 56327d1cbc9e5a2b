"""Google accounts. `sub` is the account; its addresses may change (facts/gmail.md 0.10, 1.8)."""

import json
import secrets
import sqlite3
from dataclasses import dataclass

from syncer.sandbox.store import Store

FIRST_HISTORY_ID = 1_000_000
HISTORY_ID_DIGITS = 20


@dataclass(frozen=True, slots=True)
class Account:
    """email: the primary address. sub: 21 digits, for ever."""

    id: int
    sub: str
    email: str
    name: str


@dataclass(frozen=True, slots=True)
class Address:
    """kind: primary, alias (a send-as address, F: settings.sendAs), or former (before a rename; still delivered)."""

    address: str
    display_name: str
    kind: str
    verified: bool
    is_default: bool


_SELECT = (
    "select a.id, a.sub, a.name, p.address as email from accounts a "
    "join addresses p on p.account_id = a.id and p.kind = 'primary' "
)


def add(store: Store, email: str, name: str, now_ms: int) -> Account:
    """A new account with an empty mailbox. Raises: ValueError if the address belongs to one."""
    email = normal(email)
    if owner_of(store, email):
        raise ValueError(f"{email} belongs to an account")
    sub = "1" + "".join(secrets.choice("0123456789") for _ in range(20))
    first = f"{FIRST_HISTORY_ID:0{HISTORY_ID_DIGITS}d}"
    with store.transaction():
        number = store.insert(
            "insert into accounts (sub, name, history_id, valid_from) values (?, ?, ?, ?)", sub, name, first, first
        )
        store.run("insert into addresses values (?, ?, ?, 'primary', 1, 1)", email, number, name)
        # A mark, so that the first id has a time, too: history ids expire by age.
        store.run("insert into history values (?, ?, 'mark', '', '', ?, ?)", number, first, json.dumps([]), now_ms)
    return Account(number, sub, email, name)


def every(store: Store) -> list[Account]:
    return [_account(row) for row in store.rows(_SELECT + "order by a.id")]


def by_email(store: Store, email: str) -> Account | None:
    """The account whose primary address it is."""
    row = store.row(_SELECT + "where p.address = ?", normal(email))
    return _account(row) if row else None


def by_id(store: Store, account_id: int) -> Account:
    row = store.row(_SELECT + "where a.id = ?", account_id)
    assert row is not None
    return _account(row)


def owner_of(store: Store, address: str) -> Account | None:
    """The account that gets mail to this address: any of its addresses, with or without a +tag."""
    local, _, domain = normal(address).rpartition("@")
    row = store.row(
        "select account_id from addresses where address = ? and (kind <> 'alias' or verified)",
        f"{local.partition('+')[0]}@{domain}",
    )
    return by_id(store, row["account_id"]) if row else None


def addresses(store: Store, account_id: int) -> list[Address]:
    """The primary one first."""
    rows = store.rows("select * from addresses where account_id = ? order by kind <> 'primary', address", account_id)
    return [
        Address(row["address"], row["display_name"], row["kind"], bool(row["verified"]), bool(row["is_default"]))
        for row in rows
    ]


def add_alias(store: Store, account_id: int, address: str, display_name: str, *, verified: bool) -> None:
    """A send-as address. One that is there already gets the new name and state."""
    store.run(
        "insert into addresses values (?, ?, ?, 'alias', ?, 0) on conflict (address) do update set "
        "display_name = excluded.display_name, verified = excluded.verified",
        normal(address),
        account_id,
        display_name,
        int(verified),
    )


def remove_alias(store: Store, account_id: int, address: str) -> bool:
    sql = "delete from addresses where account_id = ? and address = ? and kind = 'alias'"
    return store.run(sql, account_id, normal(address)) == 1


def rename(store: Store, account: Account, email: str) -> None:
    """Another primary address for the same sub; mail to the old one still arrives."""
    with store.transaction():
        store.run("update addresses set kind = 'former' where account_id = ? and kind = 'primary'", account.id)
        store.run("delete from addresses where address = ? and account_id = ?", normal(email), account.id)
        store.run("insert into addresses values (?, ?, ?, 'primary', 1, 1)", normal(email), account.id, account.name)


def normal(address: str) -> str:
    return address.strip().casefold()


def _account(row: sqlite3.Row) -> Account:
    return Account(row["id"], row["sub"], row["email"], row["name"])
