"""The column kinds that are ours. Migrations use them too: what is written here does not change its meaning."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal, overload

from peewee import SQL, BigAutoField, BigIntegerField, BlobField, Context, NodeList, SqliteDatabase


class Id(BigAutoField):
    """64 bits, counting up. On SQLite AUTOINCREMENT too: without it the id of a deleted last row is given out again,
    and an old link would show somebody else's row."""

    def ddl(self, ctx: Context) -> NodeList:
        database = self.model._meta.database
        columns: NodeList = super().ddl(ctx)
        on_sqlite = isinstance(getattr(database, "obj", database), SqliteDatabase)
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
