"""A resolver on the tests' DNS server, certificates, and servers that greet."""

import asyncio
import datetime
import socket
import threading
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from dns_server import DnsServer

from gateway.doctor.asking import Ask
from gateway.sender_auth.resolver import Limits, Resolver

T = TypeVar("T")
TODAY = datetime.datetime(2026, 11, 23, tzinfo=datetime.UTC)


@pytest.fixture
def today() -> datetime.datetime:
    return TODAY


@pytest.fixture
def asked(dns_server: DnsServer) -> Callable[[Callable[[Ask], Awaitable[T]]], T]:
    """asked(lambda ask: …): what a check that asks the tests' DNS server gives."""

    def run(check: Callable[[Ask], Awaitable[T]]) -> T:
        async def with_resolver() -> T:
            return await check(Resolver(dns_server.address, limits=Limits(question_s=1, attempt_s=0.5)).ask)

        return asyncio.run(with_resolver())

    return run


class Pair(NamedTuple):
    """A certificate's file and its key's."""

    cert: Path
    key: Path


@pytest.fixture
def make_certificate(tmp_path: Path) -> Callable[..., Pair]:
    """make_certificate("mx.example", days=90): signed by an authority whose certificate is in the file, too.

    begins, days: from TODAY. alone: without the authority's. by_itself: signed with its own key."""
    authority_key = ec.generate_private_key(ec.SECP256R1())
    made = 0

    def make(
        *names: str,
        begins: int = -30,
        days: int = 60,
        alone: bool = False,
        by_itself: bool = False,
        password: bytes = b"",
    ) -> Pair:
        nonlocal made
        made += 1
        key = ec.generate_private_key(ec.SECP256R1())
        ours = _name("ours")
        issuer, issuer_key = (ours, key) if by_itself else (_name("authority"), authority_key)
        leaf = _certificate(ours, issuer, key.public_key(), issuer_key, begins, days, names)
        authority = _certificate(_name("authority"), _name("root"), authority_key.public_key(), authority_key, -99, 999)
        chain = [leaf] if alone or by_itself else [leaf, authority]
        pair = Pair(tmp_path / f"{made}.cert.pem", tmp_path / f"{made}.key.pem")
        pair.cert.write_bytes(b"".join(one.public_bytes(serialization.Encoding.PEM) for one in chain))
        lock = serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
        pair.key.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, lock))
        return pair

    return make


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, common)])


def _certificate(
    subject: x509.Name, issuer: x509.Name, key: Any, issuer_key: Any, begins: int, days: int, names: Sequence[str] = ()
) -> x509.Certificate:
    begin, end = TODAY + datetime.timedelta(days=begins), TODAY + datetime.timedelta(days=days)
    builder = x509.CertificateBuilder(issuer, subject, key, x509.random_serial_number(), begin, end)
    if names:
        alternative = x509.SubjectAlternativeName([x509.DNSName(name) for name in names])
        builder = builder.add_extension(alternative, critical=False)
    return builder.sign(issuer_key, hashes.SHA256())


class Greeter:
    """Servers at one port of several loopback addresses; each says one thing to whoever comes, and waits."""

    def __init__(self) -> None:
        self._stack = ExitStack()
        self.port = 0

    def start(self, address: str, says: bytes) -> None:
        server = self._stack.enter_context(socket.create_server((address, self.port)))
        self.port = server.getsockname()[1]
        threading.Thread(target=self._serve, args=(server, says), daemon=True).start()

    def _serve(self, server: socket.socket, says: bytes) -> None:
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            self._stack.callback(connection.close)
            if says:
                connection.sendall(says)

    def close(self) -> None:
        self._stack.close()


@pytest.fixture
def greeter() -> Iterator[Greeter]:
    greeter = Greeter()
    yield greeter
    greeter.close()
