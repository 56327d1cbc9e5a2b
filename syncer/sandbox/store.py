"""The sandbox's own SQLite file. One connection, used by the event loop's thread alone, so no two calls ever race."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

# Ids of histories are unsigned 64-bit numbers in strings (facts/gmail.md 0.4): 20 digits, so that text order is theirs.
_SCHEMA = """
create table if not exists accounts (
  id integer primary key, sub text not null unique, name text not null, history_id text not null,
  valid_from text not null, contacts_valid_from_ms integer not null default 0);
create table if not exists addresses (
  address text primary key, account_id integer not null references accounts, display_name text not null,
  kind text not null check (kind in ('primary', 'alias', 'former')), verified integer not null,
  is_default integer not null);
create index if not exists addresses_of on addresses (account_id);
create table if not exists raws (id integer primary key, data blob not null);
create table if not exists messages (
  account_id integer not null references accounts, id text not null, thread_id text not null,
  internal_date_ms integer not null, size_bytes integer not null, snippet text not null, history_id text not null,
  rfc822_id text not null, subject_key text not null, subject text not null, from_text text not null,
  to_text text not null, raw_id integer not null references raws, primary key (account_id, id)) without rowid;
create index if not exists messages_by_date on messages (account_id, internal_date_ms desc, id desc);
create index if not exists messages_by_thread on messages (account_id, thread_id, internal_date_ms);
create index if not exists messages_by_rfc822_id on messages (account_id, rfc822_id);
create table if not exists message_labels (
  account_id integer not null, message_id text not null, label_id text not null, internal_date_ms integer not null,
  primary key (account_id, message_id, label_id)) without rowid;
create index if not exists message_labels_by_date on message_labels
  (account_id, label_id, internal_date_ms desc, message_id desc);
create table if not exists labels (
  account_id integer not null, id text not null, name text not null, shown_in_lists text not null default 'show',
  shown text not null default 'labelShow', primary key (account_id, id), unique (account_id, name)) without rowid;
create table if not exists drafts (
  account_id integer not null, id text not null, message_id text not null, primary key (account_id, id)) without rowid;
create unique index if not exists drafts_by_message on drafts (account_id, message_id);
create table if not exists history (
  account_id integer not null, id text not null, kind text not null, message_id text not null, thread_id text not null,
  labels text not null, at_ms integer not null, primary key (account_id, id)) without rowid;
create table if not exists watches (
  account_id integer primary key references accounts, topic text not null, labels text not null,
  excluded integer not null, expires_at_ms integer not null, notified_id text not null);
create table if not exists clients (id text primary key, secret text not null, redirect_uris text not null);
create table if not exists grants (
  id integer primary key, account_id integer not null references accounts, client_id text not null,
  scopes text not null, revoked_at_ms integer);
create unique index if not exists grants_living on grants (account_id, client_id) where revoked_at_ms is null;
create table if not exists codes (
  code text primary key, grant_id integer not null references grants, redirect_uri text not null,
  scopes text not null, challenge text not null, challenge_method text not null, nonce text not null,
  offline integer not null, expires_at_ms integer not null);
create table if not exists refresh_tokens (
  token text primary key, grant_id integer not null references grants, scopes text not null,
  made_at_ms integer not null);
create index if not exists refresh_tokens_of on refresh_tokens (grant_id, made_at_ms);
create table if not exists access_tokens (
  token text primary key, grant_id integer not null references grants, scopes text not null,
  expires_at_ms integer not null);
create index if not exists access_tokens_of on access_tokens (grant_id);
create table if not exists contacts (
  account_id integer not null, id text not null, source text not null, version integer not null, deleted_at_ms integer,
  updated_at_ms integer not null, person text not null, primary key (account_id, id)) without rowid;
create index if not exists contacts_by_version on contacts (account_id, source, version);
create table if not exists outbox (
  id integer primary key, account_id integer not null, recipients text not null, data blob not null,
  state text not null, at_ms integer not null);
create table if not exists secrets (name text primary key, value blob not null);
"""


class Store:
    """Rows in, rows out. path: None keeps everything in memory."""

    def __init__(self, path: Path | None) -> None:
        # The server's thread may be another one than the one that made this; both at once never use it.
        self._connection = sqlite3.connect(path or ":memory:", isolation_level=None, check_same_thread=False)
        self._connection.row_factory = sqlite3.Row
        # WAL with NORMAL: what was committed survives a kill, and a call costs no flush. This is nobody's mail.
        self._connection.executescript("pragma journal_mode=wal; pragma synchronous=normal; pragma foreign_keys=on;")
        self._connection.executescript(_SCHEMA)

    def close(self) -> None:
        self._connection.close()

    def row(self, sql: str, *values: object) -> sqlite3.Row | None:
        """The first row; None where there is none."""
        found: sqlite3.Row | None = self._connection.execute(sql, values).fetchone()
        return found

    def rows(self, sql: str, *values: object) -> list[sqlite3.Row]:
        return self._connection.execute(sql, values).fetchall()

    def count(self, sql: str, *values: object) -> int:
        """The first column of the first row, a number."""
        (number,) = self._connection.execute(sql, values).fetchone()
        return int(number or 0)

    def run(self, sql: str, *values: object) -> int:
        """How many rows it changed."""
        return self._connection.execute(sql, values).rowcount

    def insert(self, sql: str, *values: object) -> int:
        """The new row's number."""
        return self._connection.execute(sql, values).lastrowid or 0

    def run_many(self, sql: str, rows: Sequence[tuple[object, ...]]) -> None:
        self._connection.executemany(sql, rows)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing; one inside another is part of it."""
        if self._connection.in_transaction:
            yield
            return
        self._connection.execute("begin immediate")
        try:
            yield
        except BaseException:
            self._connection.execute("rollback")
            raise
        self._connection.execute("commit")

    def secret(self, name: str, make: bytes) -> bytes:
        """A value that is made once and stays: the first make that was ever given."""
        self.run("insert or ignore into secrets values (?, ?)", name, make)
        row = self.row("select value from secrets where name = ?", name)
        assert row is not None
        return bytes(row["value"])
