"""The service as the supervisor starts it: processes of their own, an inherited socket, real signals."""

import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from gateway.intake import segment

PROJECT = Path(__file__).resolve().parents[3]
# No database stands behind it: postmaster is taken all the same.
RECIPIENT = "postmaster@capture.localhost"
SERVICE = """
import os, socket, sys
from crm_store import logs, settings
from crm_store.process.service import Context
from gateway.smtp.service import run
logs.configure("json", "receiver")
listening = [socket.socket(fileno=int(sys.argv[1]))]
run(Context(settings.load(), {"smtp": listening}, ready=lambda: print("ready", flush=True), alive=lambda: None))
"""


class Machine:
    """One listening socket and the processes that serve on it."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        self.listening.bind(("127.0.0.1", 0))
        self.listening.listen(1024)
        self.port: int = self.listening.getsockname()[1]
        self.processes: list[subprocess.Popen[str]] = []

    def start(self) -> subprocess.Popen[str]:
        fd = self.listening.fileno()
        process = subprocess.Popen(
            [sys.executable, "-c", SERVICE, str(fd)],
            pass_fds=[fd],
            env={**os.environ, "PYTHONPATH": str(PROJECT), "SUNNYDAY_DATA": str(self.data)},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self.processes.append(process)
        assert process.stdout is not None
        assert "ready" in iter(lambda: process.stdout.readline().strip(), "")
        return process

    def rows(self) -> dict[str, segment.IntakeRow]:
        return {
            row.receipt_id: row
            for acceptor in segment.acceptors(self.data / "intake")
            for path in segment.segments(acceptor)
            for row in segment.read_rows(path, 0, 1_000_000)
        }

    def text(self, row: segment.IntakeRow) -> bytes:
        if row.body is not None:
            return row.body
        (path,) = (self.data / "intake").glob(f"acceptors/*/spool/{row.spool}")
        return path.read_bytes()

    def close(self) -> None:
        for process in self.processes:
            with suppress(ProcessLookupError):
                process.kill()
            process.wait(30)
            process.stdout.close()
        self.listening.close()


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    machine = Machine(tmp_path)
    yield machine
    machine.close()


class Sender:
    """Raises ConnectionError where the other side goes away."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=20)
        self._replies = self.socket.makefile("rb")
        self.greeting = self.reply()
        self.say("HELO client.test")

    def reply(self) -> str:
        line = self._replies.readline().decode()
        if not line.endswith("\r\n"):
            raise ConnectionResetError
        return line.rstrip()

    def say(self, line: str) -> str:
        self.socket.sendall(line.encode() + b"\r\n")
        return self.reply()

    def begin(self) -> None:
        self.say("MAIL FROM:<>")
        self.say(f"RCPT TO:<{RECIPIENT}>")
        assert self.say("DATA").startswith("354 ")

    def mail(self, text: bytes) -> str:
        """The receipt id."""
        self.begin()
        self.socket.sendall(text + b".\r\n")
        kept = re.fullmatch(r"250 2\.0\.0 (\w{26}) kept", self.reply())
        assert kept is not None
        return kept[1]

    def close(self) -> None:
        self._replies.close()
        self.socket.close()


def peak_kb(process: subprocess.Popen[str]) -> int:
    status = Path(f"/proc/{process.pid}/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+)", status)[1])


def test_two_processes_serve_on_one_socket_and_one_takes_over(machine):
    one, two = machine.start(), machine.start()
    senders = [Sender(machine.port) for _ in range(60)]
    for n, sender in enumerate(senders):
        sender.mail(b"%d\r\n" % n)
    assert sorted(int(row.body) for row in machine.rows().values()) == list(range(60))
    assert len(segment.acceptors(machine.data / "intake")) == 2  # both had some
    one.send_signal(signal.SIGTERM)
    assert one.wait(30) == 0
    Sender(machine.port).mail(b"60\r\n")
    assert len(machine.rows()) == 61
    two.send_signal(signal.SIGTERM)
    assert two.wait(30) == 0
    assert all(segment.is_dead(acceptor) for acceptor in segment.acceptors(machine.data / "intake"))


def test_sigterm_lets_a_mail_under_way_finish(machine):
    process = machine.start()
    idle, sender = Sender(machine.port), Sender(machine.port)
    sender.begin()
    sender.socket.sendall(b"first half\r\n" + b"x" * 400_000)
    process.send_signal(signal.SIGTERM)
    assert idle.reply().startswith("421 4.3.2")
    sender.socket.sendall(b"\r\nsecond half\r\n.\r\n")
    assert sender.reply().startswith("250 2.0.0")
    assert process.wait(30) == 0
    (row,) = machine.rows().values()
    assert machine.text(row) == b"first half\r\n" + b"x" * 400_000 + b"\r\nsecond half\r\n"


def test_memory_does_not_grow_with_the_size_of_mails(machine):
    process = machine.start()
    Sender(machine.port).mail(b"x" * 250_000 + b"\r\n")
    before_kb = peak_kb(process)
    block = (b"x" * 1022 + b"\r\n") * 1024

    def send_30_mb() -> None:
        sender = Sender(machine.port)
        sender.begin()
        for _ in range(30):
            sender.socket.sendall(block)
        assert sender.say(".").startswith("250 2.0.0")
        sender.close()

    threads = [threading.Thread(target=send_30_mb) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert [row.size_bytes for row in machine.rows().values()][1:] == [30 * len(block)] * 4
    grown_kb = peak_kb(process) - before_kb
    print(f"peak RSS {before_kb} kB before, {grown_kb} kB more for 4 mails of 30 MB at once")
    assert grown_kb < 12_000
