"""How many mails a second go from the intake into the CRM, against a loop that inserts and commits a row for each."""

import asyncio
import contextlib
import sqlite3
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path

import psycopg
from conditions import until
from databases import both
from figures import Figure, compared
from mails import a_mail
from places import environ_of, store_of
from processes import ours

from crm_store.database import engine
from crm_store.rules.states import Role
from gateway.intake.envelope import Envelope
from gateway.intake.intake import Intake

MAILS = 2_000
CONTACTS = 200
FILED_WITHIN_S = 300


def measure(folder: Path) -> Iterator[Figure]:
    with both() as databases:
        for database, make in databases.items():
            yield _compare(database, environ_of(folder / database, **make()))


def _compare(database: str, environ: Mapping[str, str]) -> Figure:
    with store_of(environ) as store:
        _take_in(store.settings.intake_folder, store.user("ani@firma.example", store.location(), Role.ADMIN).bcc)
        peer = [_plain_per_s(environ)]
        with ours(environ, "drainer", "capture") as services:
            started_s = services.cpu_s()
            until(lambda: _decided() == MAILS, FILED_WITHIN_S)
            cpu_us = (services.cpu_s() - started_s) * 1e6 / MAILS
        peer.append(_plain_per_s(environ))
        began_at_ms, received_at_ms, filed_at_ms = _times()
    return compared(
        f"filed from a full intake, {database}",
        "mails/s",
        [MAILS * 1000 / (filed_at_ms - began_at_ms)] * 2,
        "a plain INSERT and commit each",
        peer,
        {"drained alone, at least": MAILS * 1000 / (received_at_ms - began_at_ms), "CPU µs": round(cpu_us)},
    )


def _take_in(intake_folder: Path, recipient: str) -> None:
    """Mails as the receiver leaves them: to a couple of hundred people, every other one an answer."""

    async def take_in() -> None:
        intake = Intake(intake_folder, 1 << 20)
        await asyncio.gather(*(intake.put(_envelope(recipient), _chunks(number)) for number in range(MAILS)))
        await intake.close()

    asyncio.run(take_in())


def _envelope(recipient: str) -> Envelope:
    return Envelope("ani@firma.example", (recipient,), "127.0.0.1", "client.example", False, int(time.time() * 1000))


async def _chunks(number: int) -> AsyncIterator[bytes]:
    person, turn = number % CONTACTS, number // CONTACTS
    yield a_mail(
        to=f"Budi <budi{person}@pelanggan.example>",
        subject=f"Penawaran {number}",
        message_id=f"<{turn}.{person}@firma.example>",
        answers=f"<{turn - 1}.{person}@firma.example>" if turn % 2 else None,
    )


def _decided() -> int:
    ((count,),) = engine.database.execute_sql("SELECT count(*) FROM decision")
    return int(count)


def _times() -> tuple[int, int, int]:
    """When the drainer began, when it had moved the last, and when the last was decided, each as a batch begins."""
    (stored,) = engine.database.execute_sql("SELECT min(stored_at_ms), max(stored_at_ms) FROM blob")
    ((decided_at_ms,),) = engine.database.execute_sql("SELECT max(decided_at_ms) FROM capture")
    return stored[0], stored[1], decided_at_ms


def _plain_per_s(environ: Mapping[str, str]) -> float:
    """Of a table with nothing but the mails, in the same database."""
    url = environ.get("SUNNYDAY_DATABASE_URL")
    opened = (
        psycopg.connect(url, autocommit=True) if url else sqlite3.connect(_plain_file(environ), isolation_level=None)
    )
    placeholder = "%s, %s" if url else "?, ?"
    with contextlib.closing(opened) as connection:
        if not url:
            connection.execute("PRAGMA synchronous = FULL")
        connection.execute(f"CREATE TABLE plain (recipient TEXT, body {'BYTEA' if url else 'BLOB'})")
        mail = a_mail()
        began_at_s = time.perf_counter()
        for _ in range(MAILS):
            connection.execute(f"INSERT INTO plain VALUES ({placeholder})", ("ani@firma.example", mail))
        seconds = time.perf_counter() - began_at_s
        connection.execute("DROP TABLE plain")
    return MAILS / seconds


def _plain_file(environ: Mapping[str, str]) -> Path:
    path = Path(environ["SUNNYDAY_DATA"]) / "plain.sqlite3"
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
    return path
