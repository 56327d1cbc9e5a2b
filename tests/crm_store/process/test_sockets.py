import os
import socket

import pytest

from crm_store.errors import SettingsError
from crm_store.process.sockets import address_of, listening
from crm_store.settings import load


@pytest.fixture
def listen():
    """Listening sockets by kind, closed with the test."""
    opened = []

    def open_(environ, *kinds):
        by_kind = listening(kinds, load(environ), environ)
        opened.extend(sock for socks in by_kind.values() for sock in socks)
        return by_kind

    yield open_
    for sock in opened:
        sock.close()


def test_each_address_of_a_setting_gets_a_socket(listen):
    environ = {"SUNNYDAY_SMTP_LISTEN": "127.0.0.1:0,[::1]:0", "SUNNYDAY_HTTP_LISTEN": "127.0.0.1:0"}
    by_kind = listen(environ, "smtp", "http", "smtp")
    assert {kind: len(socks) for kind, socks in by_kind.items()} == {"smtp": 2, "http": 1}
    four, six = map(address_of, by_kind["smtp"])
    assert (four.host, six.host) == ("127.0.0.1", "::1")
    assert str(six) == f"[::1]:{six.port}"


def test_sockets_are_made_so_that_asyncio_sets_nodelay(listen):
    (sock,) = listen({"SUNNYDAY_SMTP_LISTEN": "127.0.0.1:0"}, "smtp")["smtp"]
    assert sock.proto == socket.IPPROTO_TCP
    with socket.socket(fileno=os.dup(sock.fileno())) as inherited:
        assert inherited.proto == socket.IPPROTO_TCP


def test_only_what_is_served_is_bound(listen):
    assert list(listen({"SUNNYDAY_SMTP_LISTEN": "127.0.0.1:0"}, "smtp")) == ["smtp"]


@pytest.fixture
def taken_port():
    with socket.create_server(("127.0.0.1", 0)) as other:
        yield other.getsockname()[1]


@pytest.mark.parametrize(
    ("listens", "sentence"),
    [
        pytest.param(
            "127.0.0.1:{taken}", "SUNNYDAY_SMTP_LISTEN=127.0.0.1:{taken}: Address already in use.", id="taken"
        ),
        pytest.param(
            "192.0.2.1:25", "SUNNYDAY_SMTP_LISTEN=192.0.2.1:25: Cannot assign requested address.", id="not ours"
        ),
        pytest.param("a..b:25", "SUNNYDAY_SMTP_LISTEN=a..b:25: not a host name.", id="not a name"),
        pytest.param(",", "SUNNYDAY_SMTP_LISTEN: an address is needed.", id="none"),
    ],
)
def test_a_socket_that_cannot_be_bound_stops_the_start_with_one_sentence(listen, taken_port, listens, sentence):
    with pytest.raises(SettingsError) as raised:
        listen({"SUNNYDAY_SMTP_LISTEN": listens.format(taken=taken_port)}, "smtp")
    assert str(raised.value) == sentence.format(taken=taken_port)


def test_sockets_for_another_process_are_left_alone(listen):
    environ = {"LISTEN_PID": "1", "LISTEN_FDS": "1", "LISTEN_FDNAMES": "smtp", "SUNNYDAY_SMTP_LISTEN": "127.0.0.1:0"}
    (sock,) = listen(environ, "smtp")["smtp"]
    assert sock.fileno() != 3
    assert "LISTEN_FDS" not in environ


def test_an_unknown_socket_from_systemd_is_named(listen):
    environ = {"LISTEN_PID": str(os.getpid()), "LISTEN_FDS": "1", "LISTEN_FDNAMES": "imap"}
    with pytest.raises(SettingsError, match="LISTEN_FDNAMES: 'imap'"):
        listen(environ, "smtp")
