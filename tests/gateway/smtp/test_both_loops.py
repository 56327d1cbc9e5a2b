"""What leans on the event loop: on asyncio's, and on uvloop, which is an extra."""

import asyncio
import sys
from ipaddress import ip_address, ip_network

import pytest

from crm_store.errors import SettingsError
from gateway.smtp.event_loop import loop_factory, name_of
from gateway.smtp.passed_on import PROXY_SIGNATURE
from gateway.smtp.tls_files import TlsFiles

LINE = b"a line of a large mail, with a dot at its\r\n.. beginning\r\n"
LARGE = b"Subject: large\r\n\r\n" + LINE * 12_000
CHUNK = b"Subject: x\r\n\r\n.\r\n"


@pytest.fixture(params=["asyncio", "uvloop"])
def start(request, start_receiver):
    if request.param == "uvloop":
        pytest.importorskip("uvloop")
    return lambda **settings: start_receiver(loop=request.param, **settings)


def test_pipelined_commands_and_chunks(start):
    """RFC 2920, RFC 3030: all at once, over several mails."""
    receiver = start()
    client = receiver.hello()
    begin = b"MAIL FROM:<>\r\nRCPT TO:<ana@capture.test>\r\nRCPT TO:<no@capture.test>\r\n"
    chunks = b"BDAT 9\r\n" + CHUNK[:9] + b"BDAT %d LAST\r\n" % len(CHUNK[9:]) + CHUNK[9:]
    client.send(begin + chunks + begin + b"DATA\r\nNOOP\r\n.\r\n" + b"QUIT\r\n")
    said = [client.reply()[:3] for _ in range(11)]
    assert said == ["250", "250", "550", "250", "250", "250", "250", "550", "354", "250", "221"]
    assert client.is_closed()
    assert [row.body for row in receiver.rows()] == [CHUNK, b"NOOP\r\n"]


def test_large_mails_over_tls_and_in_the_clear(start, certificate):
    receiver = start(tls=TlsFiles(*certificate).context)
    client = receiver.hello()
    assert client.mail("ana@capture.test", text=LARGE).startswith("250 2.0.0")
    client.starttls()
    client.say("EHLO client.test")
    assert client.mail("ana@capture.test", text=LARGE).startswith("250 2.0.0")
    rows = receiver.rows()
    assert [(row.envelope.tls, receiver.text(row)) for row in rows] == [(False, LARGE), (True, LARGE)]


def test_a_mail_over_the_limit_is_read_to_its_end(start):
    receiver = start(max_mail_bytes=10_000)
    client = receiver.hello()
    assert client.mail("ana@capture.test", text=LARGE).startswith("552 5.3.4")
    assert client.mail("ana@capture.test").startswith("250 2.0.0")
    assert receiver.spool_files() == []


def test_who_is_silent_is_sent_away(start):
    client = start(idle_s=0.05).connect()
    assert client.reply().startswith("421 4.4.2")
    assert client.is_closed()


def test_a_proxy_tells_who_it_is(start):
    receiver = start(trusted_proxies=[ip_network("127.0.0.0/8")])
    header = PROXY_SIGNATURE + b"\x21\x11\x00\x0c" + ip_address("192.0.2.7").packed + ip_address("192.0.2.1").packed
    client = receiver.connect(header + bytes(4))
    client.say("EHLO client.test")
    client.mail("ana@capture.test")
    assert [row.envelope.peer for row in receiver.rows()] == ["192.0.2.7"]


def test_stopping_lets_a_mail_under_way_finish(start):
    receiver = start()
    client, idle, gone = receiver.hello(), receiver.hello(), receiver.hello()
    client.say_all("MAIL FROM:<>", "RCPT TO:<ana@capture.test>", "DATA")
    gone.say_all("MAIL FROM:<>", "RCPT TO:<ana@capture.test>", "DATA")
    gone.close()
    receiver.begin_to_stop()
    assert idle.reply().startswith("421 4.3.2")
    client.send(b"to the end\r\n.\r\n")
    assert [client.reply()[:9], client.reply()[:9]] == ["250 2.0.0", "421 4.3.2"]
    receiver.stop()
    assert [row.body for row in receiver.rows()] == [b"to the end\r\n"]


@pytest.mark.parametrize(
    ("choice", "installed", "runs"),
    [
        ("auto", True, "uvloop"),
        ("auto", False, "asyncio"),
        ("asyncio", True, "asyncio"),
        ("uvloop", True, "uvloop"),
        ("uvloop", False, None),
    ],
)
def test_which_loop_runs(monkeypatch, choice, installed, runs):
    if installed:
        pytest.importorskip("uvloop")
    else:
        monkeypatch.setitem(sys.modules, "uvloop", None)
    if runs is None:
        with pytest.raises(SettingsError, match="SUNNYDAY_SMTP_LOOP"):
            loop_factory(choice)
        return
    with asyncio.Runner(loop_factory=loop_factory(choice)) as runner:
        assert name_of(runner.get_loop()) == runs
