"""A load of mails over SMTP: a program of its own, so that it has its own core.

Prints one JSON object: {"seconds": s, "to_250_ms": [from a mail's last byte to its 250], "whole_ms": [from connecting,
or from the 250 before, to that], "accepted_at_s": [time of day of that]}, mails in the order of their numbers, 0, 1, 2 …"""

import argparse
import asyncio
import json
import sys
import time
from collections.abc import Iterator

BODY_LINE = b"Selamat pagi, terlampir penawaran kami. Kami tunggu kabar baiknya.\r\n"


class Client(asyncio.Protocol):
    """One session after the other: without pipelining, which the peer does not offer."""

    def __init__(self, load: "Load", number: int) -> None:
        self._load = load
        self._number: int | None = number
        self._buffer = b""
        self._began_at_s = time.perf_counter()
        self._talk = self._say()
        self.over = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        next(self._talk)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if not self._buffer.endswith(b"\n") or self._buffer[self._buffer.rfind(b"\n", 0, -1) + 4 :][:1] == b"-":
            return
        reply, self._buffer = self._buffer, b""
        try:
            self._talk.send(reply)
        except StopIteration:
            self._transport.close()
        except Exception as error:  # noqa: BLE001
            self.over.set_exception(error)
            self._transport.close()

    def connection_lost(self, _error: Exception | None) -> None:
        if not self.over.done():
            self.over.set_result(None)

    def _say(self) -> Iterator[None]:
        """Each yield is answered with the reply to what was written before."""
        expect(b"220", (yield))
        self._transport.write(b"EHLO client.example\r\n")
        expect(b"250", (yield))
        while self._number is not None:
            self._transport.write(b"MAIL FROM:<ani@firma.example>\r\n")
            expect(b"250", (yield))
            self._transport.write(self._load.rcpt)
            expect(b"250", (yield))
            self._transport.write(b"DATA\r\n")
            expect(b"354", (yield))
            self._transport.write(self._load.mail(self._number))
            sent_at_s = time.perf_counter()
            expect(b"250", (yield))
            now_s = time.perf_counter()
            took_ms = ((now_s - sent_at_s) * 1000, (now_s - self._began_at_s) * 1000)
            self._load.accepted[self._number] = (*took_ms, time.time())
            self._began_at_s = now_s
            self._number = next(self._load.numbers, None) if self._load.reuse else None
        self._transport.write(b"QUIT\r\n")
        expect(b"221", (yield))


def expect(code: bytes, reply: bytes) -> None:
    if not reply.startswith(code):
        raise AssertionError(f"{code.decode()} was expected, and {reply.decode()!r} came")


class Load:
    """tag: with its number, a mail's Message-ID. reuse: all of a session's mails on one connection."""

    def __init__(self, tag: str, mails: int, size_bytes: int, recipient: str, *, reuse: bool) -> None:
        self.numbers = iter(range(mails))
        self._tag = tag
        self._size_bytes = size_bytes
        self.rcpt = f"RCPT TO:<{recipient}>\r\n".encode()
        self.reuse = reuse
        self.accepted: dict[int, tuple[float, float, float]] = {}

    def mail(self, number: int) -> bytes:
        """With its final dot."""
        head = (
            f"From: Ani <ani@firma.example>\r\nTo: Budi <budi{number % 50}@pelanggan.example>\r\n"
            f"Subject: Penawaran {number}\r\nDate: Mon, 23 Nov 2026 09:00:00 +0000\r\n"
            f"Message-ID: <{number}.{self._tag}@firma.example>\r\n\r\n"
        ).encode()
        return head + BODY_LINE * ((self._size_bytes - len(head)) // len(BODY_LINE)) + b".\r\n"


async def send(load: Load, port: int, sessions: int) -> float:
    """As fast as they are taken; seconds that it took."""

    async def one() -> None:
        while (number := next(load.numbers, None)) is not None:
            await _connect(load, number, port)

    began_at_s = time.perf_counter()
    await asyncio.gather(*(one() for _ in range(sessions)))
    return time.perf_counter() - began_at_s


async def send_at(per_s: float, load: Load, port: int) -> float:
    """This many a second, however long each takes; seconds that it took."""
    began_at_s = time.perf_counter()
    async with asyncio.TaskGroup() as under_way:
        for number in load.numbers:
            await asyncio.sleep(began_at_s + number / per_s - time.perf_counter())
            under_way.create_task(_connect(load, number, port))
    return time.perf_counter() - began_at_s


async def _connect(load: Load, number: int, port: int) -> None:
    client = Client(load, number)
    await asyncio.get_running_loop().create_connection(lambda: client, "127.0.0.1", port)
    await client.over


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("recipient")
    for name in ("port", "mails", "size-bytes"):
        parser.add_argument(f"--{name}", type=int, required=True)
    parser.add_argument("--sessions", type=int, default=1)
    parser.add_argument("--reuse", action="store_true")
    parser.add_argument("--per-s", type=float, help="in place of sessions that send one mail after the other")
    parser.add_argument("--tag", default=str(time.time_ns()))
    said = parser.parse_args()
    load = Load(said.tag, said.mails, said.size_bytes, said.recipient, reuse=said.reuse)
    sending = send_at(said.per_s, load, said.port) if said.per_s else send(load, said.port, said.sessions)
    seconds = asyncio.run(sending)
    figures = zip(*(load.accepted[number] for number in range(said.mails)), strict=True)
    names = ("to_250_ms", "whole_ms", "accepted_at_s")
    json.dump({"seconds": seconds, **dict(zip(names, figures, strict=True))}, sys.stdout)


if __name__ == "__main__":
    main()
