"""Thousands of clients that hardly move, and one that floods: others are served, and memory stays bounded."""

import contextlib
import resource
import smtplib
import socket
import threading
import time
from pathlib import Path

import pytest
from dying_receiver import DyingReceiver, stored

PER_NETWORK = 50
FILES = 12_000
# What a connection in the middle of a mail may cost, block and buffers included. Measured: some 20 KB.
MOST_KB_EACH = 60
# As they come: in the greeting's shadow, in the middle of a command, in the middle of a mail.
STAGES = (b"", b"EHLO sl", b"EHLO slow\r\nMAIL FROM:<>\r\nRCPT TO:<postmaster@capture.localhost>\r\nDATA\r\nSub")
WORDS = (b"NOOP  ", b"ow.tes", b"ject: ")


@pytest.fixture
def many_files():
    """In this process. A receiver takes by itself what the system allows."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < FILES:
        pytest.skip("this system allows fewer open files")
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.fixture
def receivers(many_files):
    """Two, on one machine: what one may have open is not enough for all."""
    environ = {
        "SUNNYDAY_SMTP_CONNECTIONS": "60000",
        "SUNNYDAY_SMTP_CONNECTIONS_PER_NETWORK": str(PER_NETWORK),
        "SUNNYDAY_SMTP_UNLIMITED_NETWORKS": "192.0.2.0/24",
    }
    receivers = [DyingReceiver(environ), DyingReceiver(environ)]
    yield receivers
    for receiver in receivers:
        receiver.close()


def connected(port: int, source: str) -> socket.socket:
    """It was admitted or refused: there was something to read."""
    client = socket.create_connection(("127.0.0.1", port), timeout=60, source_address=(source, 0))
    client.recv(4, socket.MSG_PEEK)
    return client


def slow_client(port: int, number: int) -> socket.socket:
    """From an address of its own, as far as its stage."""
    client = connected(port, f"127.1.{number // 250}.{number % 250 + 1}")
    stage = STAGES[number % len(STAGES)]
    client.sendall(stage)
    heard = b""
    while stage.endswith(b"Sub") and b"\r\n354 " not in heard:
        heard += client.recv(1000)
    return client


class Flood:
    """One address that opens connections without end and pours mail into each that is admitted."""

    def __init__(self, port: int) -> None:
        self.refused = 0
        self._port = port
        self._enough = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        mail = (STAGES[-1] + b"ject: x\r\n\r\n" + b"flood\r\n" * 1000 + b".\r\n")[11:]
        with contextlib.ExitStack() as stack:
            admitted = []
            while not self._enough.is_set():
                client = stack.enter_context(connected(self._port, "127.2.0.1"))
                if client.recv(4) == b"220 ":
                    client.sendall(b"EHLO slow\r\n")
                    admitted.append(client)
                else:
                    self.refused += 1
                    client.close()
                client = admitted[self.refused % len(admitted)]
                client.sendall(mail)
                client.recv(1_000_000)

    def end(self) -> None:
        self._enough.set()
        self._thread.join(60)
        assert not self._thread.is_alive()


def resident_kb(pid: int) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * 4


def mail_of_another(port: int, number: int) -> None:
    with smtplib.SMTP("127.0.0.1", port, timeout=60, source_address=(f"127.3.0.{number + 1}", 0)) as client:
        client.sendmail("ben@sender.test", ["postmaster@capture.localhost"], b"Subject: other\r\n\r\nx\r\n")


@pytest.mark.parametrize("count", [300, pytest.param(10_000, marks=pytest.mark.soak)])
def test_slow_clients_and_a_flood_hold_up_nobody(receivers, tmp_path, count):
    with contextlib.ExitStack() as stack:
        pids = [stack.enter_context(receiver.living(tmp_path)) for receiver in receivers]
        ports = [receiver.port for receiver in receivers]
        for port in ports:
            mail_of_another(port, 0)
        before_kb = sum(map(resident_kb, pids))
        slow = [stack.enter_context(slow_client(ports[number % 2], number)) for number in range(count)]
        flood = Flood(ports[0])
        took_s = []
        for n in range(6):
            for number, client in enumerate(slow):
                client.sendall(WORDS[number % len(WORDS)][n : n + 1])
            began_s = time.perf_counter()
            mail_of_another(ports[n % 2], n)
            took_s.append(time.perf_counter() - began_s)
        while flood.refused < 20:
            time.sleep(0.01)
        flood.end()
        grown_kb = sum(map(resident_kb, pids)) - before_kb
        print(
            f"{count} slow clients and a flood: {grown_kb / count:.1f} kB each, "
            f"a mail of another took {sorted(took_s)[3] * 1000:.0f} ms, {flood.refused} of the flood refused"
        )
        for client in slow[2 :: len(STAGES)]:
            client.sendall(b"x\r\n.\r\n")
        assert all(client.recv(1000).startswith(b"250 2.0.0") for client in slow[2 :: len(STAGES)])
    assert grown_kb < MOST_KB_EACH * count + 20_000
    assert len(stored(tmp_path)) > 7 + count // len(STAGES)
