"""The column kinds that are ours. Migrations use them too: what is written here does not change its meaning."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Literal, overload

from peewee import SQL, BigAutoField, BigIntegerField, BlobField, Context, NodeList, SqliteDatabase, TextField


class Id(BigAutoField):
    """64 bits, counting up. On SQLite AUTOINCREMENT too: without it the id of a deleted last row is given out again,
    and an old link would show somebody else's row."""

    def ddl(self, ctx: Context) -> NodeList:
        columns: NodeList = super().ddl(ctx)
        on_sqlite = _is_sqlite(self.model._meta.database)
        return NodeList((columns, SQL("AUTOINCREMENT"))) if on_sqlite else columns


OnDelete = Literal["CASCADE", "RESTRICT"]


@overload
def reference(table: str, *, null: Literal[False] = ..., on_delete: OnDelete = ...) -> BigIntegerField[int]: ...
@overload
def reference(table: str, *, null: Literal[True], on_delete: OnDelete = ...) -> BigIntegerField[int | None]: ...
def reference(
    table: str, *, null: bool = False, on_delete: OnDelete = "RESTRICT"
) -> BigIntegerField[int] | BigIntegerField[int | None]:
    """A foreign key that holds the id and nothing else: no row is ever loaded behind a reader's back.

    It brings no index; each table names the indexes that its queries need."""
    constraint = SQL(f'REFERENCES "{table}" ("id") ON DELETE {on_delete}')
    if null:
        return BigIntegerField(null=True, constraints=[constraint])
    return BigIntegerField(constraints=[constraint])


@overload
def blob_reference(*, null: Literal[False] = ...) -> BlobField[bytes]: ...
@overload
def blob_reference(*, null: Literal[True]) -> BlobField[bytes | None]: ...
def blob_reference(*, null: bool = False) -> BlobField[bytes] | BlobField[bytes | None]:
    """The SHA-256 of raw bytes in the blob store; the blob row is what a clean-up locks before it deletes a file."""
    constraint = SQL('REFERENCES "blob" ("sha256")')
    if null:
        return BlobField(null=True, constraints=[constraint])
    return BlobField(constraints=[constraint])


def one_of(column: str, words: type[StrEnum]) -> str:
    """The text of a CHECK that admits the words of an enumeration only."""
    listed = ", ".join(f"'{word}'" for word in words)
    return f'"{column}" IN ({listed})'


class IdOf(BigIntegerField):
    """The id of a row of another table that this row belongs to, and is deleted with; the key here too."""

    def __init__(self, table: str) -> None:
        constraint = SQL(f'REFERENCES "{table}" ("id") ON DELETE CASCADE')
        super().__init__(primary_key=True, constraints=[constraint])

    def ddl_datatype(self, _ctx: Context) -> SQL:
        return SQL("INTEGER" if _is_sqlite(self.model._meta.database) else "BIGINT")  # SQLite's own row id


class WordsField(TextField):
    """What a row is found by: a TSVECTOR on PostgreSQL; on SQLite the same words, as its index FTS5 is told them."""

    def ddl_datatype(self, _ctx: Context) -> SQL:
        return SQL("TEXT" if _is_sqlite(self.model._meta.database) else "TSVECTOR")


def create_words_index(db: Any, table: str) -> None:
    """The full text index of a table's words, which follows every change of its rows. Any: Peewee's databases have
    methods without types."""
    if not _is_sqlite(db):
        # The words lie beside their table: a question reads the ids of thousands of rows and no row's words.
        db.execute_sql(f'ALTER TABLE "{table}" SET (toast_tuple_target = 128)')
        # What is pending is read from its beginning by every question, and makes filing cheaper: a little of it.
        pending = "fastupdate = on, gin_pending_list_limit = 256"
        db.execute_sql(f'CREATE INDEX "{table}_index" ON "{table}" USING gin ("words") WITH ({pending})')
        return
    # The words come as they are to be found: the tokenizer divides them at spaces alone. No positions are kept.
    db.execute_sql(
        f"CREATE VIRTUAL TABLE \"{table}_index\" USING fts5(words, content='{table}', content_rowid='id',"
        " tokenize=\"ascii tokenchars '_'\", detail=none, columnsize=0)"
    )
    index = f'INSERT INTO "{table}_index"'
    put = index + " (rowid, words) VALUES (new.id, new.words);"
    take = index + f" (\"{table}_index\", rowid, words) VALUES ('delete', old.id, old.words);"
    for event, steps in (("INSERT", put), ("DELETE", take), ("UPDATE", take + " " + put)):
        name = f"{table}_{event.lower()}"
        db.execute_sql(f'CREATE TRIGGER "{name}" AFTER {event} ON "{table}" BEGIN {steps} END')


def _is_sqlite(db: object) -> bool:
    return isinstance(getattr(db, "obj", db), SqliteDatabase)
