"""A real receiver on loopback, in a thread of its own, and a client that speaks in transcripts."""

import asyncio
import datetime
import ipaddress
import socket
import ssl
import threading
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Literal, NamedTuple

import pytest
import structlog
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from crm_store.errors import StoreUnavailable
from gateway.intake import segment
from gateway.intake.intake import Intake
from gateway.smtp.event_loop import Choice, loop_factory
from gateway.smtp.gate import Gate, GateLimits
from gateway.smtp.handler import CaptureHandler
from gateway.smtp.limits import Limits
from gateway.smtp.options import Options
from gateway.smtp.recipients import RecipientBook
from gateway.smtp.server import SmtpServer
from gateway.smtp.tally import Tally

DOMAIN = "capture.test"
UNLIMITED = GateLimits(60_000, 60_000, 60_000, 60_000, (), 60_000)


class Row(NamedTuple):
    address: str
    answer_until_ms: int | None


@dataclass
class Addresses:
    """An AddressSource in memory. hangs: version() waits for it; down: no answer."""

    changes: list[Row] = field(default_factory=list)
    down: bool = False
    hangs: threading.Event | None = None
    looks: int = 0

    def add(self, local: str, answer_until_ms: int | None = None) -> None:
        self.changes.append(Row(f"{local}@{DOMAIN}", answer_until_ms))

    def version(self) -> int:
        self.looks += 1
        if self.hangs is not None:
            self.hangs.wait(30)
        if self.down:
            raise StoreUnavailable("down")
        return len(self.changes)

    def changes_since(self, version: int, limit: int) -> tuple[list[Row], int]:
        rows = self.changes[version : version + limit]
        return rows, version + len(rows)


class Client:
    """Says lines and returns replies; a reply of several lines comes with newlines."""

    def __init__(self, port: int, first: bytes = b"") -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=20)
        self.socket.sendall(first)
        self._replies = self.socket.makefile("rb")
        self.greeting = self.reply()

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def reply(self) -> str:
        lines = []
        while True:
            line = self._replies.readline().decode().rstrip("\r\n")
            lines.append(line)
            if line[3:4] != "-":
                return "\n".join(lines)

    def say(self, line: str) -> str:
        self.send(line.encode() + b"\r\n")
        return self.reply()

    def say_all(self, *lines: str) -> list[str]:
        return [self.say(line) for line in lines]

    def play(self, transcript: str) -> None:
        """Lines "C: what we say" and "S: how the reply begins"; several C: in a row are sent at once.

        Escapes as in Python's bytes."""
        expected: list[str] = []
        said = b""
        for line in transcript.strip().splitlines():
            who, _, words = line.strip().partition(" ")
            if not who:
                continue
            if who == "C:":
                said += words.encode().decode("unicode_escape").encode("latin-1") + b"\r\n"
                continue
            self.send(said)
            said = b""
            expected.append(words)
            if words[3:4] != "-":
                reply = self.reply().split("\n")
                assert [a[: len(b)] for a, b in zip(reply, expected, strict=True)] == expected, transcript
                expected = []
        self.send(said)

    def mail(
        self, *recipients: str, text: bytes = b"Subject: x\r\n\r\nhello\r\n", sender: str = "ana@sender.test"
    ) -> str:
        """A whole transaction; the reply to its final dot. text ends with a line's end."""
        assert text.endswith(b"\r\n")
        assert self.say(f"MAIL FROM:<{sender}>").startswith("250 ")
        for recipient in recipients:
            assert self.say(f"RCPT TO:<{recipient}>").startswith("250 ")
        assert self.say("DATA").startswith("354 ")
        self.send(text.replace(b"\r\n.", b"\r\n..") + b".\r\n")
        return self.reply()

    def starttls(self) -> None:
        assert self.say("STARTTLS").startswith("220 ")
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        self._replies.close()
        self.socket = context.wrap_socket(self.socket)
        self._replies = self.socket.makefile("rb")

    def is_closed(self) -> bool:
        try:
            return self._replies.readline() == b""
        except ConnectionError:
            return True

    def close(self) -> None:
        self._replies.close()
        self.socket.close()


class Receiver:
    """A server in its own thread and loop. Handler and intake may be replaced by subclasses in tests."""

    def __init__(
        self,
        folder: Path,
        max_mail_bytes: int = 1_000_000,
        tls: ssl.SSLContext | None = None,
        check_limit_s: float = 2,
        intake: Callable[[Path, int], Intake] = Intake,
        gate_limits: GateLimits = UNLIMITED,
        trusted_proxies: Sequence[IPv4Network | IPv6Network] = (),
        proxies_speak: Literal["either", "proxy", "xclient"] = "either",
        loop: Choice = "asyncio",
        **limits: int | float,
    ) -> None:
        self.folder = folder / "intake"
        self.addresses = Addresses()
        self.addresses.add("ana")
        self._make_intake = lambda: intake(self.folder, max_mail_bytes)
        self._check_limit_s = check_limit_s
        tally = Tally(self.folder, self.folder / "acceptors" / "none")
        self.minute = 0
        self.gate = Gate(gate_limits, tally, lambda: self.minute)
        told = Limits(max_mail_bytes, **limits)  # type: ignore[arg-type]  # ints for ints
        self._options = Options("mx.test", told, self.gate, tls, trusted_proxies, proxies_speak)
        self.refusals = self._options.refusals
        self._listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        self._listener.bind(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._begun = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(loop,))
        self._thread.start()
        assert self._begun.wait(30)
        self._clients = ExitStack()

    def _run(self, loop: Choice) -> None:
        with asyncio.Runner(loop_factory=loop_factory(loop)) as runner:
            runner.run(self._serve())

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._stop = asyncio.Event()
        self.intake = self._make_intake()
        book = RecipientBook(self.addresses, self._check_limit_s)
        self.server = SmtpServer(CaptureHandler([DOMAIN], book, self.intake, self._options.limits), self._options)
        await self.server.start([self._listener])
        self._begun.set()
        await self._stop.wait()
        await self.server.stop(3)
        await self.intake.close()
        book.close()

    def connect(self, first: bytes = b"") -> Client:
        """Before EHLO. first: what the client sends before it is greeted."""
        client = Client(self.port, first)
        self._clients.callback(client.close)
        return client

    def hello(self) -> Client:
        client = self.connect()
        client.say("EHLO client.test")
        return client

    def each_row(self) -> Iterator[segment.IntakeRow]:
        """All that is on disk, with one segment at a time in memory."""
        for acceptor in segment.acceptors(self.folder):
            for path in segment.segments(acceptor):
                yield from segment.read_rows(path, 0, 1_000_000)

    def rows(self) -> list[segment.IntakeRow]:
        return list(self.each_row())

    def tasks(self) -> int:
        """That run in its loop."""
        return len(asyncio.all_tasks(self._loop))

    def text(self, row: segment.IntakeRow) -> bytes:
        if row.body is not None:
            return row.body
        assert row.spool is not None
        return segment.spool_path(self.intake.acceptor_folder, row.spool).read_bytes()

    def in_loop(self, play: Callable[[], None]) -> None:
        """Have something done between two steps of its loop."""
        done = threading.Event()
        self._loop.call_soon_threadsafe(lambda: (play(), done.set()))
        assert done.wait(30)

    def run(self, play: Coroutine[None, None, None]) -> None:
        """Have something awaited in its loop."""
        asyncio.run_coroutine_threadsafe(play, self._loop).result(30)

    def let_pass(self, seconds: float) -> None:
        """For its loop's clock, and for all timers on it; nobody waits."""

        def shift() -> None:
            before = self._loop.time
            self._loop.time = lambda: before() + seconds  # type: ignore[method-assign]  # that is the point

        self.in_loop(shift)

    def spool_files(self) -> list[str]:
        return [path.name for a in segment.acceptors(self.folder) for path in segment.spool_folder(a).iterdir()]

    def begin_to_stop(self) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)

    def stop(self) -> None:
        """SIGTERM's way; once more is harmless."""
        if self._thread.is_alive():
            self.begin_to_stop()
            self._thread.join(30)
        assert not self._thread.is_alive()

    def close(self) -> None:
        self._clients.close()
        self.stop()


@pytest.fixture(autouse=True)
def _plain_logs() -> None:
    """structlog's way before logs.configure() renders each traceback with all its variables: seconds for each."""
    structlog.configure(processors=[structlog.processors.format_exc_info, structlog.processors.JSONRenderer()])


@pytest.fixture
def start_receiver(tmp_path: Path) -> Iterator[Callable[..., Receiver]]:
    """Starts receivers with other settings than the usual ones."""
    with ExitStack() as started:

        def start(**settings: object) -> Receiver:
            receiver = Receiver(tmp_path, **settings)  # type: ignore[arg-type]
            started.callback(receiver.close)
            return receiver

        yield start


@pytest.fixture
def receiver(start_receiver: Callable[..., Receiver]) -> Receiver:
    return start_receiver()


@pytest.fixture
def client(receiver: Receiver) -> Client:
    return receiver.hello()


def make_certificate(folder: Path) -> tuple[Path, Path]:
    """Paths of a certificate and its key, for 127.0.0.1."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "mx.test")])
    begin = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), 1, begin, begin.replace(year=2040))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return folder / "cert.pem", folder / "key.pem"


@pytest.fixture(name="make_certificate")
def make_certificate_fixture() -> Callable[[Path], tuple[Path, Path]]:
    return make_certificate


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return make_certificate(tmp_path_factory.mktemp("certificate"))
