"""The web as the supervisor runs it: in a process of its own, on a socket that it inherits."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

PROGRAM = """
import os, socket, sys
from crm_store import logs, settings
from crm_store.database.migrate import migrate
from crm_store.process.service import Context
from gateway.web.service import run

ours = settings.load()
logs.configure("json", "web")
migrate(ours)
tell = lambda word: os.write(1, word)
listener = socket.socket(fileno=int(sys.argv[1]))
run(Context(ours, {"http": [listener]}, lambda: tell(b"ready\\n"), lambda: tell(b"alive\\n")))
tell(b"returned\\n")
"""


@pytest.fixture
def process(tmp_path: Path):
    listener = socket.create_server(("127.0.0.1", 0))
    environ = {**os.environ, "SUNNYDAY_DATA": str(tmp_path), "PYTHONPATH": str(Path(__file__).resolve().parents[3])}
    running = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(listener.fileno())],
        env=environ, pass_fds=[listener.fileno()], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    running.port = listener.getsockname()[1]
    listener.close()
    yield running
    running.kill()
    running.communicate()


def test_it_says_when_it_serves_and_that_it_lives_and_returns_on_sigterm(process):
    assert process.stdout.readline() == "ready\n"
    assert [process.stdout.readline() for _ in range(3)] == ["alive\n"] * 3
    kept_alive = http.client.HTTPConnection("127.0.0.1", process.port, timeout=30)
    kept_alive.request("GET", "/api/v1/locations?secret-query=1")
    assert kept_alive.getresponse().status == 401
    os.kill(process.pid, signal.SIGTERM)
    out, log = process.communicate(timeout=30)
    assert process.returncode == 0
    assert out.endswith("returned\n")
    assert "secret-query" not in log
    assert "Traceback" not in log


def begun(port: int, headers: str = "") -> socket.socket:
    """A request whose body is being read, and has more to come."""
    connection = socket.create_connection(("127.0.0.1", port), timeout=30)
    connection.sendall(
        f"POST /api/v1/locations HTTP/1.1\r\nHost: a\r\n{headers}Content-Type: application/json\r\n"
        "Content-Length: 20\r\nExpect: 100-continue\r\n\r\n".encode()
    )
    # The sign that it is waited for (RFC 9110 §10.1.1).
    assert connection.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
    connection.sendall(b"{")
    return connection


def test_a_request_under_way_is_finished_and_a_stuck_one_does_not_hold_the_end_up(process):
    assert process.stdout.readline() == "ready\n"
    threading.Thread(target=process.stdout.read, daemon=True).start()
    half = begun(process.port, "Authorization: Bearer x\r\n")
    stuck = begun(process.port)
    os.kill(process.pid, signal.SIGTERM)
    half.sendall(b'"name":"Toko Maju"}')
    assert half.recv(100).startswith(b"HTTP/1.1 401 ")  # answered after the signal
    assert process.wait(30) == 0  # it is never finished: whoever waits for it waits for ever
    half.close()
    stuck.close()
