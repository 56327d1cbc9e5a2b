"""A proxy in front: its word on an address is taken, once, from trusted networks alone, and vouches for nobody."""

import struct
from ipaddress import ip_address, ip_network

import pytest

from gateway.smtp import passed_on, proxy_header

LOOPBACK = (ip_network("127.0.0.0/8"),)


def proxy_v2(source: str, command: int = 0x21, family: int | None = None, extra: bytes = b"") -> bytes:
    packed = ip_address(source).packed
    body = packed + packed[::-1] + struct.pack("!2H", 4711, 25) + extra
    if family is None:
        family = 0x11 if len(packed) == 4 else 0x21
    return passed_on.PROXY_SIGNATURE + bytes([command, family]) + struct.pack("!H", len(body)) + body


@pytest.fixture
def receiver(start_receiver):
    return start_receiver(trusted_proxies=LOOPBACK)


@pytest.fixture
def soon(monkeypatch):
    """Who says XCLIENT waits for the greeting, which waits for a PROXY header that never comes."""
    monkeypatch.setattr(proxy_header, "_WAIT_S", 0.01)


def peers(receiver):
    return [(row.envelope.peer, row.envelope.helo) for row in receiver.rows()]


@pytest.mark.parametrize(
    ("header", "peer"),
    [
        pytest.param(proxy_v2("192.0.2.7"), "192.0.2.7", id="IPv4"),
        pytest.param(proxy_v2("2001:db8::7"), "2001:db8::7", id="IPv6"),
        pytest.param(proxy_v2("::ffff:192.0.2.7"), "192.0.2.7", id="IPv4 in IPv6"),
        pytest.param(proxy_v2("192.0.2.7", extra=b"\x20\0\x05abcde"), "192.0.2.7", id="with TLVs"),
        pytest.param(proxy_v2("192.0.2.7", command=0x20), "127.0.0.1", id="LOCAL: a health check"),
        pytest.param(proxy_v2("192.0.2.7", family=0), "127.0.0.1", id="the proxy does not know"),
    ],
)
def test_proxy_v2(receiver, header, peer):
    client = receiver.connect(header)
    assert client.greeting.startswith("220 ")
    client.say("EHLO client.test")
    client.mail("ana@capture.test")
    assert peers(receiver) == [(peer, "client.test")]


@pytest.mark.parametrize(
    "header",
    [
        pytest.param(proxy_v2("192.0.2.7", command=0x31), id="version 3"),
        pytest.param(proxy_v2("192.0.2.7")[:14] + b"\xff\xff", id="endless"),
        pytest.param(proxy_v2("192.0.2.7")[:14] + b"\0\x04abcd", id="too short"),
    ],
)
def test_a_broken_header_ends_the_connection(receiver, header):
    client = receiver.connect(header)
    assert client.greeting == ""
    assert client.is_closed()


def test_a_header_from_anybody_else_is_no_header(start_receiver):
    client = start_receiver().connect(proxy_v2("192.0.2.7"))
    said = [client.reply() for _ in range(4)]
    assert (client.greeting[:3], [reply[:3] for reply in said]) == ("220", ["500", "500", "500", "221"])
    assert client.is_closed()


def test_a_client_behind_a_proxy_is_not_the_proxy(receiver):
    client = receiver.connect(proxy_v2("192.0.2.7"))
    assert "XCLIENT" not in client.say("EHLO client.test")
    assert client.say("XCLIENT ADDR=198.51.100.1").startswith("502 5.5.1")
    assert client.say("XFORWARD ADDR=198.51.100.1").startswith("502 5.5.1")


@pytest.mark.parametrize(
    ("line", "reply", "told"),
    [
        pytest.param("XCLIENT ADDR=192.0.2.7 HELO=far.test", "220 mx.test", ("192.0.2.7", "far.test"), id="IPv4"),
        pytest.param("xclient addr=IPV6:2001:db8::7", "220 mx.test", ("2001:db8::7", "front.test"), id="IPv6"),
        pytest.param("XCLIENT ADDR=192.0.2.7 HELO=a+2Bb", "220 mx.test", ("192.0.2.7", "a+b"), id="xtext"),
        pytest.param("XCLIENT NAME=x ADDR=[UNAVAILABLE]", "220 mx.test", ("", "front.test"), id="not known"),
        pytest.param("XCLIENT LOGIN=ana ADDR=192.0.2.7", "220 mx.test", ("192.0.2.7", "front.test"), id="no voucher"),
        pytest.param("XFORWARD ADDR=192.0.2.7 HELO=far.test", "250 2.0.0", ("192.0.2.7", "far.test"), id="XFORWARD"),
        pytest.param("XFORWARD SOURCE=LOCAL", "250 2.0.0", ("", "front.test"), id="made by the front itself"),
        pytest.param("XCLIENT ADDR=nowhere", "501 5.5.4", ("127.0.0.1", "front.test"), id="no address"),
        pytest.param("XCLIENT", "501 5.5.4", ("127.0.0.1", "front.test"), id="nothing"),
        pytest.param("XCLIENT COLOUR=red", "501 5.5.4", ("127.0.0.1", "front.test"), id="unknown"),
    ],
)
def test_xclient_and_xforward(soon, receiver, line, reply, told):
    client = receiver.connect()
    assert "XCLIENT NAME ADDR" in client.say("EHLO front.test")
    assert client.say(line).startswith(reply)
    if reply.startswith("220"):
        assert client.say("MAIL FROM:<>").startswith("503 5.5.1")  # the session begins anew
        assert "XCLIENT" not in client.say("EHLO front.test")
    client.mail("ana@capture.test")
    assert peers(receiver) == [told]


def test_xforward_holds_for_one_mail_and_comes_in_pieces(soon, receiver):
    client = receiver.connect()
    client.say_all("EHLO front.test", "XFORWARD ADDR=192.0.2.7", "XFORWARD HELO=far.test")
    client.mail("ana@capture.test")
    client.mail("ana@capture.test")
    assert peers(receiver) == [("192.0.2.7", "far.test"), ("127.0.0.1", "front.test")]


def test_xclient_from_anybody_else_is_not_offered(start_receiver):
    client = start_receiver().hello()
    assert client.say("XCLIENT ADDR=192.0.2.7").startswith("502 5.5.1")
    assert client.say("XFORWARD ADDR=192.0.2.7").startswith("502 5.5.1")


def test_xclient_does_not_come_in_a_mail(soon, receiver):
    client = receiver.connect()
    client.say_all("EHLO front.test", "MAIL FROM:<>")
    assert client.say("XCLIENT ADDR=192.0.2.7").startswith("503 5.5.1")


def test_a_front_that_is_known_to_say_xclient_is_greeted_at_once(start_receiver, monkeypatch):
    monkeypatch.setattr(proxy_header, "_WAIT_S", 3600)
    receiver = start_receiver(trusted_proxies=LOOPBACK, proxies_speak="xclient")
    client = receiver.hello()
    assert client.say("XCLIENT ADDR=192.0.2.7 HELO=client.test").startswith("220 ")
    client.say("EHLO front.test")
    client.mail("ana@capture.test")
    assert peers(receiver) == [("192.0.2.7", "client.test")]


def test_a_front_that_is_known_to_say_proxy_is_waited_for_and_says_no_xclient(start_receiver, monkeypatch):
    monkeypatch.setattr(proxy_header, "_WAIT_S", 0)
    receiver = start_receiver(trusted_proxies=LOOPBACK, proxies_speak="proxy")
    client = receiver.connect(proxy_v2("192.0.2.7", command=0x20))
    assert "XCLIENT" not in client.say("EHLO client.test")
    assert client.say("XCLIENT ADDR=192.0.2.8").startswith("502 ")
    client.mail("ana@capture.test")
    assert peers(receiver) == [("127.0.0.1", "client.test")]


def test_without_its_header_nobody_speaks_over_such_a_front(start_receiver, monkeypatch):
    monkeypatch.setattr(proxy_header, "_BODY_S", 0.05)
    receiver = start_receiver(trusted_proxies=LOOPBACK, proxies_speak="proxy")
    for first in (b"", b"EHLO client.test\r\nMAIL FROM:<ana@sender.test>\r\n"):
        assert receiver.connect(first).greeting == ""
