"""Sessions of nonsense, many at once: every reply is one that we know, none blames the sender for an error of ours,
nobody hangs, and nothing of a session stays: no task, no file, no memory."""

import asyncio
import gc
import os
import re
import socket
import ssl
import struct
import time
import weakref
from contextlib import suppress
from pathlib import Path

import pytest
import structlog
from conditions import until
from smtp_nonsense import Ending, mark, marks, nonsense

from gateway.smtp import replies
from gateway.smtp.session import SmtpSession
from gateway.smtp.tls_files import TlsFiles

AT_ONCE = 24
# 200,000 in four parts, so that each can be had again.
LONG_FORM = [pytest.param(first * 1_000_000, 50_000, marks=pytest.mark.soak) for first in range(1, 5)]
_HELD_UP_S = 120
_NAMED = [text for name, text in vars(replies).items() if name.isupper() and text != replies.TRY_LATER]
_REPLY = re.compile(
    "|".join(re.sub(r"\\{\w+\\}", "[^ ]+", re.escape(text)) for text in _NAMED).encode()
    + rb"|220 Ready to start TLS|250[- ](mx\.test|SIZE \d+|8BITMIME|SMTPUTF8|PIPELINING|CHUNKING|STARTTLS|LIMITS \S+|ENHANCED\S+)"
)
_KEPT = re.compile(rb"250 2\.0\.0 (\w{26}) kept")


@pytest.fixture
def troubles():
    """What is logged as a warning or worse; the rest is dropped: there is much of it."""
    found: list[str] = []

    def note(_logger, method, event):
        if method not in ("debug", "info"):
            found.append(str(event))
        raise structlog.DropEvent

    structlog.configure(processors=[structlog.processors.format_exc_info, note])
    return found


@pytest.fixture
def receiver(start_receiver, certificate):
    # A machine with much to do is no reason to hear 451.
    return start_receiver(tls=TlsFiles(*certificate).context, skip_bytes=2_000_000, check_limit_s=60)


def trusting() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


class Player:
    def __init__(self, port: int) -> None:
        self._port = port
        self._tls = trusting()
        self.kept: set[str] = set()
        self.heard = 0

    async def play_all(self, seeds: range) -> None:
        waiting = iter(seeds)

        async def play_some() -> None:
            for seed in waiting:
                try:
                    async with asyncio.timeout(_HELD_UP_S):
                        await self._play(seed)
                except Exception as error:
                    raise AssertionError(f"seed {seed}") from error

        async with asyncio.TaskGroup() as group:
            for _ in range(AT_ONCE):
                group.create_task(play_some())

    async def _play(self, seed: int) -> None:
        session = nonsense(seed)
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        connection = writer.get_extra_info("socket")
        heard = b""
        with suppress(OSError):  # it was sent away while it still talked
            heard += await self._say(reader, writer, session.plain)
            if session.encrypted is not None and b"220 Ready" in (heard := heard + await _until_tls(reader, writer)):
                await writer.start_tls(self._tls)
                heard += await self._say(reader, writer, session.encrypted)
            if session.ending is Ending.RESET:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            heard += await _end(reader, writer, session.ending)
        writer.transport.abort()
        self._judge(seed, heard, whole=session.ending in (Ending.QUIT, Ending.HALF) and session.encrypted is None)

    async def _say(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, pieces: list[bytes]) -> bytes:
        heard = b""
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            if len(pieces) > 5:
                heard += await _at_once(reader)
        return heard

    def _judge(self, seed: int, heard: bytes, *, whole: bool) -> None:
        *said, last = heard.split(b"\r\n")
        assert not (whole and last), (seed, heard)
        assert all(_REPLY.fullmatch(reply) for reply in said), (seed, heard)
        self.heard += len(said)
        self.kept |= {receipt.decode() for receipt in _KEPT.findall(heard)}


async def _until_tls(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
    """Ask for TLS, and read to the answer."""
    writer.write(b"STARTTLS\r\n")
    await writer.drain()
    heard = b""
    while not re.search(rb"(^|\n)(220 Ready|421|502|500|503 5.5.1 Command)[^\n]*\n$", heard):
        if not (block := await reader.read(65_536)):
            break
        heard += block
    return heard


async def _end(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, ending: Ending) -> bytes:
    if ending in (Ending.RESET, Ending.CLOSE):
        return b""
    if writer.can_write_eof():  # the QUIT may be text of a mail that has no end
        writer.write_eof()
        return await reader.read(-1)
    return await _at_once(reader)  # TLS has no halves


async def _at_once(reader: asyncio.StreamReader) -> bytes:
    with suppress(TimeoutError):
        async with asyncio.timeout(0.001):
            return await reader.read(65_536)
    return b""


def open_files() -> int:
    return len(os.listdir("/proc/self/fd"))


def resident_kb() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4


@pytest.fixture
def sessions_left(receiver, monkeypatch):
    """How many sessions are still in memory. Under TLS the connection goes some time behind the session."""
    seen: weakref.WeakSet[SmtpSession] = weakref.WeakSet()
    begin = receiver.server._begin

    def note(session):
        seen.add(session)
        begin(session)

    monkeypatch.setattr(receiver.server, "_begin", note)

    def left():
        gc.collect()
        return len(seen)

    return left


@pytest.mark.parametrize(("first", "sessions"), [(0, 400), *LONG_FORM])
def test_sessions_of_nonsense_are_answered_end_and_leave_nothing(
    receiver, sessions_left, troubles, caplog, first, sessions
):
    player = Player(receiver.port)
    asyncio.run(player.play_all(range(first, first + sessions // 20)))
    until(lambda: not sessions_left(), 90)
    tasks, files, before_kb = receiver.tasks(), open_files(), resident_kb()
    began_s = time.monotonic()
    asyncio.run(player.play_all(range(first + sessions // 20, first + sessions)))
    until(lambda: not sessions_left(), 90)
    after_kb = resident_kb()
    found = check_rows(receiver)
    print(
        f"seeds {first} to {first + sessions - 1}, {AT_ONCE} at once: {player.heard} replies, {len(player.kept)} mails "
        f"acknowledged and heard of, {len(found)} kept, {time.monotonic() - began_s:.0f} s; tasks {tasks} then "
        f"{receiver.tasks()}, files {files} then {open_files()}, resident {before_kb} kB then {after_kb} kB"
    )
    assert troubles == []
    assert [
        (record.threadName, record.getMessage())
        for record in caplog.records
        if record.levelname in ("WARNING", "ERROR")
    ] == []
    assert receiver.tasks() == tasks
    assert open_files() <= files + 2  # a segment's
    assert after_kb < before_kb + 60_000  # some 30 MB of it come with the first thousands
    assert player.kept <= found


def check_rows(receiver) -> set[str]:
    """The receipt ids. Each has its session's mark alone, and its spool file; there are no others."""
    found, spooled = set(), set()
    for row in receiver.each_row():
        found.add(row.receipt_id)
        spooled |= {row.spool} - {None}
        said, held = marks(row.envelope.helo.encode()), marks(receiver.text(row))
        assert held <= said or not said, row.receipt_id
    assert set(receiver.spool_files()) == spooled
    return found


def test_a_session_is_the_same_again_by_its_seed():
    assert nonsense(7) == nonsense(7) != nonsense(8)
    assert mark(7) in b"".join(nonsense(7).plain)
