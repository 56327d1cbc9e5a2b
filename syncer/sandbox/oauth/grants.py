"""What an account granted to a client, and the tokens that stand for it (facts/gmail.md 1.8)."""

import json
import secrets
from collections.abc import Iterable
from dataclasses import dataclass

from syncer.sandbox.api.errors import unauthenticated
from syncer.sandbox.mailbox import accounts
from syncer.sandbox.mailbox.accounts import Account
from syncer.sandbox.store import Store

MOST_REFRESH_TOKENS = 100  # per account and client; the oldest dies silently


@dataclass(frozen=True, slots=True)
class Access:
    """What an access token opens."""

    account: Account
    scopes: frozenset[str]


@dataclass(frozen=True, slots=True)
class Grant:
    """scopes: all that the account ever granted to the client since the last revocation."""

    id: int
    account_id: int
    client_id: str
    scopes: frozenset[str]


def access_of(store: Store, token: str, now_ms: int) -> Access:
    """Raises: ApiError 401 for none, an unknown, an expired or a revoked one: those are deleted."""
    row = store.row(
        "select t.scopes, t.expires_at_ms, g.account_id from access_tokens t join grants g on g.id = t.grant_id "
        "where t.token = ?",
        token,
    )
    if row is None or row["expires_at_ms"] <= now_ms:
        raise unauthenticated()
    return Access(accounts.by_id(store, row["account_id"]), frozenset(json.loads(row["scopes"])))


def current(store: Store, account_id: int, client_id: str) -> Grant | None:
    """None where nothing is granted, or all is revoked."""
    row = store.row(
        "select * from grants where account_id = ? and client_id = ? and revoked_at_ms is null", account_id, client_id
    )
    return Grant(row["id"], account_id, client_id, frozenset(json.loads(row["scopes"]))) if row else None


def by_id(store: Store, grant_id: int) -> Grant | None:
    """None for a revoked one."""
    row = store.row("select * from grants where id = ? and revoked_at_ms is null", grant_id)
    return Grant(row["id"], row["account_id"], row["client_id"], frozenset(json.loads(row["scopes"]))) if row else None


def extend(store: Store, account_id: int, client_id: str, scopes: Iterable[str]) -> Grant:
    """Add scopes to the grant, or begin one."""
    with store.transaction():
        had = current(store, account_id, client_id)
        if had is None:
            store.run("insert into grants (account_id, client_id, scopes) values (?, ?, '[]')", account_id, client_id)
        whole = sorted((had.scopes if had else frozenset()) | set(scopes))
        store.run(
            "update grants set scopes = ? where account_id = ? and client_id = ? and revoked_at_ms is null",
            json.dumps(whole),
            account_id,
            client_id,
        )
        grant = current(store, account_id, client_id)
    assert grant is not None
    return grant


def new_access_token(store: Store, grant: Grant, scopes: Iterable[str], now_ms: int, valid_s: int) -> str:
    token = f"ya29.{secrets.token_urlsafe(48)}"
    store.run("delete from access_tokens where grant_id = ? and expires_at_ms < ?", grant.id, now_ms)
    store.run(
        "insert into access_tokens values (?, ?, ?, ?)",
        token,
        grant.id,
        json.dumps(sorted(scopes)),
        now_ms + valid_s * 1000,
    )
    return token


def new_refresh_token(store: Store, grant: Grant, scopes: Iterable[str], now_ms: int) -> str:
    """The hundred-and-first kills the oldest."""
    token = f"1//{secrets.token_urlsafe(48)}"
    store.run("insert into refresh_tokens values (?, ?, ?, ?)", token, grant.id, json.dumps(sorted(scopes)), now_ms)
    store.run(
        "delete from refresh_tokens where grant_id = ? and token not in (select token from refresh_tokens "
        "where grant_id = ? order by made_at_ms desc, rowid desc limit ?)",
        grant.id,
        grant.id,
        MOST_REFRESH_TOKENS,
    )
    return token


def refreshing(store: Store, refresh_token: str, client_id: str) -> tuple[Grant, frozenset[str]] | None:
    """The grant and scopes of a refresh token; None if it is dead or another client's."""
    row = store.row("select grant_id, scopes from refresh_tokens where token = ?", refresh_token)
    grant = by_id(store, row["grant_id"]) if row else None
    if row is None or grant is None or grant.client_id != client_id:
        return None
    return grant, frozenset(json.loads(row["scopes"]))


def revoke(store: Store, token: str, now_ms: int) -> bool:
    """Kill the whole grant behind an access or refresh token (1.8). False for a token that nobody knows."""
    row = store.row(
        "select grant_id from refresh_tokens where token = ? union select grant_id from access_tokens where token = ?",
        token,
        token,
    )
    if row is None or by_id(store, row["grant_id"]) is None:
        return False
    revoke_grant(store, row["grant_id"], now_ms)
    return True


def revoke_grant(store: Store, grant_id: int, now_ms: int) -> None:
    with store.transaction():
        store.run("update grants set revoked_at_ms = ? where id = ?", now_ms, grant_id)
        store.run("delete from access_tokens where grant_id = ?", grant_id)
        store.run("delete from refresh_tokens where grant_id = ?", grant_id)


def of_account(store: Store, account_id: int) -> list[Grant]:
    """Those that live."""
    rows = store.rows("select id from grants where account_id = ? and revoked_at_ms is null", account_id)
    return [grant for row in rows if (grant := by_id(store, row["id"]))]


def expire_access_tokens(store: Store, account_id: int) -> None:
    """As if an hour had gone by."""
    store.run("delete from access_tokens where grant_id in (select id from grants where account_id = ?)", account_id)
