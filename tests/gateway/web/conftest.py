"""The real HTTP server on loopback over a fresh database of each kind, and two locations that know nothing of each other."""

import asyncio
import hashlib
import http.client
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from connected_account import SECRET_KEY
from fastapi import FastAPI
from uvicorn import Server

from crm_store import bcc_addresses, locations, members, receiving, tokens, users
from crm_store.blobs.store import BlobStore, blob_store
from crm_store.clock import now_ms
from crm_store.database import engine
from crm_store.database.session import connected
from crm_store.ids import new_receipt_id
from crm_store.locations import LocationSettings
from crm_store.mail.read import read
from crm_store.process.tree import ProcessState, TreeState
from crm_store.receiving import ReceivedMail
from crm_store.rules.original import reading_of
from crm_store.rules.states import Role
from crm_store.settings import Settings, load
from crm_store.users import UserSettings
from gateway.capture.worker import CaptureWorker
from gateway.web.app import make_app
from gateway.web.service import config_of

DOMAIN = "in.example.net"
# A client is set, and nobody is there: what is asked of Google fails at once.
GOOGLE_CLIENT = {
    "SUNNYDAY_GOOGLE_CLIENT_ID": "client.test",
    "SUNNYDAY_GOOGLE_CLIENT_SECRET": "hush",
    **{f"SUNNYDAY_GOOGLE_{name}_URL": "http://127.0.0.1:1" for name in ("TOKEN", "REVOKE", "USERINFO", "GMAIL")},
}


@dataclass(frozen=True)
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def text(self) -> str:
        return self.body.decode()


class Web:
    """One server, and a client of it. Each call has a connection of its own, so threads may call at once."""

    def __init__(self, port: int) -> None:
        self.port = port

    def call(
        self,
        method: str,
        path: str,
        *,
        token: str | None = None,
        body: object = None,
        raw: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """body: sent as JSON; raw: sent as it is. path: under /api/v1 where it begins with a word."""
        said = dict(headers or {})
        if token is not None:
            said.setdefault("Authorization", f"Bearer {token}")
        if body is not None:
            raw = json.dumps(body).encode()
        if raw is not None:
            said.setdefault("Content-Type", "application/json")
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path if path.startswith("/") else f"/api/v1/{path}", raw, said)
            answer = connection.getresponse()
            return Answer(answer.status, answer.headers, answer.read())
        finally:
            connection.close()


@dataclass(frozen=True)
class Person:
    id: int
    email: str
    token: str
    bcc: str


@dataclass(frozen=True)
class Place:
    """A location with an admin and a user."""

    id: int
    admin: Person
    user: Person


@dataclass(frozen=True)
class World:
    """mine: where the tests live. theirs: whose people are strangers there. root: an --admin token of nobody's member."""

    mine: Place
    theirs: Place
    root: str
    root_id: int


@pytest.fixture(params=["sqlite", "postgresql"])
def settings(
    request: pytest.FixtureRequest, tmp_path: Path, empty_database: Callable[[str, Path], dict[str, str]]
) -> Iterator[Settings]:
    """A fresh migrated database that this process speaks to."""
    environ = {"SUNNYDAY_CAPTURE_DOMAINS": DOMAIN, "SUNNYDAY_TRUSTED_RELAYS": "127.0.0.0/8"}
    settings = load({**environ, **empty_database(request.param, tmp_path)})
    engine.configure(settings)
    yield settings
    engine.database.obj.close_all()


@pytest.fixture
def blobs(settings: Settings) -> BlobStore:
    return blob_store(settings)


class Tree:
    """What /readyz is told of the process tree."""

    state: TreeState | None = None

    def __call__(self) -> TreeState | None:
        return self.state


class BlobsNow:
    """The blob store of the test that runs now."""

    store: BlobStore

    def __getattr__(self, name: str) -> Any:
        return getattr(self.store, name)


@pytest.fixture(scope="session")
def server() -> Iterator[tuple[Web, BlobsNow, Tree]]:
    """One for all tests: it speaks to whatever database this process is pointed at."""
    blobs, tree = BlobsNow(), Tree()
    environ = {"SUNNYDAY_CAPTURE_DOMAINS": DOMAIN, "SUNNYDAY_SECRET_KEYS": SECRET_KEY, **GOOGLE_CLIENT}
    with _served(make_app(load(environ), blobs=blobs, read_tree=tree)) as web:
        yield web, blobs, tree


@pytest.fixture
def web(server: tuple[Web, BlobsNow, Tree], blobs: BlobStore) -> Web:
    web, switch, tree = server
    switch.store = blobs
    up = ProcessState(pid=1, ready=True, alive_at_ms=now_ms(), restarts=0)
    tree.state = TreeState(pid=1, ready=True, smtp=(), http=(), services={"receiver": (up, up), "web": (up,)})
    return web


@pytest.fixture
def tree(server: tuple[Web, BlobsNow, Tree]) -> Tree:
    return server[2]


@pytest.fixture
def web_over(settings: Settings) -> Iterator[Callable[[BlobStore], Web]]:
    """web_over(blobs): a server that the test has for itself, over a blob store that behaves in its own way."""
    with ExitStack() as stack:
        yield lambda blobs: stack.enter_context(_served(make_app(settings, blobs=blobs)))


@pytest.fixture(scope="module")
def serve() -> Iterator[Callable[[FastAPI], Web]]:
    """serve(app): a server that the module has for itself, over whatever database this process is pointed at."""
    with ExitStack() as stack:
        yield lambda app: stack.enter_context(_served(app))


@contextmanager
def _served(app: FastAPI) -> Iterator[Web]:
    server = Server(config_of(app))
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    thread = threading.Thread(target=lambda: asyncio.run(server.serve([listener])))
    thread.start()
    deadline = time.monotonic() + 20
    while not server.started:
        assert time.monotonic() < deadline
        assert thread.is_alive()
        time.sleep(0.005)
    yield Web(port)
    server.should_exit = True
    thread.join(20)
    assert not thread.is_alive()


@pytest.fixture
def world(settings: Settings) -> World:
    with connected():
        mine = _place("Jakarta", "ani", "budi")
        theirs = _place("Bandung", "xena", "yuda")
        root = users.add("root@installation.test", UserSettings("Root"), password_hash=None, by=None, now_ms=now_ms())
        token = tokens.create(root.id, installation_admin=True, by=None, now_ms=now_ms())
    return World(mine, theirs, token, root.id)


def _place(name: str, admin: str, user: str) -> Place:
    location = locations.add(LocationSettings(name), by=None, now_ms=now_ms())
    return Place(location.id, _person(location.id, admin, Role.ADMIN), _person(location.id, user, Role.USER))


def _person(location_id: int, name: str, role: Role) -> Person:
    made = users.add(f"{name}@{name}.test", UserSettings(name.title()), password_hash=None, by=None, now_ms=now_ms())
    members.put(location_id, made.id, role, domain=DOMAIN, by=None, now_ms=now_ms())
    token = tokens.create(made.id, installation_admin=False, by=None, now_ms=now_ms())
    shown = bcc_addresses.show(location_id, made.id, now_ms=now_ms())
    assert shown.address is not None
    return Person(made.id, made.email, token, shown.address)


@pytest.fixture
def deliver(settings: Settings, blobs: BlobStore) -> Callable[..., None]:
    """deliver(mail, person, …): as if the mail had come in by SMTP at these people's BCC addresses."""

    def deliver(mail: EmailMessage | bytes, *people: Person) -> None:
        raw = mail if isinstance(mail, bytes) else mail.as_bytes()
        parsed = read(raw)
        received = ReceivedMail(
            intake_id=new_receipt_id(now_ms()),
            received_at_ms=now_ms(),
            envelope_from=parsed.author.address,
            peer="127.0.0.1",
            helo="test",
            recipients=tuple(person.bcc for person in people),
            content=raw,
            size_bytes=len(raw),
            sha256=hashlib.sha256(raw).digest(),
            mail=parsed,
            reading=reading_of(parsed, settings.capture_domains),
        )
        with connected():
            assert receiving.receive([received], blobs, now_ms=now_ms()) == 1
            assert CaptureWorker(settings, blobs).work() == len({person.bcc for person in people})

    return deliver


@pytest.fixture
def a_mail() -> Callable[..., EmailMessage]:
    """a_mail(from_, to, text, …): a plain mail; more headers by name, with _ for -."""

    def make(from_: str, to: str, text: str = "Halo", subject: str = "Penawaran", **headers: str) -> EmailMessage:
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = from_, to, subject
        mail["Date"] = "Mon, 23 Nov 2026 14:00:00 +0700"
        mail["Message-ID"] = f"<{new_receipt_id(now_ms())}@test>"
        for name, value in headers.items():
            del mail[name.replace("_", "-")]
            mail[name.replace("_", "-")] = value
        mail.set_content(text)
        return mail

    return make
